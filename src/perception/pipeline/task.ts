import type { GoshawkError } from '../../base/index.ts';
import type { DetectorIdentity, DetectorResult } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { Detector } from '../ports.ts';
import type { CameraSettings } from '../settings.ts';

/** What came back for one frame, with what was asked and who answered. */
export interface Inference {
  readonly result: DetectorResult;
  readonly settings: CameraSettings;
  readonly identity: DetectorIdentity;
}

/** Hands on what a detector gave; the frame is valid during the call. */
export type Answer = (frame: Frame) => void;

/** What is to be done with one frame by whoever serves a slot. */
export interface Task {
  run(detector: Detector, frame: Frame): Promise<Answer>;
  /** It gave no answer; the frame is valid during the call. */
  fail(frame: Frame, error: GoshawkError): void;
}
