import type { DesiredSettings, DeviceSummary, LatestMetric } from '../../api/index.ts';
import type { Birth, Desired, HistogramValue, Reported } from '../../protocol/index.ts';
import {
  addHistogram,
  addHistogramValue,
  emptyHistogram,
  type Histogram,
  quantile,
} from '../history/histogram.ts';
import type { SeriesRow } from '../store/rows.ts';
import { deviceHealth } from './device-health.ts';
import { RebirthGate, SequenceTracker } from './sequence.ts';
import { type Vital, vitalOf } from './vitals.ts';

const windowMs = 30_000;
const warningsMs = 3_600_000;
const maxSessions = 8;
/** A value older than this says nothing about now. */
const freshMs = 60_000;

/** Newest value of one series; histograms over the last half to whole minute and since the controller started. */
export interface Latest {
  readonly series: SeriesRow;
  readonly vital: Vital | undefined;
  timeMs: number;
  heardMs: number;
  value: number;
  readonly window: { current: Histogram; previous: Histogram; startedMs: number } | undefined;
  readonly total: Histogram | undefined;
}

/** What the controller knows of one device now. Times in `heardMs` are monotonic. */
export class Device {
  readonly id: string;
  birth: Birth | undefined;
  reported: Reported | undefined;
  desired: Desired | undefined;
  settings: DesiredSettings = {};
  lastSeenMs: number | undefined;
  heardMs = Number.NEGATIVE_INFINITY;
  seenSavedMs = Number.NEGATIVE_INFINITY;
  /** The time of its own clock when our monotonic clock was 0, by its newest live batch. */
  clockOriginMs: number | undefined;
  /** Its last state message was a birth and not a death. */
  born = false;
  /** Nothing came for too long although it never said goodbye. */
  silent = false;
  offlineReason: string | undefined;
  /** Highest generation of a retained `desired` seen on the broker; undefined when none was seen since the last connect. */
  brokerGeneration: number | undefined;
  /** Generations that it had before it was deleted, or that the broker retains from before it was known. */
  formerGenerations: readonly number[] = [];
  readonly sequence = new SequenceTracker();
  readonly rebirth = new RebirthGate();
  readonly latest = new Map<number, Latest>();
  readonly #catalogues = new Map<number, ReadonlyMap<number, number>>();
  #warnings: number[] = [];

  constructor(id: string) {
    this.id = id;
  }

  get online(): boolean {
    return this.born && !this.silent;
  }

