import type { DetectionSettings, DetectorIdentity, DetectorResult, PerceptionResult } from './detection.ts';
import type { Frame } from './frame.ts';

/**
 * Port: a frame in, detections out; preprocess, network, decode and NMS are all behind it.
 * The caller keeps ownership of the frame: it stays valid until the promise settles, then the caller releases it.
 * Promises: test/contract/detector.ts.
 */
export interface Detector {
  readonly identity: DetectorIdentity;
  /** How many frames may be under way at once; the scheduler keeps to it. */
  readonly capacity: number;
  /** How long its warm-up took, where it is known: a slow one is given more time before it is called stuck. */
  readonly warmUpMs?: number;
  /** Rejects with a GoshawkError for a frame it can't read; the detector stays usable. */
  detect(frame: Frame, settings: DetectionSettings): Promise<DetectorResult>;
  /** Frames under way settle (done or cancelled) before it resolves; later ones reject with a CancelledError. */
  close(): Promise<void>;
}

/** Port: where results go. Must not throw and must not block; slow sinks queue on their own. */
export interface DetectionSink {
  publish(result: PerceptionResult, frame: Frame): void;
}
