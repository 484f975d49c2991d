import type { DesiredSettings, LatestMetric } from '../../api/index.ts';
import { ExponentialHistogram } from '../../base/index.ts';
import type { Birth, Desired, HistogramValue, Reported } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';
import { beginSession, firstOf, type Latest, newestPerSource, takeValue } from './latest.ts';
import { Presence } from './presence.ts';
import { patienceMs, reportsEveryMs } from './reporting.ts';
import { RebirthGate, SequenceTracker } from './sequence.ts';
import type { Vital } from './vitals.ts';

const warningsMs = 3_600_000;
const maxSessions = 8;
/** A value older than this says nothing about now, unless its device reports rarely. */
const freshMs = 60_000;

type ReadVital = 'fps' | 'temperature' | 'power' | 'memory' | 'diskFree' | 'diskSize';

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
  /** Monotonic: when its newest live batch of metrics came. */
  batchHeardMs = Number.NEGATIVE_INFINITY;
  /** Alerts that fire and concern it, alone or with others. */
  alerts = 0;
  /** By rollout: what it left the device with, although nothing said that it is good. */
  readonly unjudged = new Map<string, string>();
  readonly presence = new Presence();
  /** Highest generation of a retained `desired` seen on the broker; undefined when none was seen since the last connect. */
  brokerGeneration: number | undefined;
  /** Generations that it had before it was deleted, or that the broker retains from before it was known. */
  formerGenerations: readonly number[] = [];
  readonly sequence = new SequenceTracker();
  readonly rebirth = new RebirthGate();
  readonly latest = new Map<number, Latest>();
  /** Of those the ones that the overview shows: it is made of every device, once a second. */
  readonly #vitals = new Map<Vital, Latest[]>();
  readonly #catalogues = new Map<number, ReadonlyMap<number, number>>();
  #warnings: number[] = [];
  #newest: { readonly session: number; readonly sequence: number } | undefined;

  constructor(id: string) {
    this.id = id;
  }

  get online(): boolean {
    return this.born && !this.silent;
  }

  /** After so long without news it is overdue: `leastMs`, or more where it announced that it reports rarely. */
  patienceMs(leastMs: number): number {
    return patienceMs(leastMs, reportsEveryMs(this.birth));
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

  /** Remembers the place of a batch; false when a later one of its session came before. */
  isNewest(session: number, sequence: number): boolean {
    if (this.#newest?.session === session && this.#newest.sequence > sequence) return false;
    this.#newest = { session, sequence };
    return true;
  }

  observe(series: SeriesRow, timeMs: number, value: number | HistogramValue, heardMs: number): void {
    let latest = this.latest.get(series.id);
    if (latest === undefined) {
      latest = firstOf(series, timeMs, value, heardMs);
      this.latest.set(series.id, latest);
      const { vital } = latest;
      if (vital !== undefined) this.#vitals.set(vital, [...(this.#vitals.get(vital) ?? []), latest]);
    }
    takeValue(latest, timeMs, value, heardMs);
  }

  /** Its agent was started again. */
  beginSession(): void {
    for (const latest of this.latest.values()) beginSession(latest);
  }

  /** Series of the catalogue in force; others, of an earlier model or camera, get no more samples. */
  forgetExcept(seriesIds: ReadonlySet<number>): void {
    for (const id of [...this.latest.keys()]) if (!seriesIds.has(id)) this.latest.delete(id);
    for (const [vital, found] of this.#vitals)
      this.#vitals.set(
        vital,
        found.filter(({ series }) => seriesIds.has(series.id)),
      );
  }

  /** Values of one vital that are fresh. */
  fresh(vital: Vital, nowMs: number): Latest[] {
    const forMs = this.patienceMs(freshMs);
    return this.#vitals.get(vital)?.filter(({ heardMs }) => nowMs - heardMs < forMs) ?? [];
  }

  latency(nowMs: number): ExponentialHistogram {
    const merged = new ExponentialHistogram();
    for (const { window } of this.fresh('latency', nowMs)) {
      if (window === undefined) continue;
      merged.add(window.current);
      merged.add(window.previous);
    }
    return merged;
  }

  /** Undefined when nothing fresh is known. `nowMs` is monotonic. */
  vital(vital: ReadVital, nowMs: number): number | undefined {
    const values = newestPerSource(this.fresh(vital, nowMs)).map((latest) => latest.value);
    if (values.length === 0) return undefined;
    // Cameras and processes add up. Of many thermal zones the hottest matters, of power rails the one that feeds the rest.
    return vital === 'fps' || vital === 'memory'
      ? values.reduce((sum, value) => sum + value, 0)
      : Math.max(...values);
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
      const merged = ExponentialHistogram.of(window.current, window.previous);
      if (merged.count === 0) return base;
      const at = (q: number) => merged.quantile(q) ?? 0;
      const { count, sum } = merged;
      return { ...base, histogram: { count, sum, p50: at(0.5), p95: at(0.95), p99: at(0.99) } };
    });
  }
}
