import type { Clock } from '../../base/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';
import { sumLimits } from '../../protocol/index.ts';

interface Hour {
  readonly labels: Map<string, number>;
  readonly scores: number[];
}

const hourMs = 3_600_000;
/** What a model may be asked for; the rest of its classes count together. */
const mostLabels = 256;

/** What all cameras of a device found in each of the last hours; it stays on the device. */
export class HourlyCounts {
  readonly #clock: Clock;
  readonly #hours = new Map<number, Hour>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add({ detections }: Pick<PerceptionResult, 'detections'>): void {
    if (detections.length === 0) return;
    const { labels, scores } = this.#now();
    for (const { label, score } of detections) {
      const name = labels.has(label) || labels.size < mostLabels ? label : '';
      labels.set(name, (labels.get(name) ?? 0) + 1);
      const bin = Math.min(sumLimits.scoreBins - 1, Math.max(0, Math.floor(score * sumLimits.scoreBins)));
      scores[bin] = (scores[bin] ?? 0) + 1;
    }
  }

  /** The hour that runs. */
  get hour(): number {
    return Math.floor(this.#clock.wallMs() / hourMs);
  }

  /** Of these hours: a count of each label, of all others, and of each part of the scores. */
  vector(toHour: number, hours: number, labels: readonly string[]): number[] {
    const places = new Map(labels.map((label, at) => [label, at]));
    const counts = new Array<number>(labels.length + 1).fill(0);
    const bins = new Array<number>(sumLimits.scoreBins).fill(0);
    for (const [hour, found] of this.#hours) {
      if (hour >= toHour || hour < toHour - hours) continue;
      for (const [label, count] of found.labels) counts[places.get(label) ?? labels.length]! += count;
      for (const [bin, count] of found.scores.entries()) bins[bin]! += count;
    }
    return [...counts, ...bins];
  }

  #now(): Hour {
    const { hour } = this;
    let now = this.#hours.get(hour);
    if (now === undefined) {
      now = { labels: new Map(), scores: new Array<number>(sumLimits.scoreBins).fill(0) };
      this.#hours.set(hour, now);
      // A clock that jumped ahead and came back leaves nothing either.
      for (const known of this.#hours.keys())
        if (Math.abs(hour - known) > sumLimits.hours + 1) this.#hours.delete(known);
    }
    return now;
  }
}
