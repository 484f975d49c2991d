import { InternalError } from '../base/index.ts';
import {
  type CatalogueLine,
  type CollectedValue,
  type Counter,
  CounterInstrument,
  type Gauge,
  GaugeInstrument,
  type Histogram,
  HistogramInstrument,
  type Instrument,
  type InstrumentKind,
  type Labels,
  type MetricName,
  type Reading,
} from './instruments.ts';

/** As much as a birth may carry. */
export const mostInstruments = 4096;
const aliases = 65_536;

/**
 * The instruments of one device and their aliases.
 *
 * INVARIANTS
 * - Name and labels have one alias for ever, also over restarts: batches of an earlier session that are still in the
 *   outbox must not change their meaning. So the catalogue is kept on disk and only grows.
 * - No two lines have one alias, and no more than `mostInstruments` lines exist; past that an instrument counts nothing
 *   and `refused` says how many were turned away.
 */
export class InstrumentRegistry {
  readonly #lines = new Map<string, CatalogueLine>();
  readonly #instruments = new Map<string, Instrument>();
  readonly #usedAliases = new Set<number>();
  #grown: () => void = () => {};
  #nextAlias = 0;
  #refused = 0;

  /** `known`: the catalogue of the last session. */
  constructor(known: readonly CatalogueLine[] = []) {
    // Room for new ones: what was added first is the likeliest to belong to models that are long gone.
    for (const line of known.slice(-Math.floor(mostInstruments * 0.75))) {
      this.#lines.set(keyOf(line.name, line.labels), line);
      this.#usedAliases.add(line.alias);
      this.#nextAlias = (line.alias + 1) % aliases;
    }
  }

  /** A line was added to the catalogue. */
  onGrown(listener: () => void): void {
    this.#grown = listener;
  }

  get refused(): number {
    return this.#refused;
  }

  counter(metric: MetricName, labels: Labels = {}): Counter {
    return this.#get(metric, 'counter', labels, CounterInstrument);
  }

  gauge(metric: MetricName, labels: Labels = {}): Gauge {
    return this.#get(metric, 'gauge', labels, GaugeInstrument);
  }

  histogram(metric: MetricName, labels: Labels = {}): Histogram {
    return this.#get(metric, 'histogram', labels, HistogramInstrument);
  }

  /** Every line ever given out, in the order of giving. */
  catalogue(): readonly CatalogueLine[] {
    return [...this.#lines.values()];
  }

  /** What is new since the last call, by alias. */
  collect(): [alias: number, value: CollectedValue][] {
    const collected: [number, CollectedValue][] = [];
    for (const instrument of this.#instruments.values()) {
      const value = instrument.collect();
      if (value !== undefined) collected.push([instrument.line.alias, value]);
    }
    return collected;
  }

  /** The present state of every instrument that this session has used. */
  readings(): Reading[] {
    return [...this.#instruments.values()].flatMap((instrument) => instrument.read() ?? []);
  }

  #get<T extends Instrument>(
    { name, unit }: MetricName,
    kind: InstrumentKind,
    labels: Labels,
    make: new (line: CatalogueLine) => T,
  ): T {
    const key = keyOf(name, labels);
    const known = this.#instruments.get(key);
    if (known instanceof make) return known;
    if (known !== undefined)
      throw new InternalError(
        'instrument-kind',
        `The metric ${name} is a ${known.line.kind}, but the code requests a ${kind}.`,
        'Report this as a defect of Goshawk.',
      );
    const line = this.#line(key, { name, unit, kind, labels });
    if (line === undefined) return new make({ alias: -1, name, unit, kind, labels });
    const instrument = new make(line);
    this.#instruments.set(key, instrument);
    return instrument;
  }

  #line(key: string, info: Omit<CatalogueLine, 'alias'>): CatalogueLine | undefined {
    const old = this.#lines.get(key);
    if (old !== undefined && old.kind === info.kind && old.unit === info.unit) return old;
    if (old === undefined && this.#lines.size >= mostInstruments) {
      this.#refused++;
      return undefined;
    }
    while (this.#usedAliases.has(this.#nextAlias)) this.#nextAlias = (this.#nextAlias + 1) % aliases;
    const line = { alias: this.#nextAlias, ...info };
    this.#usedAliases.add(line.alias);
    this.#nextAlias = (line.alias + 1) % aliases;
    this.#lines.set(key, line);
    this.#grown();
    return line;
  }
}

function keyOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}
