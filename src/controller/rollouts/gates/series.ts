import type { BlockKey, GateSubject, Measured } from './gate.ts';

/** One metric of one subject on a grid of blocks; a block that is missing or left out has no weight. */
export interface Series {
  readonly subject: GateSubject;
  readonly value: Float64Array;
  readonly weight: Float64Array;
  /** Blocks from here on are no more before the change. `value.length`: none is. */
  readonly changed: number;
  /** So many of them are left out, then it is after the change. */
  readonly settle: number;
  /** Before this nothing was changed. It is `changed`, but for a window that begins later. */
  readonly usual: number;
}

/** Before the change. Older blocks say nothing of today. */
const mostDays = 28;
const minuteMs = 60_000;

export interface GridOptions {
  readonly blockMinutes: number;
  readonly settleMinutes: number;
}

/** All metrics of a subject that `wanted` names, in one reading of its blocks. `nowMs`: end of the newest block of all. */
export function seriesOf(
  subject: GateSubject,
  wanted: (key: string) => boolean,
  { blockMinutes, settleMinutes }: GridOptions,
  nowMs: number,
): ReadonlyMap<string, Series> {
  const blockMs = blockMinutes * minuteMs;
  const end = Math.floor(nowMs / blockMs);
  const { changedMs } = subject;
  const oldest = Math.floor(Math.min(nowMs, changedMs ?? nowMs) / blockMs) - (mostDays * 1440) / blockMinutes;
  const begin = Math.max(Math.ceil(oldest), Math.floor((firstStart(subject) ?? nowMs) / blockMs));
  const length = Math.max(0, end - begin);
  const beforeMs = Math.min(
    changedMs ?? Number.POSITIVE_INFINITY,
    subject.beforeMs ?? Number.POSITIVE_INFINITY,
  );
  const at = changedMs === undefined ? length : Math.floor(beforeMs / blockMs) - begin;
  const changed = Math.min(length, Math.max(0, at));
  const after =
    changedMs === undefined ? length : Math.ceil(changedMs / blockMs + settleMinutes / blockMinutes) - begin;
  const settle = Math.max(0, after - changed);
  const leftOut = leavesOut(subject, blockMs, settleMinutes * minuteMs);
  const found = new Map<string, Series>();
  for (const block of subject.blocks) {
    const at = Math.floor(block.startMs / blockMs) - begin;
    if (!(at >= 0 && at < length) || leftOut(block.startMs)) continue;
    for (const key in block.values) {
      const measured = block.values[key as BlockKey];
      if (measured === undefined || !usable(measured) || !wanted(key)) continue;
      let series = found.get(key);
      if (series === undefined) {
        const [value, weight] = [new Float64Array(length), new Float64Array(length)];
        series = { subject, value, weight, changed, settle, usual: changed };
        found.set(key, series);
      }
      const { value, weight } = series;
      const before = weight[at]!;
      weight[at] = before + measured.weight;
      value[at] = (value[at]! * before + measured.value * measured.weight) / weight[at]!;
    }
  }
  return found;
}

function firstStart({ blocks }: GateSubject): number | undefined {
  return blocks.find(({ startMs }) => Number.isFinite(startMs))?.startMs;
}

function usable({ value, weight }: Measured): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY && weight > 0 && weight < Number.POSITIVE_INFINITY;
}

/** The minutes after a change, and after everything that disturbed it: an engine that warms up says nothing of its model. */
function leavesOut(
  { changedMs, beforeMs = changedMs, disturbedMs = [] }: GateSubject,
  blockMs: number,
  settleMs: number,
): (startMs: number) => boolean {
  const spans = disturbedMs.map((atMs) => [atMs, atMs + settleMs] as const);
  if (changedMs !== undefined) spans.push([Math.min(beforeMs!, changedMs), changedMs + settleMs]);
  return (startMs) => {
    for (const [fromMs, toMs] of spans) if (startMs + blockMs > fromMs && startMs < toMs) return true;
    return false;
  };
}

/** Blocks with a value, from `from` to before `to`. */
export function countBlocks({ weight }: Series, from: number, to: number): number {
  let count = 0;
  for (let at = Math.max(0, from); at < Math.min(weight.length, to); at++) if (weight[at]! > 0) count++;
  return count;
}
