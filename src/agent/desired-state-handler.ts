import { type Clock, defined, type Log } from '../base/index.ts';
import type { CameraSettings } from '../perception/index.ts';
import type { Desired, DesiredModel } from '../protocol/index.ts';
import type { AgentState, SlotRecord } from './agent-state.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import type { CameraConfigurator } from './camera-configurator.ts';
import type { ModelDecision } from './deployment/decision.ts';
import { isSettled } from './deployment/table.ts';
import type { AgentEvent } from './event-reporter.ts';
import { decideSlots, type SlotDecision } from './slots/slot-decision.ts';
import type { DeviceSlot, SlotSet } from './slots/slot-set.ts';

export interface DesiredStateHandlerPorts {
  readonly cameras: CameraConfigurator;
  readonly slots: SlotSet;
  readonly stateStore: AgentStateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => Promise<boolean>;
  /** After every order, followed or refused, and after new settings of a camera. */
  readonly onDone: () => void;
}

/** An order, and the keys whose generations it counts in. */
interface Order {
  readonly desired: Desired;
  readonly authority: string | undefined;
}

/**
 * Takes the orders of the fleet one at a time; of those that came meanwhile only the newest counts.
 *
 * `desired` is the whole desired state: settings that it leaves out go back to the device's own, slots that it leaves out go.
 *
 * INVARIANT. Of two orders of the same keys the higher generation counts; what keys gave that the root names no longer counts
 * nothing, so that one who stole them rules no longer than they do.
 */
export class DesiredStateHandler {
  readonly #ports: DesiredStateHandlerPorts;
  #newest: Order | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: DesiredStateHandlerPorts) {
    this.#ports = ports;
  }

  take(desired: Desired, authority?: string): void {
    const { state } = this.#ports.stateStore;
    const order = { desired, authority };
    const { generation } = this.#newest?.desired ?? state;
    if (!isNewer(order, generation, (this.#newest ?? state).authority)) return;
    const scheduled = this.#newest !== undefined;
    this.#newest = order;
    if (!scheduled) this.#working = this.#working.then(() => this.#work());
  }

  /** At the start: slots of the last order that was taken whose deployment had not begun yet. */
  resume(): void {
    this.#working = this.#working.then(() =>
      this.#followSlots(this.#ports.stateStore.state.generation, false),
    );
  }

  /** Fetches models again that were lost from the disk, if no other work is in progress. */
  restoreLost(): void {
    this.#working = this.#working.then(async () => {
      const { slots, log } = this.#ports;
      for (const { name, memory, deployer } of slots) {
        const { lost, deployment } = memory.record;
        if (lost === undefined || !isSettled(deployment.state)) continue;
        await deployer.order(lost).catch((error: unknown) => {
          log.error('A model that was lost cannot be brought up again', { slot: name, error });
        });
      }
    });
  }

  /** Something that may not cross with an order. */
  inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => {});
    return done;
  }

  /** Resolves when no order is being worked on; a deployment may go on behind it. */
  idle(): Promise<void> {
    return this.#working;
  }

  /** Gives a camera other settings of its own; what the fleet wants stays on top of them. */
  rebase(camera: string, own: CameraSettings): void {
    if (this.#ports.cameras.rebase(camera, own)) this.#ports.onDone();
  }

  async #work(): Promise<void> {
    const order = this.#newest;
    this.#newest = undefined;
    if (order === undefined) return;
    try {
      await this.#follow(order);
    } catch (error) {
      this.#ports.log.error('An order failed', { generation: order.desired.generation, error });
    }
    this.#ports.onDone();
  }

  /** The generation comes last: a device that a power cut stops here begins what is left, and is told once more. */
  async #follow(order: Order): Promise<void> {
    const { stateStore, cameras } = this.#ports;
    const { state } = stateStore;
    if (!isNewer(order, state.generation, state.authority)) return;
    const { generation, pipelines = {}, slots } = order.desired;
    await stateStore.update({ pipelines, slots: wantedSlots(stateStore.state.slots, slots) });
    cameras.apply();
    await this.#followSlots(generation, true);
    await stateStore.update({ generation, authority: order.authority });
  }

  async #followSlots(generation: number, all: boolean): Promise<void> {
    const { stateStore, clock, log } = this.#ports;
    const decide = () => decideSlots(stateStore.state, generation, clock.wallMs(), all);
    for (const { slot } of decide()) {
      const decideAgain = () => decide().find((one) => one.slot === slot);
      try {
        await this.#followSlot(slot, generation, decideAgain);
      } catch (error) {
        // A failure of one slot does not affect the others.
        log.error('A slot cannot be brought to what is wanted', { slot, error });
      }
    }
  }

  /** Decides at the turn of the slot, and again after a stop: what was told to stop may have been committed before it did. */
  async #followSlot(name: string, generation: number, decide: () => SlotDecision | undefined): Promise<void> {
    const { slots } = this.#ports;
    let decision = decide();
    if (decision?.kind === 'remove') return slots.remove(name);
    const slot = slots.ensure(name);
    if (decision?.kind === 'quarantined' || (decision?.kind === 'follow' && decision.supersede)) {
      await slot.deployer.supersede();
      decision = decide();
    }
    if (decision !== undefined && decision.kind !== 'remove') await this.#act(slot, generation, decision);
  }

  async #act(slot: DeviceSlot, generation: number, decision: ModelDecision): Promise<void> {
    if (decision.kind === 'expired') return this.#expire(slot, generation, decision);
    const { memory, deployer } = slot;
    if (decision.kind === 'quarantined') await deployer.refuse(decision.model, decision.reason);
    else if (decision.deploy !== undefined) await deployer.order(decision.deploy);
    else if (decision.confirm !== undefined) await deployer.confirm(decision.confirm);
    const { lost, desired } = memory.record;
    if (desired === undefined) return;
    // A lost model is not wanted any more once the fleet names another one.
    const isOther = decision.kind === 'follow' && lost !== undefined && lost.digest !== desired.model.digest;
    await memory.update({ begun: begunOf(desired.model), ...(isOther ? { lost: undefined } : {}) });
  }

  async #expire(
    { name, deployer }: DeviceSlot,
    generation: number,
    { model, reason }: Extract<ModelDecision, { kind: 'expired' }>,
  ): Promise<void> {
    await deployer.refuse(model, reason);
    await this.#ports.reportEvent({
      kind: 'desired.expired',
      severity: 'warning',
      message: reason,
      data: { generation, slot: name },
    });
  }
}

function isNewer(order: Order, generation: number, authority: string | undefined): boolean {
  return order.authority !== authority || order.desired.generation > generation;
}

function begunOf({ digest, order }: DesiredModel): NonNullable<SlotRecord['begun']> {
  return { digest, ...defined({ order }) };
}

/** What is remembered of every slot, with what is wanted of it now. */
function wantedSlots(known: AgentState['slots'], wanted: Desired['slots'] = {}): AgentState['slots'] {
  const slots: AgentState['slots'] = {};
  for (const [name, { desired: _, ...record }] of Object.entries(known)) slots[name] = record;
  for (const [name, desired] of Object.entries(wanted))
    slots[name] = { deployment: { state: 'idle', restarts: 0 }, ...slots[name], desired };
  return slots;
}
