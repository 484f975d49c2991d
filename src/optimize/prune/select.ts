import { InputError } from '../../base/index.ts';
import type { Block } from './blocks.ts';
import type { Unit } from './units.ts';

export interface PruneOptions {
  /** Share of the prunable channels that go, 0..1 (below 1). */
  readonly ratio: number;
  /** `global` ranks all layers together, so that layers with much redundancy give more; `layer` takes the same of each. */
  readonly scope: 'global' | 'layer';
  /** Kept counts are multiples of it: vector units and tensor cores work on 8 channels at a time. */
  readonly multiple: number;
  /** Most that one layer may lose under `global`. */
  readonly maxPerLayer: number;
}

export const defaultPruneOptions: PruneOptions = {
  ratio: 0.5,
  scope: 'global',
  multiple: 8,
  maxPerLayer: 0.8,
};

export function checkRatio(ratio: number): void {
  if (ratio >= 0 && ratio < 1) return;
  throw new InputError(
    'prune-ratio',
    `A pruning ratio of ${ratio} would leave no channel.`,
    'Give the share that is removed, at least 0 and below 1, e.g. 0.5.',
  );
}

/** The units to remove. A block keeps at least one multiple; blocks that are smaller than two stay whole. */
export function selectUnits(
  blocks: readonly Block[],
  scores: ReadonlyMap<Unit, number>,
  options: PruneOptions,
): Set<Unit> {
  checkRatio(options.ratio);
  const prunable = blocks.filter((block) => block.reason === undefined);
  const ranked = prunable.map((block) => rank(block, scores));
  const wanted = options.scope === 'layer' ? ranked.map((units) => units.length * options.ratio) : [];
  if (options.scope === 'global') {
    const all = ranked.flat().sort((a, b) => a.score - b.score);
    const removed = new Set(all.slice(0, Math.round(all.length * options.ratio)).map(({ unit }) => unit));
    for (const units of ranked) {
      const count = units.filter(({ unit }) => removed.has(unit)).length;
      wanted.push(Math.min(count, units.length * options.maxPerLayer));
    }
  }
  const gone = new Set<Unit>();
  ranked.forEach((units, i) => {
    const kept = keptCount(units.length, wanted[i] ?? 0, options.multiple);
    for (const { unit } of units.slice(0, units.length - kept)) gone.add(unit);
  });
  return gone;
}

function keptCount(channels: number, removed: number, multiple: number): number {
  if (channels <= multiple) return channels;
  const kept = Math.round((channels - removed) / multiple) * multiple;
  return Math.min(channels, Math.max(multiple, kept));
}

/** Least important first; scores relative to the block's mean, so that layers of other scale can be compared. */
function rank(block: Block, scores: ReadonlyMap<Unit, number>): { unit: Unit; score: number }[] {
  const raw = block.units.map((unit) => scores.get(unit) ?? 0);
  const mean = raw.reduce((sum, score) => sum + score, 0) / raw.length || 1;
  return block.units
    .map((unit, i) => ({ unit, score: (raw[i] ?? 0) / mean }))
    .sort((a, b) => a.score - b.score);
}

/**
 * Ratio after each round, rising along 1 - (1 - t)^3: much early, while there is redundancy, little at the end (Zhu and
 * Gupta, "To prune, or not to prune", 2017).
 */
export function polynomialSchedule(ratio: number, rounds: number): number[] {
  checkRatio(ratio);
  return Array.from({ length: rounds }, (_, i) => ratio * (1 - (1 - (i + 1) / rounds) ** 3));
}