  setCatalogue(session: number, aliases: ReadonlyMap<number, number>): void {
    this.#catalogues.delete(session);
    this.#catalogues.set(session, aliases);
    for (const old of [...this.#catalogues.keys()].sort((a, b) => a - b).slice(0, -maxSessions))
      this.#catalogues.delete(old);
  }

  catalogues(): readonly ReadonlyMap<number, number>[] {
    return [...this.#catalogues.values()];
  }

  /** Its next birth brings a new one. */
  dropCatalogues(): void {
    this.#catalogues.clear();
  }

  catalogue(session: number): ReadonlyMap<number, number> | undefined {
    return this.#catalogues.get(session);
  }

  warned(timeMs: number): void {
    this.#warnings.push(timeMs);
    if (this.#warnings.length > 1000) this.#warnings.splice(0, 500);
  }

  warnings(nowMs: number): number {
    if (this.#warnings.some((timeMs) => timeMs <= nowMs - warningsMs))
      this.#warnings = this.#warnings.filter((timeMs) => timeMs > nowMs - warningsMs);
    return this.#warnings.length;
  }

  observe(series: SeriesRow, timeMs: number, value: number | HistogramValue, heardMs: number): void {
    let latest = this.latest.get(series.id);
    if (latest === undefined) {
      const histogram = typeof value !== 'number';
      latest = {
        series,
        vital: vitalOf(series),
        timeMs,
        heardMs,
        value: 0,
        window: histogram
          ? { current: emptyHistogram(), previous: emptyHistogram(), startedMs: heardMs }
          : undefined,
        total: histogram ? emptyHistogram() : undefined,
      };
      this.latest.set(series.id, latest);
    }
    latest.timeMs = timeMs;
    latest.heardMs = heardMs;
    if (typeof value === 'number') latest.value = value;
    else if (latest.window !== undefined && latest.total !== undefined) {
      turnWindow(latest.window, heardMs);
      addHistogramValue(latest.window.current, value);
      addHistogramValue(latest.total, value);
    }
  }

  /** Series of the catalogue in force; others, of an earlier model or camera, get no more samples. */
  forgetExcept(seriesIds: ReadonlySet<number>): void {
    for (const id of [...this.latest.keys()]) if (!seriesIds.has(id)) this.latest.delete(id);
  }

  /** Values of one vital that are fresh. */
  fresh(vital: Vital, nowMs: number): Latest[] {
    const found: Latest[] = [];
    for (const latest of this.latest.values())
      if (latest.vital === vital && nowMs - latest.heardMs < freshMs) found.push(latest);
    return found;
  }

  latency(nowMs: number): Histogram {
    const merged = emptyHistogram();
    for (const { window } of this.fresh('latency', nowMs)) {
      if (window === undefined) continue;
      addHistogram(merged, window.current);
      addHistogram(merged, window.previous);
    }
    return merged;
  }

  /** Undefined when nothing fresh is known. `nowMs` is monotonic. */
  vital(vital: 'fps' | 'temperature' | 'power' | 'memory', nowMs: number): number | undefined {
    const values = newestPerSource(this.fresh(vital, nowMs)).map((latest) => latest.value);
    if (values.length === 0) return undefined;
    // Cameras and processes add up. Of many thermal zones the hottest matters, of power rails the one that feeds the rest.
    return vital === 'fps' || vital === 'memory'
      ? values.reduce((sum, value) => sum + value, 0)
      : Math.max(...values);
  }

  summary(groups: readonly string[], nowMs: number, wallMs: number): DeviceSummary {
    const latency = this.online ? this.latency(nowMs) : emptyHistogram();
    const models = this.reported?.models ?? this.birth?.models ?? [];
    const toMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
    const vital = (name: Parameters<Device['vital']>[0]) =>
      this.online ? this.vital(name, nowMs) : undefined;
    return defined({
      id: this.id,
      online: this.online,
      health: deviceHealth({
        online: this.online,
        offlineReason: this.offlineReason,
        cameras: this.birth?.cameras ?? [],
        reported: this.reported,
        fps: this.#fpsByCamera(nowMs),
      }),
      offlineReason: this.online ? undefined : this.offlineReason,
      lastSeenMs: this.lastSeenMs,
      groups: [...groups],
      board: this.birth?.board.name,
      agentVersion: this.birth?.agentVersion,
      cameras: this.birth?.cameras ?? [],
      fps: vital('fps'),
      latencyP50Ms: toMs(quantile(latency, 0.5)),
      latencyP99Ms: toMs(quantile(latency, 0.99)),
      model: models.find((model) => model.cameras.length > 0) ?? models[0],
      deployment: this.reported?.deployment,
      desiredGeneration: this.desired?.generation ?? 0,
      reportedGeneration: this.reported?.generation,
      temperatureC: vital('temperature'),
      powerW: vital('power'),
      memoryBytes: vital('memory'),
      warnings: this.warnings(wallMs),
    });
  }

  #fpsByCamera(nowMs: number): ReadonlyMap<string, number> {
    const newest = newestPerSource(this.fresh('fps', nowMs));
    return new Map(newest.map(({ series, value }) => [series.labels.camera ?? '', value]));
  }

  metrics(): LatestMetric[] {
    return [...this.latest.values()].map(({ series, timeMs, value, window }) => {
      const base = {
        name: series.name,
        labels: { ...series.labels },
        unit: series.unit,
        kind: series.kind,
        timeMs,
      };
      if (window === undefined) return { ...base, value };
      const merged = emptyHistogram();
      addHistogram(merged, window.current);
      addHistogram(merged, window.previous);
      if (merged.count === 0) return base;
      const at = (q: number) => quantile(merged, q) ?? 0;
      const { count, sum } = merged;
      return { ...base, histogram: { count, sum, p50: at(0.5), p95: at(0.95), p99: at(0.99) } };
    });
  }
}

/**
 * Of readings that differ in nothing but the model, the newest: a camera or process has one model at a time, and the last
 * value under the model before stays fresh for a while after the swap.
 */
function newestPerSource(readings: readonly Latest[]): readonly Latest[] {
  const newest = new Map<string, Latest>();
  for (const reading of readings) {
    const { model: _model, version: _version, ...labels } = reading.series.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = newest.get(key);
    if (known === undefined || reading.timeMs >= known.timeMs) newest.set(key, reading);
  }
  return [...newest.values()];
}

function turnWindow(window: NonNullable<Latest['window']>, nowMs: number): void {
  const age = nowMs - window.startedMs;
  if (age < windowMs) return;
  window.previous = age < 2 * windowMs ? window.current : emptyHistogram();
  window.current = emptyHistogram();
  window.startedMs = nowMs;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without the fields that are undefined. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
