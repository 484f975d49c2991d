import { defined, InternalError } from '../../base/index.ts';
import type { DeploymentReport, DeploymentState, DesiredModel } from '../../protocol/index.ts';
import type { SlotRecord } from '../agent-state.ts';
import type { SlotChange, SlotMemory } from './slot-memory.ts';
import { type DeploymentEvent, isSettled, nextState } from './table.ts';
import type { Waits } from './update-gate.ts';

export interface DeploymentRecordPorts {
  readonly memory: SlotMemory;
  /** After every step; the memory has it already. */
  readonly onStep: (deployment: SlotRecord['deployment']) => void;
  readonly onProgress: () => void;
  /** The agent was told to end: who does so has no part in what the model did. */
  readonly closing: () => boolean;
}

export interface Step {
  readonly reason?: string;
  readonly restarts?: number;
  readonly model?: DesiredModel;
  /** Why a kept model has no evidence that it works. */
  readonly unproven?: string;
  /** Saved together with the step. */
  readonly also?: SlotChange;
}

/** Where the deployment stands, in the memory of the agent: a step is there before anything is done about it. */
export class DeploymentRecord {
  readonly #ports: DeploymentRecordPorts;
  #progress: number | undefined;
  #waits: Waits | undefined;

  constructor(ports: DeploymentRecordPorts) {
    this.#ports = ports;
  }

  get deployment(): SlotRecord['deployment'] {
    return this.#ports.memory.record.deployment;
  }

  /** Idle until the next order. */
  get settled(): boolean {
    return isSettled(this.deployment.state);
  }

  /** What serves was kept without evidence. */
  get unproven(): boolean {
    const { state, outcome } = this.deployment;
    return state === 'committed' && outcome === 'unproven';
  }

  /** As it is reported. */
  get report(): DeploymentReport {
    const { state, model, reason, outcome } = this.deployment;
    const progress = this.#progress;
    const waits = state === 'ready' ? this.#waits : undefined;
    return {
      state,
      ...(model === undefined ? {} : { digest: model.digest }),
      ...(model?.order === undefined ? {} : { order: model.order }),
      ...defined({ progress }),
      ...(reason === undefined ? {} : { reason: reason.slice(0, 2000) }),
      ...defined({ outcome, waits }),
    };
  }

  /** The reason why a ready model waits; undefined: it continues. */
  async wait(waits: Waits | undefined): Promise<void> {
    const { memory, onProgress } = this.#ports;
    const { waiting: before = false, ...deployment } = this.deployment;
    this.#waits = waits;
    const waiting = waits !== undefined;
    if (waiting !== before)
      await memory.update({ deployment: { ...deployment, ...(waiting ? { waiting } : {}) } });
    onProgress();
  }

  /** Throws where the table has no row for it. */
  async move(event: DeploymentEvent, step: Step = {}): Promise<void> {
    const { memory, onStep, closing } = this.#ports;
    const { state, model, restarts } = this.deployment;
    const next = nextState(state, event);
    if (next === undefined)
      throw new InternalError(
        'deployment-table',
        `A deployment in state ${state} has no row for ${event}.`,
        '',
      );
    this.#progress = undefined;
    this.#waits = undefined;
    const of = step.model ?? model;
    const deployment = {
      state: next,
      restarts: step.restarts ?? restarts,
      ...(closing() ? { closed: true } : {}),
      ...(of === undefined || next === 'idle' ? {} : { model: of }),
      ...defined({ reason: step.reason ?? step.unproven }),
      ...(step.unproven === undefined ? {} : { outcome: 'unproven' as const }),
      ...(next === 'failed' ? { outcome: outcomeOf(state, event) } : {}),
    };
    await memory.update({ ...step.also, deployment });
    onStep(deployment);
  }

  async quarantine(digest: string, reason: string): Promise<void> {
    const { memory } = this.#ports;
    const { quarantined, generation } = memory;
    const { lost, desired } = memory.record;
    const order = desired?.model.digest === digest ? desired.model.order : undefined;
    const others = quarantined.filter((one) => one.digest !== digest).slice(-99);
    await memory.update({
      quarantined: [...others, { digest, generation, ...defined({ order }), reason: reason.slice(0, 2000) }],
      lost: lost?.digest === digest ? undefined : lost,
    });
  }

  /** In steps of a tenth: more would be noise. */
  advance(done: number | undefined): void {
    const step = done === undefined ? undefined : Math.floor(Math.min(1, Math.max(0, done)) * 10) / 10;
    if (step === this.#progress) return;
    this.#progress = step;
    this.#ports.onProgress();
  }
}

/** Three ends that a rollout must not mix up: it never began, it went wrong before it served, it served and went back. */
function outcomeOf(state: DeploymentState, event: DeploymentEvent): NonNullable<DeploymentReport['outcome']> {
  if (event === 'refused') return 'refused';
  return state === 'rolling-back' || event === 'withdrawn' ? 'rolled-back' : 'failed';
}
