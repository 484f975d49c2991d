import type { GateMetricName, GatePart } from '../../../api/index.ts';

export type GateMetric = GateMetricName;

export interface MetricGate {
  readonly metric: GateMetric;
  /** Smallest harm worth finding: a share (0.1 is a tenth) or, where its row of gateMetricTable says so, in the unit of the metric. */
  readonly harm?: number;
  /** Which way is harm; otherwise as in gateMetricTable. */
  readonly direction?: 'down' | 'up' | 'both';
  /** Of what is compared for each class, zone or line: these only. */
  readonly classes?: readonly string[];
  readonly zones?: readonly string[];
  readonly lines?: readonly string[];
}

/** `control`: against devices that restarted meanwhile; `before`: against themselves; `shadow`: on the same frames. */
export type GateComparison = 'control' | 'before' | 'shadow';

export interface GateSpec {
  readonly metrics: readonly MetricGate[];
  /** `control` where it is not said and there are control devices, else `before`. */
  readonly comparison?: GateComparison;
  /** Most probability that a model that is as good as the one before is aborted, over all metrics, looks and waves: 0.05. */
  readonly falseAbort?: number;
  /** So many waves share `falseAbort`: 1. */
  readonly waves?: number;
  /** A guard looks all the time beside the looks: each has half of `falseAbort`. */
  readonly guarded?: boolean;
  /** A look before the last may pass; otherwise it can only fail. */
  readonly passEarly?: boolean;
  /** With this probability a harm of the smallest size worth finding is not passed: 0.8. */
  readonly power?: number;
  /** Minutes after a swap that count on no side: 5. */
  readonly settleMinutes?: number;
  /** Fewer blocks after the swap than this, over all cameras, are no data: 3. */
  readonly leastBlocks?: number;
}

/** One value of one block, and what stands behind it: frames, objects, hours or answers. */
export interface Measured {
  readonly value: number;
  readonly weight: number;
}

/** `class:<label>` beside the metrics: detections per frame of one class; so for zones and lines. */
export type BlockKey = GateMetric | `${GatePart['key']}:${string}`;

/** Some minutes of one camera. */
export interface GateBlock {
  /** By the controller's clock. */
  readonly startMs: number;
  readonly values: Readonly<Partial<Record<BlockKey, Measured>>>;
}

/** One camera, or a device itself (`camera` is empty then: its memory, its temperature). */
export interface GateSubject {
  readonly device: string;
  readonly camera: string;
  readonly arm: 'treated' | 'control';
  /** When the new model began to serve; of a control, when it restarted. Undefined: not yet, or a control that did not. */
  readonly changedMs: number | undefined;
  /** What is before ends here: from the order to `changedMs` a device downloads, swaps and is on probation. */
  readonly beforeMs?: number;
  /** What is before is not kept any more. */
  readonly beforeGone?: true;
  /** Swaps, restarts and rollbacks after `changedMs`: the minutes after each are left out. */
  readonly disturbedMs?: readonly number[];
  /** By rising start. Those before `changedMs` are what is usual: a day or more is better than an hour. */
  readonly blocks: readonly GateBlock[];
}

/**
 * A wave is looked at `of` times, or all the time (`always`). A look that comes late is made together with those that
 * nobody made before it, from `from` on: one look, which has what each of them may spend. `again`: a person lets the gate
 * look once more after the last one; it may pass, and refuses as a guard does.
 */
export type GateLook = PlannedLook | 'always' | 'again';

export interface PlannedLook {
  readonly number: number;
  readonly of: number;
  /** Absent: the look itself. */
  readonly from?: number;
}

export interface GateEvidence {
  readonly blockMinutes: number;
  readonly look: GateLook;
  readonly subjects: readonly GateSubject[];
  /** By the controller's clock; blocks after it are left out. Otherwise the middle of what the subjects sent last. */
  readonly nowMs?: number;
}

export type GateOutcome = 'pass' | 'fail' | 'inconclusive' | 'no-data';

/** What one metric says. `estimate` and `interval`: harm is positive, in the unit of `harm`. */
export interface MetricVerdict {
  readonly metric: GateMetric;
  /** Of class-mix. */
  readonly label?: string;
  readonly outcome: GateOutcome;
  readonly harm: number;
  /** As in gateMetricTable: a share, or the unit. */
  readonly unit: string;
  /** Who measured it: `device` can be made up by the device itself, `controller` cannot. */
  readonly seenBy: 'device' | 'controller';
  /** Of a pass: the only device of the wave, or of its control, that says so; it could have made it up alone. */
  readonly alone?: string;
  /** No pass: without this device the others show a harm that is worth finding. */
  readonly hinges?: string;
  readonly estimate?: number;
  readonly interval?: readonly [low: number, high: number];
  readonly pValue?: number;
  /** Cameras (or devices) and blocks on the two sides. */
  readonly treated: { readonly subjects: number; readonly blocks: number };
  readonly control: { readonly subjects: number; readonly blocks: number };
  /** How it was found: rank test, history, exact counts. */
  readonly method: string;
  /** A sentence for people. */
  readonly says: string;
  /** Of inconclusive and no-data: what would settle it. */
  readonly settle?: string;
}

export interface GateVerdict {
  readonly outcome: GateOutcome;
  /** One sentence for people. */
  readonly says: string;
  readonly settle: readonly string[];
  readonly metrics: readonly MetricVerdict[];
}

export interface GateFleet {
  /** Cameras that get the new model. */
  readonly cameras: number;
  readonly blockMinutes: number;
  readonly soakMinutes: number;
  /** Cameras of control devices; 0 where it is not said. */
  readonly controls?: number;
  /** How often the wave is looked at: 1. */
  readonly looks?: number;
  /** What is usual there; without it the noise of the simulated street is taken, and said. */
  readonly history?: readonly GateSubject[];
  /** The devices that the cameras are on; otherwise each has one camera and a week of history. */
  readonly devices?: readonly PlannedDevice[];
}

export interface PlannedDevice {
  readonly device: string;
  readonly arm: 'treated' | 'control';
  readonly cameras: number;
  /** For so long it has sent what the gate looks at. */
  readonly historyMinutes: number;
}

export interface PlannedMetric {
  readonly metric: GateMetric;
  readonly unit: string;
  /** Smallest harm that is found with the power that was asked for; undefined where the fleet can find none. */
  readonly smallest: number | undefined;
  readonly harm: number;
  readonly enough: boolean;
  /** Why the last look will decide nothing, whatever there is to see, and what would settle it. */
  readonly undecided?: { readonly why: string; readonly settle: string };
  /** Where it decides nothing: the shortest of the usual soaks whose last look does. */
  readonly decidesAfter?: number;
  /** Minutes of soak that would find `harm` with as many cameras, and cameras in as many minutes. */
  readonly needs: { readonly minutes?: number; readonly cameras?: number };
  /** What each look before the last finds, with the same power. */
  readonly early: readonly PlannedSight[];
  readonly says: string;
}

export interface PlannedSight {
  /** After the wave settled. */
  readonly minutes: number;
  readonly smallest: number | undefined;
}

export interface GatePlan {
  readonly enough: boolean;
  /** Of every metric the last look says pass or fail where it sees enough; otherwise the wave ends in a pause. */
  readonly decides: boolean;
  readonly metrics: readonly PlannedMetric[];
  readonly says: readonly string[];
}
