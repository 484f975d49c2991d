import type { TensorData } from '../base/index.ts';

/** A tensor outside of a model file: row-major values of an ONNX element type (`dataTypes`). */
export interface RunTensor {
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export type RunTensors = Readonly<Record<string, RunTensor>>;

export interface RunResult {
  readonly outputs: RunTensors;
  /** Time inside the engine, milliseconds; without the way to it and back. */
  readonly elapsedMs: number;
}

/**
 * A model that an engine has taken; any value that is listed as an output can be read. Inputs stay as they are. A run that
 * the engine refuses rejects with a GoshawkError and harms no other.
 */
export interface LoadedGraph {
  run(inputs: RunTensors): Promise<RunResult>;
  close(): Promise<void>;
}

export interface LoadOptions {
  /** `all` is what users run; `none` keeps every value as the file names it. */
  readonly optimization?: 'all' | 'none';
}

/**
 * Port: an engine that runs ONNX models on this machine, for folding, calibration and evaluation. Calls may overlap; after
 * `close` all reject with a CancelledError. Promises: test/contract/graph-runner.ts.
 */
export interface GraphRunner {
  /** Rejects with a GoshawkError that names the engine's own words when it can't take the model. */
  load(model: Uint8Array, options?: LoadOptions): Promise<LoadedGraph>;
  close(): Promise<void>;
}
