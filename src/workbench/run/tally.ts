import { type Clock, defined, describeError, percentile } from '../../base/index.ts';
import type {
  Agreement,
  NodeStats,
  PerceptionResult,
  PipelineEvent,
  PipelineStats,
} from '../../perception/index.ts';
import type { StreamReading } from '../../streams/index.ts';
import type { RunDrawn } from './drawing-sink.ts';
import { RuleTally, type RunRules } from './rule-tally.ts';

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
    /** By the source and the middleware, before they came. */
    readonly lost: number;
    /** Whose stamp was zero, old or far ahead: their latency counts from when they came. */
    readonly staleStamps: number;
  };
  readonly faults: readonly string[];
  readonly detections: number;
  readonly tracks: number;
  /** Detections and tracks by label, most first. */
  readonly classes: Readonly<Record<string, { readonly detections: number; readonly tracks: number }>>;
  /** That frames were taken in: pauses of a managed node are left out. */
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly latencyMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  /** By `--publish`, beside ROS. */
  readonly streams?: readonly StreamReading[];
  readonly drawn?: RunDrawn;
  /** Where there are more than one. */
  readonly nodes?: readonly RunNode[];
  /** Where there are zones or lines. */
  readonly rules?: RunRules;
}

/** What one node of the graph did. */
export interface RunNode {
  readonly node: string;
  readonly slot: string;
  readonly role: 'serve' | 'shadow';
  readonly received: number;
  readonly processed: number;
  readonly superseded: number;
  /** By reason, those that there were. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly crops?: number;
  readonly deadlines: { readonly met: number; readonly missed: number };
  readonly totalMs: { readonly p50: number; readonly p99: number };
  readonly agreement?: Agreement;
}

/** Of a run that was never configured. */
export const nothingRan: PipelineStats = {
  detector: {
    ...{ model: '', version: '', digest: '', engine: '', precision: '' },
    ...{ labels: [], inputWidth: 0, inputHeight: 0 },
  },
  ...{ cameras: [], held: 0, nodes: [] },
};

type Frames = RunSummary['frames'];

const noFrames: Frames = { received: 0, processed: 0, superseded: 0, dropped: {}, lost: 0, staleStamps: 0 };

function framesOf({ cameras: [camera] }: PipelineStats): Frames {
  if (camera === undefined) return noFrames;
  const { received, processed, superseded, dropped } = camera.frames;
  const { lostBySource: lost, staleStamps } = camera;
  return { received, processed, superseded, dropped, lost, staleStamps };
}

function sum(a: Frames, b: Frames): Frames {
  const reasons = new Set([...Object.keys(a.dropped), ...Object.keys(b.dropped)]);
  return {
    received: a.received + b.received,
    processed: a.processed + b.processed,
    superseded: a.superseded + b.superseded,
    dropped: Object.fromEntries(
      [...reasons].map((reason) => [reason, (a.dropped[reason] ?? 0) + (b.dropped[reason] ?? 0)]),
    ),
    lost: a.lost + b.lost,
    staleStamps: a.staleStamps + b.staleStamps,
  };
}

const stages = ['captureToPublish', 'preprocess', 'infer', 'postprocess'] as const;

/** What one run adds up to, over all of its lives: a managed node may be configured again, with another pipeline. */
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
  readonly #rules = new RuleTally();
  #detections = 0;
  /** Of the lives before. */
  #earlier = noFrames;
  /** Of the times before this one that frames were taken in. */
  #earlierMs = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  result({ detections, timings, captureToPublishMs, rules }: PerceptionResult): void {
    this.#rules.add(rules);
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

  /** Frames are taken in from now on: the time since the last one counts for no rate. */
  begin(): void {
    this.#earlierMs += this.#spanMs();
    this.#firstMs = undefined;
  }

  /** The pipeline is closed, and the next one counts from nothing. */
  ended(stats: PipelineStats): void {
    this.#earlier = sum(this.#earlier, framesOf(stats));
  }

  #spanMs(): number {
    return Math.max(0, this.#lastMs - (this.#firstMs ?? this.#lastMs));
  }

  /** Results so far. */
  get frames(): number {
    return this.#samples.infer.length;
  }

  event(event: PipelineEvent): void {
    if (event.kind === 'fault' || event.kind === 'lost' || event.kind === 'stuck')
      this.#faults.push(describeError(event.error));
  }

  /** `stats`: of the present life, before it is `ended`. */
  summary(
    stats: PipelineStats,
    more: {
      readonly engine: string;
      readonly reason: string;
      readonly drawn: RunSummary['drawn'] | undefined;
    },
  ): RunSummary {
    const frames = sum(this.#earlier, framesOf(stats));
    const seconds = (this.#earlierMs + this.#spanMs()) / 1000;
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
      frames,
      faults: this.#faults,
      detections: this.#detections,
      tracks: classes.reduce((sum, [, { tracks }]) => sum + tracks.size, 0),
      classes: Object.fromEntries(
        classes.map(([label, { detections, tracks }]) => [label, { detections, tracks: tracks.size }]),
      ),
      seconds,
      framesPerSecond: seconds > 0 ? frames.processed / seconds : 0,
      latencyMs: Object.fromEntries(
        stages.map((stage) => [
          stage,
          { p50: percentile(this.#samples[stage], 0.5), p99: percentile(this.#samples[stage], 0.99) },
        ]),
      ),
      ...defined({ drawn: more.drawn }),
      ...(stats.nodes.length > 1 ? { nodes: stats.nodes.map(runNode) } : {}),
      ...defined({ rules: this.#rules.summary }),
    };
  }
}

function runNode({ node, slot, role, frames, crops, deadlines, totalMs, agreement }: NodeStats): RunNode {
  const some = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const { received, processed, superseded, dropped, skipped } = frames;
  return {
    ...{ node, slot, role, received, processed, superseded, dropped: some(dropped), skipped: some(skipped) },
    ...defined({ crops }),
    deadlines,
    totalMs: { p50: totalMs.p50, p99: totalMs.p99 },
    ...defined({ agreement }),
  };
}
