import type { Bundle } from '../../../src/model/index.ts';

/** What one run is asked, ours or the peer's. */
export interface GraphAsk {
  readonly bundles: Readonly<Record<'main' | 'second' | 'kind', Bundle>>;
  readonly cameras: number;
  readonly fps: number;
  readonly workers: number;
  readonly deadlineMs: number;
  readonly maxCrops: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  readonly frames: string;
  readonly width: number;
  readonly height: number;
}

/** Counts and times of each node on frames; the first one's with the classifier on its boxes. */
export interface GraphAnswer {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly crops: number;
  readonly nodes: Readonly<Record<'detect' | 'second', NodeAnswer>>;
}

export interface NodeAnswer {
  readonly frames: number;
  readonly inTime: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
