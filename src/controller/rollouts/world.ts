import type { CameraShare, Freeze, Hold, Labels, ModelChoice } from '../../api/index.ts';
import type { DeploymentReport } from '../../protocol/index.ts';
import type { KnownRules } from '../desired/known-rules.ts';

/** What is known of one device, as far as rollouts of one slot look at it. */
export interface DeviceFacts {
  readonly id: string;
  readonly online: boolean;
  readonly lastSeenMs?: number | undefined;
  readonly labels: Labels;
  readonly groups: readonly string[];
  readonly board?: string | undefined;
  readonly hold?: Hold | undefined;
  /** Rules by which somebody else has to approve what it gets. */
  readonly approvalRules: readonly string[];
  /** What its own settings name for the slot. */
  readonly own?: ModelChoice | undefined;
  /** The part of its cameras that its own settings give to a slot. */
  readonly shareIn: (slot: string) => CameraShare | undefined;
  /** Those that can be divided. */
  readonly cameras: readonly string[];
  /** Zones and lines of its cameras; undefined where it has not reported any settings. */
  readonly rules?: KnownRules | undefined;
  /** What the slot runs. */
  readonly loaded?: ModelChoice | undefined;
  /** A group of the device names a model for the slot. */
  readonly groupNames: boolean;
  readonly deployment?: DeploymentReport | undefined;
  /** Of its desired state that it acts on. */
  readonly generation: number;
}

/** What a step of a rollout looks at. */
export interface World {
  readonly nowMs: number;
  readonly freeze?: Freeze | undefined;
  /** Every device of the fleet. */
  readonly devices: ReadonlyMap<string, DeviceFacts>;
  /** At work for other rollouts, of any slot: a site that gives away a device does not ask for whom. */
  readonly busyElsewhere?: ReadonlySet<string>;
  /** Of a rollout that was superseded: devices that belong to rollouts of its slot under way. */
  readonly claimed?: ReadonlySet<string>;
  /** Whether devices can fetch the bundle. */
  readonly modelHeld: boolean;
}
