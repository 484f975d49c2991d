import type { BlockKey, GateBlock, GateSubject } from './gate.ts';

/** One metric of one subject on a grid of blocks; a block that is missing or left out has no weight. */
export interface Series {
  readonly subject: GateSubject;
  readonly value: Float64Array;
  readonly weight: Float64Array;
  /** Blocks from here on are after the change; those that `settle` leaves out have no weight. `value.length`: none is. */
  readonly changed: number;
}

/** Older blocks say nothing of today. */
const mostDays = 28;
const minuteMs = 60_000;

export interface GridOptions {
  readonly blockMinutes: number;
  readonly settleMinutes: number;
}

/** Undefined where the subject never sent the metric. `nowMs`: end of the newest block of all subjects. */
export function seriesOf(
  subject: GateSubject,
  key: BlockKey,
  { blockMinutes, settleMinutes }: GridOptions,
  nowMs: number,
): Series | undefined {
  const blockMs = blockMinutes * minuteMs;
  const end = Math.floor(nowMs / blockMs);
  const has = subject.blocks.filter((block) => usable(block, key));
  const first = has[0];
  if (first === undefined) return undefined;
  const begin = Math.max(
    Math.floor(first.startMs / blockMs),
    end - Math.ceil((mostDays * 1440) / blockMinutes),
  );
  const length = Math.max(0, end - begin);
  const value = new Float64Array(length);
  const weight = new Float64Array(length);
  for (const block of has) {
    const at = Math.floor(block.startMs / blockMs) - begin;
    if (at < 0 || at >= length || leftOut(block, subject, blockMs, settleMinutes * minuteMs)) continue;
    const measured = block.values[key]!;
    const sum = value[at]! * weight[at]! + measured.value * measured.weight;
    weight[at]! += measured.weight;
    value[at] = sum / weight[at]!;
  }
  if (!weight.some((one) => one > 0)) return undefined;
  const { changedMs } = subject;
  const changed = changedMs === undefined ? length : Math.floor(changedMs / blockMs) - begin;
  return { subject, value, weight, changed: Math.min(length, Math.max(0, changed)) };
}

function usable({ startMs, values }: GateBlock, key: BlockKey): boolean {
  const measured = values[key];
  return (
    measured !== undefined &&
    Number.isFinite(startMs) &&
    Number.isFinite(measured.value) &&
    Number.isFinite(measured.weight) &&
    measured.value >= 0 &&
    measured.weight > 0
  );
}

/** The minutes after a change, and after everything that disturbed it: an engine that warms up says nothing of its model. */
function leftOut({ startMs }: GateBlock, subject: GateSubject, blockMs: number, settleMs: number): boolean {
  const { changedMs, disturbedMs = [] } = subject;
  const changes = changedMs === undefined ? disturbedMs : [changedMs, ...disturbedMs];
  return changes.some((atMs) => startMs + blockMs > atMs && startMs < atMs + settleMs);
}

/** Blocks with a value, from `from` to before `to`. */
export function countBlocks({ weight }: Series, from: number, to: number): number {
  let count = 0;
  for (let at = Math.max(0, from); at < Math.min(weight.length, to); at++) if (weight[at]! > 0) count++;
  return count;
}
