import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { Detector, DetectorIdentity } from '../../perception/index.ts';
import { agentSlot, mainSlot } from '../../protocol/index.ts';
import type { SlotRecord } from '../agent-state.ts';
import type { AgentStateStore } from '../agent-state-store.ts';
import { Deployer } from '../deployment/deployer.ts';
import type { WatchedHealth } from '../deployment/model-health.ts';
import { slotHost } from '../deployment/slot-host.ts';
import { SlotMemory } from '../deployment/slot-memory.ts';
import { isSettled } from '../deployment/table.ts';
import { DeploymentTurns } from '../deployment/turns.ts';
import type { SafetyCheck } from '../deployment/update-gate.ts';
import { NoModelDetector, noModelDigest } from '../no-model-detector.ts';
import type { DetectorFactory, ModelCheck, ModelStore, PipelineHost } from '../ports.ts';
import { AgentDeployer, type SoftwarePorts } from '../software/agent-deployer.ts';
import type { TrustGate } from '../trust/ports.ts';

export interface SlotSetPorts {
  readonly store: ModelStore;
  /** Engines of one slot. */
  readonly factory: (slot: string) => DetectorFactory;
  readonly check?: ModelCheck;
  readonly trust: TrustGate;
  readonly freeBytes?: () => number | undefined;
  readonly safety?: SafetyCheck;
  /** Of the slot `main` alone: what is watched is what it sees. */
  readonly health?: WatchedHealth;
  /** What renews the agent itself; absent where it was not installed as a package. */
  readonly software?: SoftwarePorts;
  readonly pipeline: PipelineHost;
  readonly stateStore: AgentStateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly probationMs: number;
  /** After every step of a deployment; the memory has it already. */
  readonly onStep: (slot: string, deployment: SlotRecord['deployment']) => void;
  readonly onProgress: () => void;
  /** Nothing of it is left. */
  readonly onRemoved: (slot: string) => void;
}

/** One model of the device, or the agent: what is remembered of it, and what brings the next one up. */
export interface DeviceSlot {
  readonly name: string;
  readonly memory: SlotMemory;
  readonly deployer: Pick<Deployer, keyof AgentDeployer & keyof Deployer>;
}

/**
 * The slots of a device. `main` is always there.
 *
 * INVARIANTS
 * - What one slot does stops nothing of another; only deployments wait for each other.
 * - A bundle leaves the disk when no slot runs it, is to run it, or has it as the one before.
 */
export class SlotSet {
  readonly #ports: SlotSetPorts;
  readonly #turns = new DeploymentTurns();
  readonly #slots = new Map<string, DeviceSlot>();
  readonly main: DeviceSlot;

  /** `running`: what serves at the start, by slot; the set closes it. */
  constructor(running: ReadonlyMap<string, Detector>, ports: SlotSetPorts) {
    this.#ports = ports;
    const remembered = Object.keys(ports.stateStore.state.slots);
    for (const name of new Set([mainSlot, ...running.keys(), ...remembered]))
      this.#make(name, running.get(name) ?? new NoModelDetector());
    this.main = this.ensure(mainSlot);
    if (ports.software?.updater.unavailable === undefined && ports.software !== undefined)
      this.ensure(agentSlot);
  }

  /** `main` first. */
  [Symbol.iterator](): IterableIterator<DeviceSlot> {
    return this.#slots.values();
  }

  /** The release that this process is; undefined where nobody knows. */
  get agent(): DetectorIdentity | undefined {
    const deployer = this.#slots.get(agentSlot)?.deployer;
    return deployer instanceof AgentDeployer ? deployer.identity : undefined;
  }

  get(name: string): DeviceSlot | undefined {
    return this.#slots.get(name);
  }

  /** One that is new has no model yet. */
  ensure(name: string): DeviceSlot {
    return this.#slots.get(name) ?? this.#make(name, new NoModelDetector());
  }

  /** Answers its frames, closes its model and forgets it; other slots continue. */
  async remove(name: string): Promise<void> {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    await slot.deployer.supersede();
    await slot.deployer.retire();
    this.#slots.delete(name);
    await slot.memory.forget();
    this.#ports.onRemoved(name);
    await this.#cleanUp([]);
  }

  /** Nothing is under way in any of them. */
  get settled(): boolean {
    return [...this].every(({ memory }) => isSettled(memory.record.deployment.state));
  }

  /** Goes on with what the last session left unfinished. */
  async resume(): Promise<void> {
    for (const { deployer } of this) await deployer.resume();
  }

  /** Stops without a verdict; the detectors that serve are closed. */
  async close(): Promise<void> {
    await Promise.all([...this].map(({ deployer }) => deployer.close()));
  }

  #make(name: string, detector: Detector): DeviceSlot {
    const { stateStore, factory, onStep, probationMs, health, software, ...ports } = this.#ports;
    const memory = new SlotMemory(stateStore, name);
    if (name === agentSlot && software !== undefined)
      return this.#add(name, memory, this.#agent(memory, software));
    const deployer = new Deployer(detector, probationMs, {
      ...ports,
      ...(health === undefined || name !== mainSlot ? {} : { health }),
      memory,
      factory: factory(name),
      pipeline: slotHost(ports.pipeline, name),
      turns: this.#turns,
      onStep: (deployment) => onStep(name, deployment),
      cleanUp: (serving, before) => this.#cleanUp([serving, before]),
    });
    return this.#add(name, memory, deployer);
  }

  #agent(memory: SlotMemory, software: SoftwarePorts): AgentDeployer {
    const { onStep, ...ports } = this.#ports;
    return new AgentDeployer({
      ...{ ...ports, ...software, memory },
      turns: this.#turns,
      onStep: (deployment) => onStep(agentSlot, deployment),
    });
  }

  #add(name: string, memory: SlotMemory, deployer: DeviceSlot['deployer']): DeviceSlot {
    const slot = { name, memory, deployer };
    this.#slots.set(name, slot);
    return slot;
  }

  async #cleanUp(needed: readonly string[]): Promise<void> {
    const { store, log } = this.#ports;
    const all = new Set([...needed, ...[...this].flatMap((slot) => digestsOf(slot))]);
    await store.keepOnly([...all]).catch((error: unknown) => {
      log.warn('Old models stay on the disk', { reason: describeError(error) });
    });
  }
}

function digestsOf({ memory, deployer }: DeviceSlot): string[] {
  const { committed, previous, lost, desired, deployment } = memory.record;
  const models = [
    committed,
    lost,
    desired?.model,
    isSettled(deployment.state) ? undefined : deployment.model,
  ];
  // One that the device's own settings load is in no memory.
  const others = [deployer.serving, previous].filter(
    (digest) => digest !== undefined && digest !== noModelDigest,
  );
  return [...models.flatMap((model) => model?.digest ?? []), ...others] as string[];
}
