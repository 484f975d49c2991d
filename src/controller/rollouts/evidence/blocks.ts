import { type GateMetricRow, gateMetricTable, type MetricSeries } from '../../../api/index.ts';
import { metricNames } from '../../../protocol/index.ts';
import type { BlockKey, GateBlock, Measured } from '../gates/index.ts';

/** What one device sent, by name of the metric, in steps of one block; times are the device's. */
export type DeviceSeries = ReadonlyMap<string, readonly MetricSeries[]>;

export interface DeviceEvent {
  readonly timeMs: number;
}

export interface BlockOptions {
  readonly blockMs: number;
  /** The controller's clock minus the device's. */
  readonly clockMs: number;
  /** Whichever slot serves a camera; otherwise what `main` saw. */
  readonly anySlot?: boolean;
}

/** The metrics that are asked for. */
export const cameraMetrics = [
  metricNames.processed,
  metricNames.detections,
  metricNames.classDetections,
  metricNames.driftScore,
  metricNames.driftAlarms,
  metricNames.targetKeptSeconds,
  metricNames.targetMissedSeconds,
  ...readOf('camera').map(({ name }) => name),
];
export const deviceMetrics = [metricNames.knownAnswers, ...readOf('device').map(({ name }) => name)];

/** Rows of gate metrics whose blocks are those of one metric of a device. */
function readOf(of: GateMetricRow['of']) {
  return Object.entries<GateMetricRow>(gateMetricTable).flatMap(([key, row]) =>
    row.of === of && row.reads !== undefined
      ? [{ key: key as BlockKey, name: row.reads[0], how: row.reads[1] }]
      : [],
  );
}

class Blocks {
  readonly #blockMs: number;
  readonly #clockMs: number;
  readonly #values = new Map<number, Partial<Record<BlockKey, Measured>>>();

  constructor({ blockMs, clockMs }: BlockOptions) {
    this.#blockMs = blockMs;
    this.#clockMs = clockMs;
  }

