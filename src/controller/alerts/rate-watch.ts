import { defined } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import {
  boundText,
  isBeyond,
  type MetricCondition,
  numberText,
  type Observation,
  seriesBySubject,
} from './condition.ts';
import { RateWindow } from './rate-window.ts';

export type RateCondition = MetricCondition & { readonly rate: NonNullable<MetricCondition['rate']> };

const secondsOf = { second: 1, minute: 60, hour: 3600 } as const;
const defaultOverSeconds = 300;
/**
 * A counter that does not move is not sent, so every batch of its device says where it stands; after so long without one,
 * longer where the device announced that it reports rarely, nobody knows.
 */
const staleMs = 90_000;
/** A rule about the whole fleet. */
const maxSubjects = 100_000;

/** The values of one rule: the rates of the counters of a name, each over its own window. */
export class RateWatch {
  readonly condition: RateCondition;
  readonly #windows = new Map<string, RateWindow>();

  constructor(condition: RateCondition) {
    this.condition = condition;
  }

  /** One subject per series, as with other metrics; counters that differ in their model alone are one. */
  observe(device: Device, nowMs: number): Observation[] {
    const { condition } = this;
    const known = device.online && nowMs - device.batchHeardMs <= device.patienceMs(staleMs);
    return [...seriesBySubject(condition, device)].map(([subject, found]) => {
      const { camera } = found[0]?.series.labels ?? {};
      const about = { subject, device: device.id, ...defined({ camera }) };
      if (!known) {
        // The time in between is unknown, too.
        this.#windows.delete(subject);
        return { ...about, holds: undefined, summary: '' };
      }
      const total = found.reduce((sum, { grown }) => sum + grown, 0);
      const perSecond = this.#window(subject)?.take(device.batchHeardMs, total);
      if (perSecond === undefined) return { ...about, holds: undefined, summary: '' };
      const { per } = condition.rate;
      const value = perSecond * secondsOf[per];
      const holds = isBeyond(condition, value);
      const summary = holds
        ? `${subject}: ${condition.name} grows by ${numberText(value)} per ${per}, ${boundText(condition)}`
        : '';
      return { ...about, holds, summary, value };
    });
  }

  /** A deleted device leaves no entry. */
  forget(stays: (device: string) => boolean, deviceOf: (subject: string) => string): void {
    for (const subject of this.#windows.keys()) if (!stays(deviceOf(subject))) this.#windows.delete(subject);
  }

  #window(subject: string): RateWindow | undefined {
    let window = this.#windows.get(subject);
    if (window === undefined && this.#windows.size < maxSubjects) {
      window = new RateWindow((this.condition.rate.overSeconds ?? defaultOverSeconds) * 1000);
      this.#windows.set(subject, window);
    }
    return window;
  }
}

export function asRate(condition: MetricCondition): RateCondition | undefined {
  const { rate } = condition;
  return rate === undefined ? undefined : { ...condition, rate };
}
