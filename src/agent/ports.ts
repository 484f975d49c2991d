import type { AnyManifest, Bundle, GoldenSet, Manifest } from '../model/index.ts';
import type {
  CameraSettings,
  Detector,
  DetectorIdentity,
  Image,
  PipelineStats,
} from '../perception/index.ts';
import type {
  Birth,
  CallRequestOf,
  CallResultOf,
  DesiredModel,
  deviceMetrics,
  Reported,
  Transport,
} from '../protocol/index.ts';
import type { ClipRecorder } from './clips/index.ts';
import type { SafetyCheck } from './deployment/update-gate.ts';
import type { DriftService } from './drift/drift-service.ts';
import type { PrivacyRule } from './privacy.ts';
import type { RemoteCommands } from './remote/index.ts';
import type { AgentUpdater } from './software/agent-updater.ts';
import type { SumMember } from './statistics/sum-member.ts';
import type { TrustGate } from './trust/ports.ts';

/** 0..1, or undefined where the total is not known. */
export type Progress = (done: number | undefined) => void;

/**
 * Port: the bundles on this device's disk and the way to new ones. An InputError or RefusedError says that trying again
 * helps nothing. Promises: test/contract/model-store.ts.
 */
export interface ModelStore<M extends AnyManifest = Manifest> {
  /** A verified bundle, or undefined when it is not there; one that is damaged counts as not there. */
  find(digest: string): Promise<Bundle<M> | undefined>;
  /**
   * Fetches what is missing, going on where an earlier try stopped; one that is damaged on the disk is fetched anew. Rejects
   * with a CancelledError when it is stopped. What only waits (for a time, a network, a peer) waits in `pause`: other slots
   * go on meanwhile, and may fetch.
   */
  download(
    model: DesiredModel,
    progress: Progress,
    signal: AbortSignal,
    pause?: <T>(wait: () => Promise<T>) => Promise<T>,
  ): Promise<void>;
  /** Whether some of what was downloaded came packed, and `unpack` has to make files of it; default: never. */
  packed?(digest: string): boolean;
  /**
   * InputError `transfer-unusable` where that gives other files than were promised: the next download fetches them in
   * another form. CancelledError when it is stopped.
   */
  unpack?(digest: string, progress: Progress, signal: AbortSignal): Promise<void>;
  /** Checks every byte of what was downloaded; rejects when it is not exactly that digest. */
  verify(digest: string): Promise<Bundle<M>>;
  /**
   * Opens the encrypted files of a bundle (`sealed`) in memory, for the engine that comes next; nothing of them reaches the
   * disk. Rejects, and lets the bundle go, where they are for others or not what was promised: another envelope may come.
   */
  decrypt?(bundle: Bundle<M>, progress: Progress, signal: AbortSignal): Promise<void>;
  /** Everything but these goes, half downloads too, to make room. */
  keepOnly(digests: readonly string[]): Promise<void>;
}

/** Port: an engine for a bundle, warm. May build it, which can take minutes. */
export interface DetectorFactory {
  create(bundle: Bundle, progress: Progress, signal: AbortSignal): Promise<Detector>;
  /**
   * What was created did badly, or what was being created may have taken the process with it. True where another device built
   * it: it is gone, and the next `create` builds it here. Default: false.
   */
  setAside?(bundle: Bundle, reason: string, detector?: Detector): Promise<boolean>;
  /**
   * What was created last serves now, on trial: trouble of its engine ends the trial by `rollBack`, and is mended by nothing
   * else. Undefined: the one before takes its place again.
   */
  onTrial?(rollBack: ((reason: string) => void) | undefined): void;
  /** A deployment has ended, one way or the other, and this is what serves. */
  settled?(serving: DetectorIdentity): void;
}

/** Port: holds a prepared detector to the bundle's golden set and budgets before it goes live. */
export interface ModelCheck {
  /** Memory that is in use; asked before the detector is made, so that the old model's is not counted with the new one's. */
  heldBytes?(): number;
  /** Rejects with a GoshawkError that says what was not reached. `beforeBytes`: what `heldBytes` said; absent: memory is not judged. */
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
  /** As they are wanted; those of `stats` are in force. */
  settings(camera: string): CameraSettings;
  stats(): PipelineStats;
}

