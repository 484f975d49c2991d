/** What was promised of one camera; what is absent was not promised. */
export interface CameraPromise {
  readonly targetFps?: number;
  /** p95 from the stamp of a frame to publishing its result. */
  readonly maxLatencyMs?: number;
  /** It holds while an object is inside of this zone; absent: always. */
  readonly zone?: string;
}

/** What one camera did over a window of some seconds. */
export interface CameraWindow {
  readonly camera: string;
  readonly seconds: number;
  /** The camera is on. */
  readonly enabled: boolean;
  /** Frames that the camera gave, and those of them that were left out on purpose. */
  readonly given: number;
  readonly thinned: number;
  readonly published: number;
  /** Undefined: nothing was published. */
  readonly p95LatencyMs: number | undefined;
  /** Time of the detector that its frames took. */
  readonly detectorMs: number;
  /** Zones that its results had, and whether an object was inside. */
  readonly zones: ReadonlyMap<string, boolean>;
  /** The present fault, in words. */
  readonly fault?: string | undefined;
}

/** What the machine is in; what is not known is absent. */
export interface Conditions {
  /** The hottest zone. */
  readonly celsius?: number;
  /** What slows the machine down now: `heat`, or `power` (over-current, a cap). */
  readonly throttled?: 'heat' | 'power';
  /** Cores that others than this process keep busy, as a share of all, 0..1. */
  readonly othersShare?: number;
  readonly powerMode?: string;
}
