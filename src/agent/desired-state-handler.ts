import { type Clock, defined, type Log } from '../base/index.ts';
import type { CameraSettings } from '../perception/index.ts';
import type { Desired, DesiredModel, DesiredSlot } from '../protocol/index.ts';
import type { AgentState, SlotState } from './agent-state.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import type { CameraConfigurator } from './camera-configurator.ts';
import { decideDesired, type ModelDecision } from './deployment/decision.ts';
import { isSettled } from './deployment/table.ts';
import type { AgentEvent } from './event-reporter.ts';
import { decideSlots } from './slots/slot-decision.ts';
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

/**
 * Takes the orders of the fleet one at a time; of those that came meanwhile only the newest counts.
 *
 * `desired` is the whole desired state: settings that it leaves out go back to the device's own, slots that it leaves out go.
 */
export class DesiredStateHandler {
  readonly #ports: DesiredStateHandlerPorts;
  #newest: Desired | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: DesiredStateHandlerPorts) {
    this.#ports = ports;
  }

  take(desired: Desired): void {
    const known = Math.max(this.#ports.stateStore.state.generation, this.#newest?.generation ?? 0);
    if (desired.generation <= known) {
      this.#relocateLost(desired);
      return;
    }
    const scheduled = this.#newest !== undefined;
    this.#newest = desired;
    if (!scheduled) this.#working = this.#working.then(() => this.#work());
  }

  /** At the start: slots of the last order that was taken whose deployment had not begun yet. */
  resume(): void {
    this.#working = this.#working.then(() => this.#followSlots(false));
  }

  /** Brings models that were lost from the disk up again, where nothing else is under way. */
  restoreLost(): void {
    this.#working = this.#working.then(async () => {
      const { slots, stateStore, log } = this.#ports;
      for (const { name, memory, deployer } of slots) {
        const { lost, deployment } = memory.record;
        if (lost === undefined || !isSettled(deployment.state)) continue;
        await deployer.order(lost, stateStore.state.generation).catch((error: unknown) => {
          log.error('A model that was lost can not be brought up again', { slot: name, error });
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

  /** The fleet may know an address for a model that came without one, or a newer one. */
  #relocateLost({ model, slots = {} }: Desired): void {
    const known: Record<string, DesiredModel | undefined> = { [this.#ports.slots.main.name]: model };
    for (const [name, slot] of Object.entries(slots)) known[name] = slot.model;
    for (const { name, memory } of this.#ports.slots) {
      const { lost } = memory.record;
      const found = known[name];
      if (found?.url === undefined || lost?.digest !== found.digest || lost.url === found.url) continue;
      void memory.update({ lost: found });
      this.restoreLost();
    }
  }

  async #work(): Promise<void> {
    const desired = this.#newest;
    this.#newest = undefined;
    if (desired === undefined) return;
    try {
      await this.#follow(desired);
    } catch (error) {
      this.#ports.log.error('An order failed', { generation: desired.generation, error });
    }
    this.#ports.onDone();
  }

  async #follow(desired: Desired): Promise<void> {
    const { stateStore, slots, cameras, clock } = this.#ports;
    const { generation, model, pipelines = {} } = desired;
    const decision = decideDesired(desired, stateStore.state, clock.wallMs());
    if (decision.kind === 'ignore') return;
    if (decision.kind === 'expired') {
      // The other slots have times of their own.
      await stateStore.update({ slots: wantedSlots(stateStore.state.slots, desired.slots) });
      await this.#expire(slots.main, generation, decision);
      await this.#followSlots(true);
      return;
    }
    if (decision.kind === 'quarantined' || decision.supersede) await slots.main.deployer.supersede();
    // All that a power cut may not take apart: with the generation the rest would never be looked at again.
    await stateStore.update({
      pipelines,
      slots: wantedSlots(stateStore.state.slots, desired.slots),
      ...(model === undefined ? {} : { wanted: wantedOf(model) }),
      ...(decision.kind === 'follow' && decision.deploy === undefined ? { generation } : {}),
    });
    cameras.apply();
    await this.#act(slots.main, generation, decision);
    await this.#followSlots(true);
  }

  async #followSlots(all: boolean): Promise<void> {
    const { stateStore, slots, clock, log } = this.#ports;
    for (const decision of decideSlots(stateStore.state, clock.wallMs(), all)) {
      const { slot: name } = decision;
      try {
        if (decision.kind === 'remove') {
          await slots.remove(name);
          continue;
        }
        const slot = slots.ensure(name);
        const { generation } = slot.memory;
        if (decision.kind === 'expired') await this.#expire(slot, generation, decision);
        else {
          if (decision.kind === 'quarantined' || decision.supersede) await slot.deployer.supersede();
          const { desired } = slot.memory.record;
          if (desired !== undefined) await slot.memory.update({ wanted: wantedOf(desired.model) });
          await this.#act(slot, generation, decision);
        }
      } catch (error) {
        // What is wrong with one slot keeps nothing from the others.
        log.error('A slot can not be brought to what is wanted', { slot: name, error });
      }
    }
  }

  async #act(
    { memory, deployer }: DeviceSlot,
    generation: number,
    decision: Exclude<ModelDecision, { readonly kind: 'expired' }>,
  ): Promise<void> {
    if (decision.kind === 'quarantined') {
      await deployer.refuse(decision.model, generation, decision.reason);
      return;
    }
    // What served before is not wanted any more once the fleet names another model.
    const { lost, wanted } = memory.record;
    if (lost !== undefined && wanted !== undefined && wanted.digest !== lost.digest)
      await memory.update({ lost: undefined });
    if (decision.confirm !== undefined) await deployer.confirm(decision.confirm);
    if (decision.deploy !== undefined) await deployer.order(decision.deploy, generation);
  }

  async #expire(
    { name, memory, deployer }: DeviceSlot,
    generation: number,
    { model, reason }: { readonly model?: DesiredModel; readonly reason: string },
  ): Promise<void> {
    if (model === undefined) await memory.update({ generation });
    else await deployer.refuse(model, generation, reason);
    await this.#ports.reportEvent({
      kind: 'desired.expired',
      severity: 'warning',
      message: reason,
      data: { generation, slot: name },
    });
  }
}

function wantedOf({ digest, order }: DesiredModel): NonNullable<AgentState['wanted']> {
  return { digest, ...defined({ order }) };
}

/** What is remembered of every slot, with what is wanted of it now. */
function wantedSlots(
  known: AgentState['slots'] = {},
  wanted: Readonly<Record<string, DesiredSlot>> = {},
): NonNullable<AgentState['slots']> {
  const slots: Record<string, SlotState> = {};
  for (const [name, { desired: _, ...record }] of Object.entries(known)) slots[name] = record;
  for (const [name, desired] of Object.entries(wanted))
    slots[name] = { deployment: { state: 'idle', restarts: 0 }, ...slots[name], desired };
  return slots;
}
