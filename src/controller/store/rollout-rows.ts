import type {
  GateLookResult,
  GateResult,
  ModelChoice,
  PauseReason,
  RolloutDevice,
  RolloutNote,
  RolloutPolicy,
  RolloutState,
} from '../../api/index.ts';

export interface WaveRecord {
  readonly name: string;
  readonly soakMinutes: number;
  readonly approval?: true;
  readonly approvedBy?: string;
  readonly startedMs?: number;
  /** All of its devices gave an answer; later by what nobody watched since. */
  readonly settledMs?: number;
  /** Until then its soak was watched. */
  readonly seenMs?: number;
  readonly passedMs?: number;
  /** What the gate said last, at a look or as a guard. */
  readonly gate?: GateResult;
  /** How often it is looked at in its soak, from when it settled on; absent: once. */
  readonly looks?: { readonly of: number; readonly made: readonly GateLookResult[] };
}

/** Names that are remembered of rollouts that are no longer kept. */
export const mostGoneRollouts = 10_000;

/** A rollout as it is kept, without its devices: these change one by one. */
export interface RolloutRecord {
  readonly id: string;
  readonly name: string;
  readonly policy: RolloutPolicy;
  readonly slot: string;
  /** As its policy meant it when it was made. */
  readonly model: ModelChoice;
  readonly createdMs: number;
  readonly createdBy: { readonly token: string; readonly name: string };
  readonly state: RolloutState;
  readonly sinceMs: number;
  /** From 0. */
  readonly wave: number;
  readonly waves: readonly WaveRecord[];
  readonly pause?: PauseReason;
  readonly reason?: string;
  readonly notes: readonly RolloutNote[];
}

/** A device of a rollout, with what only the controller needs. */
export interface DeviceRecord extends RolloutDevice {
  /** Generation of its desired state by which the rollout took it back. */
  readonly revertGeneration?: number;
}
