import type { Clock, Log } from '../base/index.ts';
import type { Bundle } from '../model/index.ts';
import type { CameraSettings, Detector, DetectorIdentity } from '../perception/index.ts';
import {
  agentSlot,
  type Desired,
  type DesiredModel,
  type DriftSettings,
  mainSlot,
  type ReportedSlot,
} from '../protocol/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import { CameraConfigurator } from './camera-configurator.ts';
import { deploymentEvent } from './deployment/deployment-event.ts';
import { type LocalProgress, LocalSwitch } from './deployment/local-switch.ts';
import type { WatchedHealth } from './deployment/model-health.ts';
import type { SafetyCheck } from './deployment/update-gate.ts';
import { DesiredStateHandler } from './desired-state-handler.ts';
import { lostModelEvent, servingModel } from './engines/lost-model.ts';
import type { AgentEvent } from './event-reporter.ts';
import type { DetectorFactory, ModelCheck, ModelStore, PipelineHost } from './ports.ts';
import { slotReport } from './slots/slot-report.ts';
import { type DeviceSlot, SlotSet } from './slots/slot-set.ts';
import type { SoftwarePorts } from './software/agent-deployer.ts';
import type { TrustGate } from './trust/ports.ts';
import { type WithdrawalPolicy, WithdrawalWatch } from './withdrawals/withdrawal-watch.ts';

/** What runs when the agent starts; the agent closes these detectors, and not the pipeline. */
export interface Running {
  readonly pipeline: PipelineHost;
  /** By slot. */
  readonly detectors: ReadonlyMap<string, Detector>;
  /** Why a model that should serve does not, in words; absent where the right one does. */
  readonly problem?: string;
}

export interface ReconcilerPorts {
  readonly stateStore: AgentStateStore;
  readonly store: ModelStore;
  readonly factory: (slot: string) => DetectorFactory;
  readonly check?: ModelCheck;
  readonly trust: TrustGate;
  /** What becomes of models that their owners withdrew. */
  readonly withdrawals: WithdrawalPolicy;
  readonly freeBytes?: () => number | undefined;
  readonly safety?: SafetyCheck;
  readonly health?: WatchedHealth;
  readonly software?: SoftwarePorts;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly probationMs: number;
  readonly reportEvent: (event: AgentEvent) => Promise<boolean>;
  readonly drift: (camera: string, wanted: DriftSettings) => void;
  /** The root names other keys for orders; see WithdrawalWatch. */
  readonly onOtherKeys: () => void;
  /** Nothing of a slot is left. */
  readonly onSlotRemoved?: (slot: string) => void;
}

/** Brings what runs, the models of all slots and the settings of all cameras, to what the fleet wants. */
export class Reconciler {
  readonly #running: Running;
  readonly #ports: ReconcilerPorts;
  readonly #slots: SlotSet;
  readonly #cameras: CameraConfigurator;
  readonly #desired: DesiredStateHandler;
  readonly #local: LocalSwitch;
  readonly #withdrawals: WithdrawalWatch;
  #changed: () => void = () => {};