  put(timeMs: number, key: BlockKey, value: number, weight: number): void {
    if (!Number.isFinite(value) || !(weight > 0)) return;
    // The middle of the step decides: its edges are the device's.
    const at = Math.floor((timeMs + this.#clockMs + this.#blockMs / 2) / this.#blockMs);
    let values = this.#values.get(at);
    if (values === undefined) {
      values = {};
      this.#values.set(at, values);
    }
    const known = values[key];
    const total = (known?.weight ?? 0) + weight;
    values[key] = {
      value: ((known?.value ?? 0) * (known?.weight ?? 0) + value * weight) / total,
      weight: total,
    };
  }

  sorted(): GateBlock[] {
    return [...this.#values]
      .sort(([a], [b]) => a - b)
      .map(([at, values]) => ({ startMs: at * this.#blockMs, values }));
  }
}

/** Of one camera. */
export function cameraBlocks(device: DeviceSeries, camera: string, options: BlockOptions): GateBlock[] {
  const blocks = new Blocks(options);
  const of = (name: string) =>
    (device.get(name) ?? []).filter(
      ({ labels }) => labels.camera === camera && (options.anySlot === true || labels.slot === undefined),
    );
  const frames = growth(of(metricNames.processed));
  for (const [timeMs, count] of growth(of(metricNames.detections)))
    perFrame(blocks, timeMs, 'detections', count, frames.get(timeMs));
  for (const [label, series] of byLabel(of(metricNames.classDetections), 'class')) {
    const counts = growth(series);
    // A class of which nothing was found in a block has not grown: that is a zero, and no gap.
    for (const [timeMs, seen] of frames)
      perFrame(blocks, timeMs, `class:${label}`, counts.get(timeMs) ?? 0, seen);
  }
  readRows(blocks, 'camera', of);
  missedTarget(blocks, of(metricNames.targetKeptSeconds), of(metricNames.targetMissedSeconds));
  const alarms = growth(
    of(metricNames.driftAlarms).filter(({ labels }) => labels.grade !== 'notice'),
    1,
  );
  const hours = options.blockMs / 3_600_000;
  for (const { timeMs } of of(metricNames.driftScore))
    for (const at of timeMs) blocks.put(at, 'drift', (alarms.get(at) ?? 0) / hours, hours);
  return blocks.sorted();
}

/** Of the device itself. `crashes`: engines that it lost; `undefined` where nobody asked. */
export function deviceBlocks(
  device: DeviceSeries,
  crashes: readonly DeviceEvent[] | undefined,
  options: BlockOptions,
): GateBlock[] {
  const blocks = new Blocks(options);
  const of = (name: string) => device.get(name) ?? [];
  readRows(blocks, 'device', of);
  const wrong = growth(
    of(metricNames.knownAnswers).filter(({ labels }) => labels.answer === 'wrong'),
    1,
  );
  const answered = of(metricNames.knownAnswers).filter(({ labels }) => labels.answer !== 'none');
  for (const [timeMs, count] of growth(answered, 1))
    blocks.put(timeMs, 'known-answers', Math.min(1, (wrong.get(timeMs) ?? 0) / count), count);
  if (crashes !== undefined) countCrashes(blocks, of(metricNames.memory), crashes, options.blockMs);
  return blocks.sorted();
}

function readRows(
  blocks: Blocks,
  subject: GateMetricRow['of'],
  of: (name: string) => readonly MetricSeries[],
): void {
  for (const { key, name, how } of readOf(subject))
    if (how === 'highest') highestOf(blocks, key, of(name));
    else columns(blocks, key, of(name), how);
}

function countCrashes(
  blocks: Blocks,
  alive: readonly MetricSeries[],
  crashes: readonly DeviceEvent[],
  blockMs: number,
): void {
  const hours = blockMs / 3_600_000;
  const counts = new Map<number, number>();
  for (const { timeMs } of crashes) {
    const step = Math.floor(timeMs / blockMs) * blockMs;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const steps = new Set([...alive.flatMap(({ timeMs }) => timeMs), ...counts.keys()]);
  for (const step of steps) blocks.put(step, 'crashes', (counts.get(step) ?? 0) / hours, hours);
}

/** A camera that gives too little, or nothing, says nothing of a model. */
const reasonsOfCamera: ReadonlySet<string | undefined> = new Set(['camera', 'fault']);

/** Of the time in which the camera gave what was promised: the share in which frame rate or latency missed their target. */
function missedTarget(blocks: Blocks, kept: readonly MetricSeries[], missed: readonly MetricSeries[]): void {
  const keptSeconds = growth(kept);
  const missedSeconds = growth(missed.filter(({ labels }) => !reasonsOfCamera.has(labels.reason)));
  for (const timeMs of new Set([...keptSeconds.keys(), ...missedSeconds.keys()])) {
    const lost = missedSeconds.get(timeMs) ?? 0;
    const seconds = (keptSeconds.get(timeMs) ?? 0) + lost;
    if (seconds > 0) blocks.put(timeMs, 'missed-target', lost / seconds, seconds);
  }
}

function perFrame(
  blocks: Blocks,
  timeMs: number,
  key: BlockKey,
  count: number,
  frames: number | undefined,
): void {
  if (frames !== undefined && frames > 0) blocks.put(timeMs, key, count / frames, frames);
}

function columns(
  blocks: Blocks,
  key: BlockKey,
  series: readonly MetricSeries[],
  column: 'avg' | 'p95',
): void {
  for (const one of series)
    for (const [index, timeMs] of one.timeMs.entries()) {
      const value = one[column]?.[index];
      if (value !== null && value !== undefined) blocks.put(timeMs, key, value, one.count[index] ?? 1);
    }
}

/** Of many zones or rails the highest, as everywhere. */
function highestOf(blocks: Blocks, key: BlockKey, series: readonly MetricSeries[]): void {
  const highest = new Map<number, number>();
  for (const one of series)
    for (const [index, timeMs] of one.timeMs.entries()) {
      const value = one.avg?.[index];
      if (value === null || value === undefined) continue;
      highest.set(timeMs, Math.max(highest.get(timeMs) ?? Number.NEGATIVE_INFINITY, value));
    }
  for (const [timeMs, value] of highest) blocks.put(timeMs, key, value, 1);
}

/**
 * By how much counters grew within each step, all series together. Of the first step of a series it is not known what was
 * counted before: it says nothing, or, of what is counted one by one and sent when it grows, that it grew by one.
 */
function growth(series: readonly MetricSeries[], first: 0 | 1 = 0): Map<number, number> {
  const grown = new Map<number, number>();
  for (const { timeMs, last } of series)
    for (const [index, at] of timeMs.entries()) {
      const now = last?.[index];
      if (now === null || now === undefined) continue;
      const before = last?.[index - 1];
      if (index === 0 && first === 0) continue;
      // One that fell was started again from zero.
      const more = before === null || before === undefined ? first : now >= before ? now - before : now;
      grown.set(at, (grown.get(at) ?? 0) + more);
    }
  return grown;
}

function byLabel(series: readonly MetricSeries[], label: string): Map<string, MetricSeries[]> {
  const groups = new Map<string, MetricSeries[]>();
  for (const one of series) {
    const name = one.labels[label];
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups;
}
