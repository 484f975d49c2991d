import type { NativeAddon } from '../../native/index.ts';
import type { Bundle } from '../../src/model/index.ts';
import type { StageReport } from './measure.ts';
import type { LinePeer } from './peers/line-peer.ts';

/** What every stage finds ready. */
export interface BenchContext {
  /** For files of this run; removed at the end. */
  readonly folder: string;
  readonly rounds: number;
  /** A try of the bench itself: too short for numbers. */
  readonly quick: boolean;
  /** As installed. */
  readonly python: LinePeer | undefined;
  /** With `memoryKept`: Python at its best. */
  readonly pythonKept: LinePeer | undefined;
  readonly cpp: LinePeer | undefined;
  readonly native: NativeAddon | undefined;
  readonly bundle: Bundle;
  /** File with 1080p rgb8 pictures one after the other. */
  readonly frames: string;
  /** Python's ONNX Runtime, where ours can run with it too. */
  readonly pythonLibrary: string | undefined;
  /** Path of the compiled `run-cameras.js`; with `library` its native engine runs with that ONNX Runtime. */
  child(library?: string): string;
  progress(text: string): void;
}

export interface BenchStage {
  readonly name: string;
  readonly about: string;
  run(context: BenchContext): Promise<StageReport>;
}