/** Port: the monitoring for drift. `DriftService` fits. */
export type DriftHost = Pick<
  DriftService,
  | 'configure'
  | 'onChange'
  | 'statuses'
  | 'learning'
  | 'readings'
  | 'answered'
  | 'challenge'
  | 'listFrames'
  | 'framePiece'
>;

export interface CostReading {
  /** energy, network, storage. */
  readonly of: string;
  readonly currency: string;
  readonly perDay: number;
}

export interface BudgetReadings {
  /** The cap, where there is one. */
  readonly bytesPerDay?: number;
  readonly sentDayBytes: number;
  readonly sent: readonly { readonly kind: string; readonly sentBytes: number; readonly refused: number }[];
  /** Only where the board shows its power. */
  readonly energy?: {
    readonly joules: number;
    readonly dayJoules: number;
    readonly perFrame: number | undefined;
  };
  readonly stored: Readonly<Record<string, number>>;
  readonly costs: readonly CostReading[];
}

/** Port: what a day may cost and does. `BudgetService` fits. */
export interface BudgetHost {
  /** Counts what is sent, and refuses what is too much. */
  meter(transport: Transport): Transport;
  /** Whether a batch of metrics is due, where there would be one every `everyMs`. */
  metricsDue(everyMs: number): boolean;
  /** How often there is one now. */
  metricsEveryMs(everyMs: number): number;
  /** There is room for a batch of metrics. */
  readonly metricsRoom: boolean;
  /** There is room for a live picture. */
  readonly previewRoom: boolean;
  /** `frames`: published since the start, of all cameras. */
  read(board: BoardReadings, frames: number): void;
  readings(): BudgetReadings;
}

/** How what was promised of one camera is kept. */
export interface TargetReading {
  readonly camera: string;
  readonly targetFps?: number;
  readonly maxLatencyMs?: number;
  /** The target holds while an object is inside. */
  readonly zone?: string;
  /** Whether the last window held the target; absent without a target now, or without values yet. */
  readonly kept?: boolean;
  readonly keptSeconds: number;
  readonly missedSeconds: readonly { readonly reason: string; readonly seconds: number }[];
  /** As it was told: it is missed for longer than a moment. */
  readonly missed?: { readonly reason: string; readonly what: string };
  /** The ladder leaves out all of its frames. */
  readonly leftOut?: boolean;
}

/** Port: what was promised of cameras, and how it is kept. `TargetService` fits. */
export interface TargetHost {
  readings(): readonly TargetReading[];
  readonly ladder: { readonly level: number; readonly steps: number; readonly taken: readonly string[] };
  onChange(listener: () => void): void;
}

export interface BoardReadings {
  readonly temperatures: readonly { readonly zone: string; readonly celsius: number }[];
  readonly power: readonly { readonly rail: string; readonly watts: number }[];
  /** Cooling devices that slow the machine down now (fans do not). */
  readonly slowedBy?: readonly string[];
  /** Of a Jetson. */
  readonly tegra?: TegraReadings;
}

/** What a Jetson shows beside that; what can't be read is absent. Loads are shares, 0..1. */
export interface TegraReadings {
  readonly gpuLoad?: number;
  readonly gpuHz?: number;
  /** The fastest of its cores. */
  readonly cpuHz?: number;
  /** External memory controller (EMC). */
  readonly memoryHz?: number;
  readonly memoryLoad?: number;
  /** Times that the board slowed down since it was switched on, by what did it. */
  readonly overcurrent: readonly {
    readonly kind: 'under-voltage' | 'average' | 'instantaneous';
    readonly count: number;
  }[];
  /** Of nvpmodel. */
  readonly powerMode?: string;
  /** As jetson_clocks leaves them: no clock may go down. */
  readonly clocksPinned?: boolean;
}

