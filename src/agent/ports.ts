import type { Bundle, GoldenSet } from '../model/index.ts';
import type {
  CameraSettings,
  Detector,
  DetectorIdentity,
  Image,
  PipelineStats,
} from '../perception/index.ts';
import type { Birth, DesiredModel } from '../protocol/index.ts';
import type { DriftService } from './drift/drift-service.ts';

/** 0..1, or undefined where the total is not known. */
export type Progress = (done: number | undefined) => void;

/**
 * Port: the bundles on this device's disk and the way to new ones. An InputError or RefusedError says that trying again
 * helps nothing. Promises: test/contract/model-store.ts.
 */
export interface ModelStore {
  /** A verified bundle, or undefined when it is not there; one that is damaged counts as not there. */
  find(digest: string): Promise<Bundle | undefined>;
  /**
   * Fetches what is missing, going on where an earlier try stopped; one that is damaged on the disk is fetched anew. Rejects
   * with a CancelledError when it is stopped.
   */
  download(model: DesiredModel, progress: Progress, signal: AbortSignal): Promise<void>;
  /** Checks every byte of what was downloaded; rejects when it is not exactly that digest. */
  verify(digest: string): Promise<Bundle>;
  /** Everything but these goes, half downloads too, to make room. */
  keepOnly(digests: readonly string[]): Promise<void>;
}

/** Port: an engine for a bundle, warm. May build it, which can take minutes. */
export interface DetectorFactory {
  create(bundle: Bundle, progress: Progress, signal: AbortSignal): Promise<Detector>;
  /** A deployment has ended, one way or the other, and this is what serves. */
  settled?(serving: DetectorIdentity): void;
}

/** Port: holds a prepared detector to the bundle's golden set and budgets before it goes live. */
export interface ModelCheck {
  /** Memory that is in use; asked before the detector is made, so that the old model's is not counted with the new one's. */
  heldBytes?(): number;
  /** Rejects with a GoshawkError that says what was not reached. `beforeBytes`: what `heldBytes` said. */
  check(bundle: Bundle, detector: Detector, signal: AbortSignal, beforeBytes?: number): Promise<void>;
}

/** Port: the golden set of a bundle on the disk. Rejects with a GoshawkError where something is not there or damaged. */
export interface GoldenFiles {
  read(bundle: Bundle): Promise<GoldenSet>;
  /** `file`: of a golden frame. */
  picture(bundle: Bundle, file: string): Promise<Image>;
}

/** Port: what runs. `Pipeline` of the perception room fits. Promises: test/contract/pipeline-host.ts. */
export interface PipelineHost {
  readonly cameras: readonly string[];
  /** Of the slot `main`. */
  readonly identity: DetectorIdentity;
  /** By slot; only those that are there. */
  identities(): ReadonlyMap<string, DetectorIdentity>;
  /**
   * New frames go to `detector` at once; resolves when the old one, which stays open, owes nothing any more. Without a slot
   * that of `main`.
   */
  swap(detector: Detector, slot?: string): Promise<void>;
  addSlot(slot: string, detector: Detector): void | Promise<void>;
  /** Resolves when its detector, which stays open, owes nothing any more. Its nodes rest until it is there again. */
  removeSlot(slot: string): Promise<void>;
  /** InputError `settings-range` for a value out of range, which changes nothing, and `camera-unknown`. */
  configure(camera: string, settings: Partial<CameraSettings>): void;
  settings(camera: string): CameraSettings;
  stats(): PipelineStats;
}

/** Port: the monitoring for drift. `DriftService` fits. */
export type DriftHost = Pick<
  DriftService,
  'configure' | 'onChange' | 'statuses' | 'learning' | 'readings' | 'answered' | 'listFrames' | 'framePiece'
>;

export interface BoardReadings {
  readonly temperatures: readonly { readonly zone: string; readonly celsius: number }[];
  readonly power: readonly { readonly rail: string; readonly watts: number }[];
}

export interface ProcessReadings {
  /** Resident set. */
  readonly memoryBytes: number;
  /** 1 = one core busy, since the last reading. */
  readonly cpuCores: number;
  /** p99 since the last reading. */
  readonly eventLoopDelaySeconds: number;
}

export interface DiskReadings {
  /** Free to this user. */
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** Port: the machine. Readings never reject: a sensor that fails is left out. */
export interface Machine {
  board(): Promise<Birth['board']>;
  readBoard(): Promise<BoardReadings>;
  readProcess(): ProcessReadings;
  /** That a model may still take; undefined where nobody knows. */
  freeMemoryBytes?(): number | undefined;
  /** Of the disk that the agent writes to, as it was a moment ago: a disk that hangs holds up nobody. */
  readDisk(): DiskReadings | undefined;
}
