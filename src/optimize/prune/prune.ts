import type { Progress, SampleSet } from '../calibrate/samples.ts';
import type { Graph } from '../onnx/graph.ts';
import { cloneGraph } from '../onnx/load.ts';
import type { GraphRunner } from '../runner.ts';
import { removeUnits } from './apply.ts';
import { type ChannelEnergy, findBlocks, type Importance, scoreUnits } from './blocks.ts';
import { ChannelMap } from './channels.ts';
import { channelEnergy } from './energy.ts';
import { weightedLayer } from './layers.ts';
import { refit } from './refit.ts';
import { checkRatio, defaultPruneOptions, type PruneOptions, selectUnits } from './select.ts';
import { shapesOf } from './shapes.ts';
import { gatherShuffles } from './shuffles.ts';

export interface PruneSettings {
  readonly options: PruneOptions;
  readonly importance: Importance;
  readonly rounds: number;
  readonly refit: boolean;
}

export const defaultPruneSettings: PruneSettings = {
  options: defaultPruneOptions,
  importance: 'l1',
  rounds: 1,
  refit: true,
};

export interface PruneReport {
  /** Channels of the layers that can be pruned, before and after. */
  readonly before: number;
  readonly after: number;
  /** Layers that stay whole, each with its reason. */
  readonly kept: readonly { readonly layer: string; readonly channels: number; readonly reason: string }[];
  /** Output channels of every layer with weights in the pruned graph. */
  readonly channels: Readonly<Record<string, number>>;
}

export interface Pruned {
  readonly graph: Graph;
  readonly report: PruneReport;
}

/**
 * Prunes in rounds along the polynomial schedule; importance is measured anew in each, and the layers behind a pruned
 * one are refitted, so that the next round judges a network that works.
 */
export async function pruneGraph(
  graph: Graph,
  settings: PruneSettings,
  runner: GraphRunner,
  samples: SampleSet,
  progress: Progress,
): Promise<Pruned> {
  const { options, rounds } = settings;
  checkRatio(options.ratio);
  let current = cloneGraph(graph);
  gatherShuffles(current, await shapesOf(current, runner));
  const follow = async (followed: Graph) => new ChannelMap(followed, await shapesOf(followed, runner));
  const first = findBlocks(current, await follow(current));
  const before = prunableChannels(first);
  for (let round = 0; round < rounds; round += 1) {
    // Share of the original that is left after this round, as a share of what is left now.
    const left = 1 - options.ratio * (1 - (1 - (round + 1) / rounds) ** 3);
    const map = await follow(current);
    const blocks = findBlocks(current, map);
    const prunable = prunableChannels(blocks);
    // Nothing can go: the report names the reasons.
    if (prunable === 0) break;
    const ratio = Math.max(0, 1 - (left * before) / prunable);
    const energy: ChannelEnergy =
      settings.importance === 'statistics'
        ? await channelEnergy(current, runner, samples, progress)
        : new Map();
    const scores = scoreUnits(current, map, settings.importance, energy);
    const gone = selectUnits(blocks, scores, { ...options, ratio });
    if (gone.size === 0) continue;
    const pruned = removeUnits(current, map, gone);
    current = settings.refit ? await refit(current, map, gone, pruned, runner, samples, progress) : pruned;
  }
  const last = findBlocks(current, await follow(current));
  return { graph: current, report: reportOf(current, first, last) };
}

function prunableChannels(blocks: ReturnType<typeof findBlocks>): number {
  return blocks.reduce((sum, block) => sum + (block.reason === undefined ? block.units.length : 0), 0);
}

function reportOf(
  graph: Graph,
  first: ReturnType<typeof findBlocks>,
  last: ReturnType<typeof findBlocks>,
): PruneReport {
  const channels: Record<string, number> = {};
  for (const node of graph.nodes) {
    const layer = weightedLayer(graph, node);
    if (layer !== undefined)
      channels[node.name || node.output[0] || ''] = Number(layer.weight.dims[layer.outputAxis] ?? 0n);
  }
  return {
    before: prunableChannels(first),
    after: prunableChannels(last),
    kept: first.flatMap(({ name, units, reason }) =>
      reason === undefined ? [] : [{ layer: name, channels: units.length, reason }],
    ),
    channels,
  };
}