type Rows = typeof deviceMetrics;
type GaugeKey = { [Key in keyof Rows]: Rows[Key]['kind'] extends 'gauge' ? Key : never }[keyof Rows];

/** Gauges of the process, by their keys in the catalogue; rates and percentiles are since the last reading. */
export type ProcessReadings = Readonly<Partial<Record<GaugeKey, number>> & { memory: number }>;

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
  /** The agent's disk, as it was a moment ago: a disk that hangs does not block the caller. */
  readDisk(): DiskReadings | undefined;
}

/** Port: streams of results. */
export interface StreamHost {
  readings(): readonly {
    readonly stream: string;
    readonly sent: number;
    readonly leftOut: Readonly<Record<string, number>>;
  }[];
}

/** Port: clips of cameras. `ClipRecorder` fits. */
export type ClipHost = Pick<ClipRecorder, 'list' | 'piece' | 'record' | 'readings'>;

/** Something a robot said: a number of a field, or with `field` undefined that its topic is silent. */
export type RobotReading =
  | { readonly name: string; readonly field: string; readonly value: number }
  | { readonly name: string; readonly field: undefined; readonly value: undefined };

/** A call of the fleet: `on` for what is switched, `request` the fields of another one. */
export type RobotOrder = CallRequestOf<'robot'>;

/** Port: the robot that carries the device. */
export interface RobotHost {
  /** Since this was asked last. */
  readings(): readonly RobotReading[];
  /** Undefined where nobody listens to its parts. */
  report(): Reported['robot'];
  /** What `report` gives is another. */
  onChange(listener: () => void): void;
  /** Rejects with an InputError for a service that the settings do not name, and with a MissingError where it does not answer. */
  call(order: RobotOrder): Promise<CallResultOf<'robot'>>;
}

/** Port: how models come to run. */
export interface DeploymentPorts {
  readonly models: ModelStore;
  /** Engines of one slot. */
  readonly factory: (slot: string) => DetectorFactory;
  readonly check?: ModelCheck;
  /** Whether the machine can do with another model now; absent: always. */
  readonly safety?: SafetyCheck;
  /** What renews the agent itself. */
  readonly software?: { readonly updater: AgentUpdater; readonly releases: ModelStore<AnyManifest> };
  /** The models and orders that are accepted; default: all, and that is reported. */
  readonly trust?: TrustGate;
  /** Nothing of a slot is left. */
  readonly onSlotRemoved?: (slot: string) => void;
}

/** Port: what a device may have beside its models; whoever made one closes it. */
export interface AgentParts {
  /** The monitoring for drift. */
  readonly drift?: DriftHost;
  /** What was promised of cameras. */
  readonly targets?: TargetHost;
  /** What may be sent. */
  readonly budget?: BudgetHost;
  /** What became of results that leave by streams. `ResultStreams` fits. */
  readonly streams?: StreamHost;
  /** Clips of cameras. */
  readonly clips?: ClipHost;
  /** What the robot says. */
  readonly robot?: RobotHost;
  /** Hears what `call/updates` says; absent: it is refused. */
  readonly updates?: { take(request: CallRequestOf<'updates'>): void };
  /** Hears what this device reports of itself, whether the fleet can be reached or not. */
  readonly onReported?: (reported: Reported) => void;
  /** What may be seen of pictures, for what is reported. */
  readonly privacy?: PrivacyRule;
  /** Sums that this device takes part in: of classes and scores it sends nothing of its own then. */
  readonly sums?: SumMember;
  /** Commands on the agent that the fleet may use; absent: none. */
  readonly remote?: RemoteHost;
  /** That it shows to the fleet; undefined where it has none. */
  readonly certificate?: () => CertificateFacts | undefined;
}

/** Port: commands on the agent itself. `RemoteCommands` fits. */
export type RemoteHost = Pick<
  RemoteCommands,
  'allowed' | 'restart' | 'logs' | 'bundle' | 'tryCamera' | 'changeCameras' | 'answered'
>;

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}
