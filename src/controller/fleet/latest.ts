import { ExponentialHistogram } from '../../base/index.ts';
import type { HistogramValue } from '../../protocol/index.ts';
import type { SeriesRow } from '../store/rows.ts';
import { type Vital, vitalOf } from './vitals.ts';

const windowMs = 30_000;

/** Newest value of one series; histograms over the last half to whole minute and since the controller started. */
export interface Latest {
  readonly series: SeriesRow;
  readonly vital: Vital | undefined;
  timeMs: number;
  heardMs: number;
  value: number;
  /** Of a counter: how much it grew since the controller knows it, over all starts of the agent. */
  grown: number;
  readonly window:
    | { current: ExponentialHistogram; previous: ExponentialHistogram; startedMs: number }
    | undefined;
  readonly total: ExponentialHistogram | undefined;
}

export function firstOf(
  series: SeriesRow,
  timeMs: number,
  value: number | HistogramValue,
  heardMs: number,
): Latest {
  const histogram = typeof value !== 'number';
  return {
    series,
    vital: vitalOf(series),
    timeMs,
    heardMs,
    value: histogram ? 0 : value,
    grown: 0,
    window: histogram
      ? { current: new ExponentialHistogram(), previous: new ExponentialHistogram(), startedMs: heardMs }
      : undefined,
    total: histogram ? new ExponentialHistogram() : undefined,
  };
}

export function takeValue(
  latest: Latest,
  timeMs: number,
  value: number | HistogramValue,
  heardMs: number,
): void {
  if (typeof value === 'number') {
    if (latest.series.kind === 'counter') takeTotal(latest, timeMs, value);
    else latest.value = value;
  } else if (latest.window !== undefined && latest.total !== undefined) {
    turnWindow(latest.window, heardMs);
    latest.window.current.add(value);
    latest.total.add(value);
  }
  latest.timeMs = timeMs;
  latest.heardMs = heardMs;
}

/** A new session begins: its counters are at 0, whatever they come to before they are heard. */
export function beginSession(latest: Latest): void {
  if (latest.series.kind === 'counter') latest.value = 0;
}

/**
 * A total that is lower than it was, and newer, began anew (as in Prometheus); one that is lower and older came late and
 * says nothing.
 */
function takeTotal(latest: Latest, timeMs: number, value: number): void {
  const anew = value < latest.value && timeMs > latest.timeMs;
  latest.grown += anew ? value : Math.max(0, value - latest.value);
  latest.value = anew ? value : Math.max(value, latest.value);
}

/**
 * Of readings that differ in nothing but the model, the newest: a camera or process has one model at a time, and the last
 * value under the model before stays fresh for a while after the swap.
 */
export function newestPerSource(readings: readonly Latest[]): readonly Latest[] {
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
  window.previous = age < 2 * windowMs ? window.current : new ExponentialHistogram();
  window.current = new ExponentialHistogram();
  window.startedMs = nowMs;
}
