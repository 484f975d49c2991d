import { type Clock, describeError, percentile } from '../../base/index.ts';
import type { PerceptionResult, PipelineEvent, PipelineStats } from '../../perception/index.ts';

export interface RunSummary {
  readonly type: 'summary';
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly engine: string;
  readonly precision: string;
  readonly reason: string;
  readonly frames: {
    readonly received: number;
    readonly processed: number;
    readonly superseded: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly faults: readonly string[];
  readonly detections: number;
  readonly tracks: number;
  /** Detections and tracks by label, most first. */
  readonly classes: Readonly<Record<string, { readonly detections: number; readonly tracks: number }>>;
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly latencyMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  readonly drawn?: { readonly written: number; readonly leftOut: number };
}

const stages = ['captureToPublish', 'preprocess', 'infer', 'postprocess'] as const;

/** What one run adds up to. */
export class RunTally {
  readonly #clock: Clock;
  readonly #samples: Record<(typeof stages)[number], number[]> = {
    captureToPublish: [],
    preprocess: [],
    infer: [],
    postprocess: [],
  };
  readonly #classes = new Map<string, { detections: number; tracks: Set<number> }>();
  readonly #faults: string[] = [];
  #detections = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  result({ detections, timings, captureToPublishMs }: PerceptionResult): void {
    const total = timings.preprocessMs + timings.inferMs + timings.postprocessMs;
    this.#lastMs = this.#clock.monotonicMs();
    this.#firstMs ??= this.#lastMs - total;
    this.#samples.captureToPublish.push(captureToPublishMs);
    this.#samples.preprocess.push(timings.preprocessMs);
    this.#samples.infer.push(timings.inferMs);
    this.#samples.postprocess.push(timings.postprocessMs);
    this.#detections += detections.length;
    for (const { label, trackId } of detections) {
      const known = this.#classes.get(label) ?? { detections: 0, tracks: new Set() };
      this.#classes.set(label, known);
      known.detections += 1;
      if (trackId !== undefined) known.tracks.add(trackId);
    }
  }

  /** Results so far. */
  get frames(): number {
    return this.#samples.infer.length;
  }

  event(event: PipelineEvent): void {
    if (event.kind === 'fault' || event.kind === 'lost' || event.kind === 'stuck')
      this.#faults.push(describeError(event.error));
  }

  summary(
    stats: PipelineStats,
    more: {
      readonly engine: string;
      readonly reason: string;
      readonly drawn: RunSummary['drawn'] | undefined;
    },
  ): RunSummary {
    const [camera] = stats.cameras;
    const { received = 0, processed = 0, superseded = 0, dropped = {} } = camera?.frames ?? {};
    const seconds = Math.max(0, this.#lastMs - (this.#firstMs ?? this.#lastMs)) / 1000;
    const classes = [...this.#classes].sort(([, a], [, b]) => b.detections - a.detections);
    const { model, version, digest, precision } = stats.detector;
    return {
      type: 'summary',
      model,
      version,
      digest,
      engine: more.engine,
      precision,
      reason: more.reason,
      frames: { received, processed, superseded, dropped: { ...dropped } },
      faults: this.#faults,
      detections: this.#detections,
      tracks: classes.reduce((sum, [, { tracks }]) => sum + tracks.size, 0),
      classes: Object.fromEntries(
        classes.map(([label, { detections, tracks }]) => [label, { detections, tracks: tracks.size }]),
      ),
      seconds,
      framesPerSecond: seconds > 0 ? processed / seconds : 0,
      latencyMs: Object.fromEntries(
        stages.map((stage) => [
          stage,
          { p50: percentile(this.#samples[stage], 0.5), p99: percentile(this.#samples[stage], 0.99) },
        ]),
      ),
      ...(more.drawn === undefined ? {} : { drawn: more.drawn }),
    };
  }
}
