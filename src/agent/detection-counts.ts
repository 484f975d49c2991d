import { ExponentialHistogram } from '../base/index.ts';
import { type PartMeasures, type PerceptionResult, partMeasures } from '../perception/index.ts';
import { deviceMetrics } from '../protocol/index.ts';
import type { Counter, Histogram, InstrumentRegistry } from '../telemetry/index.ts';

/** How often they are sent: what is compared over a rollout is blocks of minutes, and each costs bytes of the day. */
export const countsEveryMs = 300_000;
/** Each costs a series of the fleet; the rest of a model's classes count together. */
const mostClasses = 16;
export const otherClasses = 'other';

interface CameraCounts {
  readonly classes: Map<string, number>;
  /** Since they were sent last: to sort thousands at once would hold the event loop. */
  readonly scores: ExponentialHistogram;
  readonly counters: Map<string, Counter>;
  readonly histogram: Histogram;
  /** Of models that find parts, made with the first of them. */
  readonly parts: Map<
    keyof PartMeasures,
    { readonly since: ExponentialHistogram; readonly histogram: Histogram }
  >;
}

const partMetrics = [
  'keypointScore',
  'keypointsSeen',
  'maskShare',
] as const satisfies readonly (keyof PartMeasures)[];

/** What the model of `main` finds, by class, and how sure it is: what a rollout's gate and the fleet's profile look at. */
export class DetectionCounts {
  readonly #registry: InstrumentRegistry;
  readonly #cameras = new Map<string, CameraCounts>();
  #sentMs = Number.NEGATIVE_INFINITY;

  constructor(registry: InstrumentRegistry) {
    this.#registry = registry;
  }

  add({ camera, detections }: Pick<PerceptionResult, 'camera' | 'detections'>): void {
    const { classes, scores, parts } = this.#camera(camera);
    for (const detection of detections) {
      const { label, score } = detection;
      const name = classes.has(label) || classes.size < mostClasses ? label : otherClasses;
      classes.set(name, (classes.get(name) ?? 0) + 1);
      scores.record(score);
      const measures = partMeasures(detection);
      for (const name of partMetrics) {
        const value = measures[name];
        if (value === undefined) continue;
        let part = parts.get(name);
        if (part === undefined) {
          const histogram = this.#registry.histogram(deviceMetrics[name], { camera });
          part = { since: new ExponentialHistogram(), histogram };
          parts.set(name, part);
        }
        part.since.record(value);
      }
    }
  }

  /** `nowMs`: monotonic. */
  sample(nowMs: number): void {
    if (nowMs - this.#sentMs < countsEveryMs) return;
    this.#sentMs = nowMs;
    for (const [camera, { classes, scores, counters, histogram, parts }] of this.#cameras) {
      for (const [label, count] of classes) {
        let counter = counters.get(label);
        if (counter === undefined) {
          counter = this.#registry.counter(deviceMetrics.classDetections, { camera, class: label });
          counters.set(label, counter);
        }
        counter.raiseTo(count);
      }
      histogram.add(scores.counts());
      scores.clear();
      for (const part of parts.values()) {
        part.histogram.add(part.since.counts());
        part.since.clear();
      }
    }
  }

  #camera(camera: string): CameraCounts {
    let counts = this.#cameras.get(camera);
    if (counts === undefined) {
      const histogram = this.#registry.histogram(deviceMetrics.detectionScore, { camera });
      counts = {
        classes: new Map(),
        scores: new ExponentialHistogram(),
        counters: new Map(),
        histogram,
        parts: new Map(),
      };
      this.#cameras.set(camera, counts);
    }
    return counts;
  }
}
