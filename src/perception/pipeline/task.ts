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

/** What is to be done with one frame by whoever serves a slot. Of `answered` and `fail` one is called, or none where it is dropped. */
export interface Task {
  /** The frame stays valid until the promise settles. */
  run(detector: Detector, frame: Frame): Promise<void>;
  /** After `run`, in the order in which the frames of its node came; the frame is valid during the call. */
  answered(frame: Frame): void;
  fail(error: GoshawkError): void;
}
