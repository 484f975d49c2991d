import { type GateMetricRow, type GatePart, gateMetricTable, type MetricSeries } from '../../../api/index.ts';
import { metricNames, noModelName } from '../../../protocol/index.ts';
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

export interface CameraOptions extends BlockOptions {
  /** Classes, zones and lines that the camera had in any series that is read of it: a span without one has zeros of it, and no gap. */
  readonly parts?: CameraParts;
}

/** Names by the key of their blocks. */
export type CameraParts = ReadonlyMap<GatePart['key'], ReadonlySet<string>>;

/** Rows of gate metrics that are a comparison for each class, zone or line. */
const partRows = Object.values<GateMetricRow>(gateMetricTable).flatMap(({ parts, silent }) =>
  parts === undefined ? [] : [{ ...parts, silent }],
);

/** The metrics that are asked for. */
export const cameraMetrics = [
  metricNames.received,
  metricNames.skipped,
  metricNames.dropped,
  metricNames.processed,
  metricNames.detections,
  metricNames.zoneObjects,
  ...partRows.map(({ reads }) => reads[0]),
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
      ? [{ key: key as BlockKey, name: row.reads[0], how: row.reads[1], silent: row.silent }]
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
    const at = this.#at(timeMs);
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

  /** Where nothing was put. */
  fill(timeMs: number, key: BlockKey, value: number, weight: number): void {
    if (this.#values.get(this.#at(timeMs))?.[key] === undefined) this.put(timeMs, key, value, weight);
  }

  /** The middle of the step decides: its edges are the device's. */
  #at(timeMs: number): number {
    return Math.floor((timeMs + this.#clockMs + this.#blockMs / 2) / this.#blockMs);
  }

  sorted(): GateBlock[] {
    return [...this.#values]
      .sort(([a], [b]) => a - b)
      .map(([at, values]) => ({ startMs: at * this.#blockMs, values }));
  }
}

/** Of one camera. */
export function cameraBlocks(device: DeviceSeries, camera: string, options: CameraOptions): GateBlock[] {
  const blocks = new Blocks(options);
  const of = (name: string) =>
    (device.get(name) ?? []).filter(
      ({ labels }) => labels.camera === camera && (options.anySlot === true || labels.slot === undefined),
    );
  const frames = growth(of(metricNames.processed), unknown);
  const found = growth(of(metricNames.detections), unknown);
  // Nothing found is a counter that has not grown: a zero, and no gap.
  for (const [timeMs, seen] of frames) perFrame(blocks, timeMs, 'detections', found.get(timeMs) ?? 0, seen);
  const names = options.parts ?? partsOf([device], camera);
  for (const part of partRows)
    readParts(blocks, part, of, names.get(part.key) ?? [], frames, options.blockMs);
  const given = givenFrames(of, frames);
  readRows(blocks, 'camera', of, given);
  fillSilence(blocks, given, frames, names, options.blockMs);
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

/** Engines that a device lost, as it says, and connections to it that the controller lost; by the device's clock. */
export type DeviceEvents = Readonly<Record<'crashes' | 'disconnects', readonly DeviceEvent[]>>;

/** Of the device itself. */
export function deviceBlocks(device: DeviceSeries, events: DeviceEvents, options: BlockOptions): GateBlock[] {
  const blocks = new Blocks(options);
  const of = (name: string) => device.get(name) ?? [];
  readRows(blocks, 'device', of);
  const asked = of(metricNames.knownAnswers);
  // An engine that hangs gives no answer: that is none that is right.
  const wrong = growth(
    asked.filter(({ labels }) => labels.answer !== 'right'),
    1,
  );
  for (const [timeMs, count] of growth(asked, 1))
    blocks.put(timeMs, 'known-answers', Math.min(1, (wrong.get(timeMs) ?? 0) / count), count);
  for (const key of ['crashes', 'disconnects'] as const)
    countEvents(blocks, key, [...device.values()].flat(), events[key], options.blockMs);
  return blocks.sorted();
}

function readRows(
  blocks: Blocks,
  subject: GateMetricRow['of'],
  of: (name: string) => readonly MetricSeries[],
  given?: ReadonlyMap<number, number>,
): void {
  for (const { key, name, how, silent } of readOf(subject)) {
    // A camera without objects because it is dark is no evidence about a model.
    const counts = (timeMs: number) => silent === undefined || given === undefined || given.get(timeMs) !== 0;
    const series = of(name).filter(({ labels }) => labels.model !== noModelName);
    if (how === 'highest') highestOf(blocks, key, series);
    else columns(blocks, key, series, how, counts);
  }
}

/** Of each class, zone or line: what was counted for each frame or minute, or the mean of what was measured. */
function readParts(
  blocks: Blocks,
  { of: label, key, reads: [name, per] }: GatePart,
  of: SeriesOf,
  names: Iterable<string>,
  frames: ReadonlyMap<number, number>,
  blockMs: number,
): void {
  const series = byLabel(of(name), label);
  for (const one of names) {
    const own = series.get(one) ?? [];
    const block: BlockKey = `${key}:${one}`;
    if (per === 'mean') {
      columns(blocks, block, own, 'avg', () => true);
      continue;
    }
    const counts = growth(own, unknown);
    for (const [timeMs, seen] of frames)
      if (per === 'frame') perFrame(blocks, timeMs, block, counts.get(timeMs) ?? 0, seen);
      else if (seen > 0)
        blocks.put(timeMs, block, (counts.get(timeMs) ?? 0) / (blockMs / 60_000), blockMs / 60_000);
  }
}

type SeriesOf = (name: string) => readonly MetricSeries[];

/** Frames that a camera gave a model to look at, by step, where a model serves; zero: it is dark, or left out on purpose. */
function givenFrames(of: SeriesOf, frames: ReadonlyMap<number, number>): Map<number, number> {
  const received = growth(of(metricNames.received), unknown);
  const dropped = of(metricNames.dropped).filter(({ labels }) => onPurpose.has(labels.reason));
  const left = growth([...of(metricNames.skipped), ...dropped], unknown);
  const given = new Map<number, number>();
  for (const { labels, timeMs } of of(metricNames.fps))
    for (const at of labels.model === noModelName ? [] : timeMs)
      given.set(at, Math.max((received.get(at) ?? 0) - (left.get(at) ?? 0), frames.get(at) ?? 0));
  return given;
}

/** Dropped because the pipeline was told to. */
const onPurpose: ReadonlySet<string | undefined> = new Set(['paused', 'closed']);

/** Its camera gave frames and none came out of the model: of each metric the worst that can be, as its row says. */
function fillSilence(
  blocks: Blocks,
  given: ReadonlyMap<number, number>,
  frames: ReadonlyMap<number, number>,
  names: CameraParts,
  blockMs: number,
): void {
  const worst = { zero: 0, block: blockMs / 1000 } as const;
  for (const [timeMs, count] of given) {
    if (count === 0 || (frames.get(timeMs) ?? 0) !== 0) continue;
    for (const [metric, { silent, parts }] of Object.entries<GateMetricRow>(gateMetricTable)) {
      if (silent === undefined) continue;
      const keys =
        parts === undefined
          ? [metric]
          : [...(names.get(parts.key) ?? [])].map((one) => `${parts.key}:${one}`);
      const weight = parts?.reads[1] === 'minute' ? blockMs / 60_000 : count;
      for (const key of keys) blocks.fill(timeMs, key as BlockKey, worst[silent], weight);
    }
  }
}

function countEvents(
  blocks: Blocks,
  key: keyof DeviceEvents,
  alive: readonly MetricSeries[],
  events: readonly DeviceEvent[],
  blockMs: number,
): void {
  const hours = blockMs / 3_600_000;
  const counts = new Map<number, number>();
  for (const { timeMs } of events) {
    const step = Math.floor(timeMs / blockMs) * blockMs;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const steps = new Set([...alive.flatMap(({ timeMs }) => timeMs), ...counts.keys()]);
  for (const step of steps) blocks.put(step, key, (counts.get(step) ?? 0) / hours, hours);
}

/** A camera with too few frames is no evidence about a model. */
const reasonsOfCamera: ReadonlySet<string | undefined> = new Set(['camera', 'fault']);

/** Of the time in which the camera gave what was promised: the share in which frame rate or latency missed their target. */
function missedTarget(blocks: Blocks, kept: readonly MetricSeries[], missed: readonly MetricSeries[]): void {
  const keptSeconds = growth(kept, 0);
  const missedSeconds = growth(
    missed.filter(({ labels }) => !reasonsOfCamera.has(labels.reason)),
    0,
  );
  for (const timeMs of new Set([...keptSeconds.keys(), ...missedSeconds.keys()])) {
    const lost = missedSeconds.get(timeMs) ?? 0;
    const seconds = (keptSeconds.get(timeMs) ?? 0) + lost;
    if (seconds > 0) blocks.put(timeMs, 'missed-target', lost / seconds, seconds);
  }
}

function perFrame(blocks: Blocks, timeMs: number, key: BlockKey, count: number, frames: number): void {
  if (frames > 0) blocks.put(timeMs, key, count / frames, frames);
}

function columns(
  blocks: Blocks,
  key: BlockKey,
  series: readonly MetricSeries[],
  column: 'avg' | 'p95',
  counts: (timeMs: number) => boolean,
): void {
  for (const one of series)
    for (const [index, timeMs] of one.timeMs.entries()) {
      const value = counts(timeMs) ? one[column]?.[index] : undefined;
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

/** What a counter grew by in the first step that is read of it: what was counted before is not. */
const unknown = Number.NaN;

/**
 * By how much counters grew within each step, all series together. `first`: of the first step of a series, which makes a
 * step of all series `unknown`, or, of what is counted one by one and sent when it grows, is one.
 */
function growth(series: readonly MetricSeries[], first: number): Map<number, number> {
  const grown = new Map<number, number>();
  for (const { timeMs, last } of series)
    for (const [index, at] of timeMs.entries()) {
      const now = last?.[index];
      if (now === null || now === undefined) continue;
      const before = last?.[index - 1];
      // One that fell was started again from zero.
      const more = before === null || before === undefined ? first : now >= before ? now - before : now;
      grown.set(at, (grown.get(at) ?? 0) + more);
    }
  return grown;
}

/** Classes, zones and lines that a camera had in any of these series. A zone that nobody entered is counted all the same. */
export function partsOf(all: readonly DeviceSeries[], camera: string): CameraParts {
  const own = (name: string) =>
    all.flatMap((one) => one.get(name) ?? []).filter(({ labels }) => labels.camera === camera);
  return new Map(
    partRows.map(({ of, key, reads: [name] }) => {
      const series = [...own(name), ...(of === 'zone' ? own(metricNames.zoneObjects) : [])];
      return [key, new Set(byLabel(series, of).keys())] as const;
    }),
  );
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
