import type { RunTensors } from '../runner.ts';

/** Port: prepared pictures, as the network takes them. */
export interface SampleSet {
  /** Name for reports, e.g. the folder. */
  readonly name: string;
  readonly count: number;
  input(index: number): Promise<RunTensors>;
}

/** Called between pictures and rounds; throws to stop the work. */
export type Progress = (stage: string, done: number, total: number) => void;
