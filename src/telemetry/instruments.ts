import { ExponentialHistogram, type HistogramCounts, upperEdge } from '../base/index.ts';

export type InstrumentKind = 'counter' | 'gauge' | 'histogram';
export type Labels = Readonly<Record<string, string>>;

/** A row of the catalogue of metrics has more. */
export interface MetricName {
  /** As in Prometheus: base units, `_total` for counters. */
  readonly name: string;
  /** `seconds`, `bytes`, `celsius`, `watts`, `1`. */
  readonly unit: string;
}

export interface InstrumentInfo extends MetricName {
  readonly kind: InstrumentKind;
  readonly labels: Labels;
}

/** The catalogue's line for an instrument; batches call it by its alias. */
export interface CatalogueLine extends InstrumentInfo {
  readonly alias: number;
}

export interface Counter {
  add(amount: number): void;
  /** For a total that is kept elsewhere: takes it over when it has grown. */
  raiseTo(total: number): void;
}
export interface Gauge {
  set(value: number): void;
  /** There is no such thing any more: a model that left, a sensor that is gone. */
  clear(): void;
}
export interface Histogram {
  record(value: number): void;
  /** Values that were counted elsewhere. */
  add(counts: HistogramCounts): void;
}

/** Upper edges in seconds for scrapers that know only fixed buckets. */
export const classicEdges: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10,
  // Of what takes its time: an object in a zone.
  30, 60, 300, 1800,
];

/** Present state of an instrument, for a scraper. */
export type Reading = InstrumentInfo &
  (
    | { readonly kind: 'counter' | 'gauge'; readonly value: number }
    | {
        readonly kind: 'histogram';
        readonly count: number;
        readonly sum: number;
        /** How many values were at most `classicEdges[i]`, since the start. */
        readonly atMost: readonly number[];
        /** Since the start. */
        readonly total: HistogramCounts;
      }
  );

/** What one batch says of one instrument. */
export type CollectedValue = number | HistogramCounts;

/** An instrument as the registry sees it. */
export interface Instrument {
  readonly line: CatalogueLine;
  /** Undefined when there is nothing to say, or only what was said already. */
  collect(): CollectedValue | undefined;
  /** Undefined before the first value. */
  read(): Reading | undefined;
}

export class CounterInstrument implements Counter, Instrument {
  readonly line: CatalogueLine;
  #value = 0;
  #told: number | undefined;

  constructor(line: CatalogueLine) {
    this.line = line;
  }

  add(amount: number): void {
    if (amount > 0 && Number.isFinite(amount)) this.#value += amount;
  }

  raiseTo(total: number): void {
    if (Number.isFinite(total) && total > this.#value) this.#value = total;
  }

  collect(): number | undefined {
    if (this.#told === this.#value) return undefined;
    this.#told = this.#value;
    return this.#value;
  }

  read(): Reading {
    return { ...this.line, kind: 'counter', value: this.#value };
  }
}

export class GaugeInstrument implements Gauge, Instrument {
  readonly line: CatalogueLine;
  #value: number | undefined;
  #fresh = false;

  constructor(line: CatalogueLine) {
    this.line = line;
  }

  set(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#value = value;
    this.#fresh = true;
  }

  clear(): void {
    this.#value = undefined;
    this.#fresh = false;
  }

  /** A gauge that nobody sets any more falls silent. */
  collect(): number | undefined {
    if (!this.#fresh) return undefined;
    this.#fresh = false;
    return this.#value;
  }

  read(): Reading | undefined {
    return this.#value === undefined ? undefined : { ...this.line, kind: 'gauge', value: this.#value };
  }
}

export class HistogramInstrument implements Histogram, Instrument {
  readonly line: CatalogueLine;
  readonly #sinceBatch = new ExponentialHistogram();
  readonly #total = new ExponentialHistogram();
  readonly #classic = new Array<number>(classicEdges.length).fill(0);

  constructor(line: CatalogueLine) {
    this.line = line;
  }

  record(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#sinceBatch.record(value);
    this.#total.record(value);
    const at = classicEdges.findIndex((edge) => value <= edge);
    if (at >= 0) this.#classic[at] = (this.#classic[at] ?? 0) + 1;
  }

  add(counts: HistogramCounts): void {
    this.#sinceBatch.add(counts);
    this.#total.add(counts);
    const count = (value: number, more: number) => {
      const at = classicEdges.findIndex((edge) => value <= edge);
      if (at >= 0) this.#classic[at] = (this.#classic[at] ?? 0) + more;
    };
    count(0, counts.zeros);
    for (const [index, more] of counts.buckets) count(upperEdge(index), more);
  }

  collect(): HistogramCounts | undefined {
    if (this.#sinceBatch.count === 0) return undefined;
    const counts = this.#sinceBatch.counts();
    this.#sinceBatch.clear();
    return counts;
  }

  read(): Reading {
    let below = 0;
    const atMost = this.#classic.map((count) => {
      below += count;
      return below;
    });
    return {
      ...this.line,
      kind: 'histogram',
      count: this.#total.count,
      sum: this.#total.sum,
      atMost,
      total: this.#total.counts(),
    };
  }
}