  constructor(running: Running, ports: ReconcilerPorts) {
    const { stateStore, reportEvent, drift, onSlotRemoved, ...rest } = ports;
    const { pipeline } = running;
    this.#running = running;
    this.#ports = ports;
    this.#cameras = new CameraConfigurator({ pipeline, stateStore, reportEvent, drift });
    this.#slots = new SlotSet(running.detectors, {
      ...rest,
      ...{ pipeline, stateStore },
      onStep: (slot, deployment) => {
        this.#cameras.refresh();
        void reportEvent(deploymentEvent(deployment, slot));
        if (slot === mainSlot) this.#local.stepped(deployment);
        this.#changed();
      },
      onProgress: () => {
        this.#local.progressed();
        this.#changed();
      },
      onRemoved: (slot) => {
        this.#cameras.refresh();
        onSlotRemoved?.(slot);
        this.#changed();
      },
    });
    this.#desired = new DesiredStateHandler({
      ...{ stateStore, reportEvent, slots: this.#slots, cameras: this.#cameras },
      ...{ clock: ports.clock, log: ports.log, onDone: () => this.#changed() },
    });
    this.#local = new LocalSwitch({
      ...this.#slots.main,
      inTurn: (work) => this.#desired.inTurn(work),
    });
    this.#withdrawals = new WithdrawalWatch({
      ...{ ...ports, policy: ports.withdrawals, slots: this.#slots },
      inTurn: (work) => this.#desired.inTurn(work),
      onChange: () => this.#changed(),
    });
  }

  /** What is reported is another. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  slots(): Record<string, ReportedSlot> {
    const running = this.#now();
    return Object.fromEntries([...this.#slots].map((slot) => [slot.name, slotReport(slot, running)]));
  }

  /** Why the fleet's settings are not in force on a camera, in words. */
  refused(camera: string): string | undefined {
    return this.#cameras.refused(camera);
  }

  /** What runs and should not, as it is reported. */
  get withdrawn(): WithdrawalWatch['withdrawn'] {
    return this.#withdrawals.withdrawn;
  }

  /** What the robot must know of its models, in words. */
  get faults(): readonly string[] {
    return this.#withdrawals.faults;
  }

  /** First: notes what serves, and sets the cameras as they were. */
  async begin(): Promise<void> {
    for (const slot of this.#slots) await this.#noteServing(slot);
    this.#cameras.apply();
  }

  /** Goes on with what the last session left unfinished. */
  async resume(): Promise<void> {
    await this.#slots.resume();
    this.#desired.resume();
    this.#withdrawals.start();
  }

  /** `authority`: whose generations it counts in; see TrustGate. */
  take(desired: Desired, authority?: string): void {
    this.#desired.take(desired, authority);
    this.#withdrawals.heardOrder();
  }

  /** One that is not of the fleet, or of keys that are not known here. */
  refusedOrder(): void {
    this.#withdrawals.refusedOrder();
  }

  /** The fleet can be reached: models that were lost are fetched again, and what is signed where it could not be had. */
  online(): void {
    this.#desired.restoreLost();
    this.#withdrawals.online();
  }

  rebase(camera: string, own: CameraSettings): void {
    this.#desired.rebase(camera, own);
  }

  /** See LocalSwitch. */
  switchLocally(
    model: DesiredModel,
    onProgress: (progress: LocalProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#local.to(model, onProgress, signal);
  }

  /** See EngineChange. */
  async upgrade(bundle: Bundle, detector: Detector, slot: string): Promise<boolean> {
    return this.#changeEngine(slot, detector, (one) => one.deployer.upgrade(bundle, detector));
  }

  /** See EngineChange. */
  async replace(detector: Detector, slot: string): Promise<boolean> {
    return this.#changeEngine(slot, detector, (one) => one.deployer.replace(detector));
  }

  async close(): Promise<void> {
    await this.#withdrawals.close();
    await this.#slots.close();
    await this.#desired.idle();
  }

  async #changeEngine(
    name: string,
    detector: Detector,
    change: (slot: DeviceSlot) => Promise<boolean>,
  ): Promise<boolean> {
    const slot = this.#slots.get(name);
    if (slot === undefined) {
      await detector.close();
      return false;
    }
    try {
      return await change(slot);
    } finally {
      this.#changed();
    }
  }

  #now() {
    const { pipeline } = this.#running;
    return {
      cameras: pipeline.cameras,
      identities: this.#identities(),
      camerasOf: (slot: string) => this.#cameras.camerasOf(slot),
    };
  }

  /** Of the models that serve, and of the agent. */
  #identities(): ReadonlyMap<string, DetectorIdentity> {
    const { agent } = this.#slots;
    const models = this.#running.pipeline.identities();
    return agent === undefined ? models : new Map([...models, [agentSlot, agent]]);
  }

  /** What serves is what is committed; a model that was committed and does not serve is lost, and told. */
  async #noteServing({ name, memory }: DeviceSlot): Promise<void> {
    const { pipeline, problem } = this.#running;
    const { record } = memory;
    const { committed, desired } = record;
    if (name === agentSlot) return;
    if (name !== mainSlot && desired === undefined) return;
    const identity = pipeline.identities().get(name);
    const serving = identity === undefined ? undefined : servingModel(identity);
    const gone = committed === undefined || committed.digest === serving?.digest ? record.lost : committed;
    const lost = gone?.digest === serving?.digest ? undefined : gone;
    if (committed?.digest !== serving?.digest || lost?.digest !== record.lost?.digest)
      await memory.update({ committed: serving, lost });
    // A slot beside `main` may wait for its first model; without one `main` leaves the device blind.
    if (name !== mainSlot && lost === undefined) return;
    const event = lostModelEvent({
      lost,
      serving,
      cameras: this.#cameras.camerasOf(name),
      problem,
      slot: name,
    });
    if (event !== undefined) void this.#ports.reportEvent(event);
  }
}
