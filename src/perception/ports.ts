import { GoshawkError } from '../base/index.ts';
import type { DetectionRequest, DetectorIdentity, DetectorResult, PerceptionResult } from './detection.ts';
import type { DeviceMemory } from './device-memory.ts';
import type { Frame } from './frame.ts';

/** A permanent loss of a detector: its device, which may return for a new detector, or more. */
export type DetectorLoss = 'device' | 'process';

/** No later frame can succeed on this detector; where the process is lost, on no other one of its engine either. */
export class DetectorLostError extends GoshawkError {
  readonly lost: DetectorLoss;

  constructor(
    lost: DetectorLoss,
    code: string,
    message: string,
    remedy: string,
    options?: { cause?: unknown },
  ) {
    super(code, message, remedy, options);
    this.lost = lost;
  }
}

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
  /** Memory whose pictures it reads where they are; of others it reads `data`. Does not change. Absent: none. */
  readonly memories?: readonly DeviceMemory[];
  /**
   * Rejects with an InputError for a frame it can't read, with a DetectorLostError where no later frame can succeed, with
   * another GoshawkError where it failed; the detector stays usable.
   */
  detect(frame: Frame, request: DetectionRequest): Promise<DetectorResult>;
  /** Frames under way settle (done or cancelled) before it resolves; later ones reject with a CancelledError. */
  close(): Promise<void>;
}

/** Port: where results go. Must not throw and must not block; slow sinks queue on their own. */
export interface DetectionSink {
  /** `all`: also what further nodes on frames give, each in a result of its own. Default: the main node of each camera. */
  readonly nodes?: 'main' | 'all';
  publish(result: PerceptionResult, frame: Frame): void;
}
