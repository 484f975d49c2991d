import {
  asGoshawkError,
  type Clock,
  defined,
  describeError,
  type GoshawkError,
  type Log,
} from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { DeploymentReport, DesiredModel } from '../../protocol/index.ts';
import type { SlotRecord } from '../agent-state.ts';
import { servingModel } from '../engines/lost-model.ts';
import { NoModelDetector, noModelDigest } from '../no-model-detector.ts';
import type { DetectorFactory, ModelCheck, ModelStore } from '../ports.ts';
import type { TrustGate } from '../trust/ports.ts';
import { checkedDetector } from './checked-detector.ts';
import { DeploymentRecord } from './deployment-record.ts';
import { EngineChange } from './engine-change.ts';
import { LateEvidence } from './late-evidence.ts';
import { expectRoom } from './memory-room.ts';
import type { WatchedHealth } from './model-health.ts';
import { obtainBundle } from './obtain-bundle.ts';
import { ServingDetector } from './serving-detector.ts';
import type { SlotHost } from './slot-host.ts';
import type { SlotMemory } from './slot-memory.ts';
import { refuseIfSuperseded } from './superseded.ts';
import { isModelAtWork, isSettled } from './table.ts';
import type { DeploymentTurns, Turn } from './turns.ts';
import { type SafetyCheck, UpdateGate } from './update-gate.ts';
import { WorkSlot } from './work-slot.ts';

export interface DeployerPorts {
  readonly store: ModelStore;
  readonly factory: DetectorFactory;
  readonly check?: ModelCheck;
  readonly trust: TrustGate;
  readonly pipeline: SlotHost;
  readonly memory: SlotMemory;
  /** Of all slots of the device. */
  readonly turns: DeploymentTurns;
  /** Memory that a model may still take; absent where nobody knows. */
  readonly freeBytes?: () => number | undefined;
  /** Whether the machine can do with another model now; absent: always. */
  readonly safety?: SafetyCheck;
  /** Verdicts of drift and known answers; absent if they are not watched. */
  readonly health?: WatchedHealth;
  /** Takes from the disk what no slot needs; these two are needed. */
  readonly cleanUp: (serving: string, before: string) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** After every step; the memory has it already. */
  readonly onStep: (deployment: SlotRecord['deployment']) => void;
  readonly onProgress: () => void;
}

/**
 * Brings one model after the other up in one slot, along deploymentTable.
 *
 * INVARIANTS
 * - One deployment at a time, over all slots of the device, but for one that waits to fetch; a change of engine for what serves gives way to it.
 * - A step is in the memory before it is acted on.
 * - The old model serves until `swapping`, and again after `rolling-back`; its engine may be replaced meanwhile.
 * - A deployment that is stopped or fails leaves no detector behind.
 */
export class Deployer {
  readonly #ports: DeployerPorts;
  readonly #serving: ServingDetector;
  readonly #gate: UpdateGate;
  readonly #work = new WorkSlot();
  readonly #engines: EngineChange;
  readonly #late: LateEvidence;
  readonly #record: DeploymentRecord;
  #closing = false;
  /** An order is taken, but its first step is not in the memory yet. */
  #ordering = false;

  constructor(serving: Detector, probationMs: number, ports: DeployerPorts) {
    this.#ports = ports;
    this.#serving = new ServingDetector(serving, probationMs, ports);
    this.#gate = new UpdateGate(ports);
    this.#record = new DeploymentRecord({ ...ports, closing: () => this.#closing });
    this.#late = new LateEvidence({ ...ports, onEvidence: (wrong) => void this.#tellEvidence(wrong) });
    this.#engines = new EngineChange({
      serving: this.#serving,
      work: this.#work,
      settled: () => this.#record.settled,
      ordering: () => this.#ordering,
      closing: () => this.#closing,
      swapped: () => ports.onProgress(),
    });
  }

  /** As it is reported. */
  get report(): DeploymentReport {
    return this.#record.report;
  }

  /** Digest of what serves. */
  get serving(): string {
    return this.#serving.identity.digest;
  }

  /** The model that serves; undefined where there is none. */
  get runs(): DesiredModel | undefined {
    return servingModel(this.#serving.identity);
  }

  /** Goes on with what the last session left unfinished. */
  async resume(): Promise<void> {
    const { state, restarts, model, closed = false, waiting = false } = this.#record.deployment;
    // An agent that was stopped is not the model's fault, and a waiting model does no work.
    const atWork = isModelAtWork(state) && !closed && !waiting;
    const again = atWork && restarts > 0;
    const reason = again
      ? `The agent ended twice while the model was in state ${state}; the model is held responsible.`
      : state === 'rolling-back'
        ? (this.#record.deployment.reason ?? 'The agent ended while it rolled the model back.')
        : this.#record.deployment.reason;
    if (this.#record.unproven) this.#late.watch(this.#ports.pipeline.stats(), undefined);
    if (isSettled(state)) return;
    await this.#record.move(again ? 'restarted-again' : 'restarted', {
      restarts: atWork ? restarts + 1 : restarts,
      ...defined({ reason }),
    });
    if (again && model !== undefined) await this.#record.quarantine(model.digest, reason ?? '');
    const now = this.#record.deployment.state;
    if ((now === 'downloading' || now === 'fetching-metadata') && model !== undefined) this.#begin(model);
  }

  /** Begins; no deployment may be under way. */
  async order(model: DesiredModel): Promise<void> {
    this.#ordering = true;
    try {
      // A better engine in its probation gives way.
      await this.supersede();
      const event = this.#ports.trust.signed ? 'ordered-signed' : 'ordered';
      await this.#record.move(event, { model, restarts: 0 });
      this.#begin(model);
    } finally {
      this.#ordering = false;
    }
  }

  /** The model that serves, or is under way, is ordered again: nothing is done, and the new order is the one reported. */
  async confirm(model: DesiredModel): Promise<void> {
    const { state, reason } = this.#record.deployment;
    if (isSettled(state)) {
      const unproven = this.#record.unproven ? reason : undefined;
      const also = { committed: model };
      await this.#record.move('confirmed', { model, restarts: 0, also, ...defined({ unproven }) });
      return;
    }
    await this.#ports.memory.update({ deployment: { ...this.#record.deployment, model } });
  }

  /** An order that is not begun. What serves, or is under way, goes on. */
  async refuse(model: DesiredModel, reason: string): Promise<void> {
    if (this.#record.settled) await this.#record.move('refused', { model, restarts: 0, reason });
  }

  /** Stops what is under way; resolves when the old model serves and nothing is under way. */
  supersede(): Promise<void> {
    return this.#work.supersede();
  }

  /** See EngineChange. */
  upgrade(bundle: Bundle, detector: Detector): Promise<boolean> {
    return this.#engines.upgrade(bundle, detector);
  }

  /** See EngineChange. */
  replace(detector: Detector): Promise<boolean> {
    return this.#engines.replace(detector);
  }

  /**
   * What serves must not any more: `instead` serves in its place, or no model where that can't be brought up. `lost` is
   * brought up again once it can be.
   */
  async withdraw(reason: string, instead?: Bundle, lost?: DesiredModel): Promise<void> {
    const { runs } = this;
    // An order that began meanwhile brings another model; whether that may run is looked at when it has ended.
    if (runs === undefined || this.#closing || !this.#record.settled) return;
    await this.supersede();
    await this.#work.begin(async (signal) => {
      const { factory } = this.#ports;
      const old = this.#serving.detector;
      const detector = (instead && (await this.#made(instead, signal))) ?? new NoModelDetector();
      const { model } = this.#record.deployment;
      const committed = servingModel(detector.identity);
      // In the memory first: a start in between brings up what is to serve.
      await this.#record.move('withdrawn', {
        ...{ reason, restarts: 0, model: model?.digest === runs.digest ? model : runs },
        also: { committed, previous: undefined, lost },
      });
      await this.#serving.swap(detector);
      await this.#serving.leave(old);
      factory.settled?.(this.#serving.identity);
      this.#ports.onProgress();
    });
  }

  async #made(bundle: Bundle, signal: AbortSignal): Promise<Detector | undefined> {
    try {
      return await this.#ports.factory.create(bundle, () => {}, signal);
    } catch (error) {
      this.#ports.log.error('The model before cannot be brought up', { reason: describeError(error) });
      return undefined;
    }
  }

  /** The slot gives its model up; nothing may be under way. */
  async retire(): Promise<void> {
    this.#closing = true;
    this.#late.stop();
    const old = this.#serving.detector;
    await this.#serving.swap(new NoModelDetector());
    await this.#serving.leave(old);
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#work.idle();
  }

  /** Stops without a verdict: the next start goes on. The serving detector is closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#late.stop();
    this.#work.abort();
    // Before anything is waited for: whoever is impatient may kill an agent whose build does not end at once.
    if (!this.#record.settled)
      await this.#ports.memory.update({ deployment: { ...this.#record.deployment, closed: true } });
    await this.#work.idle();
    await this.#serving.leave(this.#serving.detector);
  }

  /** Of what was kept without evidence, and is still what is reported. */
  async #tellEvidence(wrong: string | undefined): Promise<void> {
    if (this.#closing || !this.#record.unproven) return;
    const unproven = wrong === undefined ? undefined : `Kept without evidence, and now: ${wrong}`;
    try {
      await this.#record.move('confirmed', defined({ unproven }));
    } catch (error) {
      this.#ports.log.warn('The result of later frames could not be stored', {
        reason: describeError(error),
      });
    }
  }

  #begin(model: DesiredModel): void {
    this.#late.stop();
    void this.#work.begin((signal) =>
      this.#ports.turns
        .take(signal, (turn) => this.#run(model, signal, turn))
        .catch((error: unknown) => {
          this.#ports.log.error('A deployment ended in a way it should not', { error });
        })
        .then(() => {
          if (!this.#closing) this.#ports.factory.settled?.(this.#serving.identity);
        }),
    );
  }

  async #run(model: DesiredModel, signal: AbortSignal, turn: Turn): Promise<void> {
    const { factory } = this.#ports;
    let old = this.#serving.detector;
    let detector: Detector | undefined;
    let bundle: Bundle | undefined;
    try {
      refuseIfSuperseded(signal);
      bundle = await obtainBundle(model, signal, { ...this.#ports, record: this.#record, turn });
      expectRoom(bundle, this.#ports.memory.slot, this.#ports.freeBytes?.());
      const checked = await checkedDetector(bundle, signal, {
        ...this.#ports,
        record: this.#record,
        closing: () => this.#closing,
        made: (one) => {
          detector = one;
        },
        leave: (one) => this.#serving.leave(one),
        serving: () => this.#serving.detector,
      });
      await this.#record.move('passed');
      await this.#gate.pass(
        () => this.#record.deployment.model ?? model,
        signal,
        (waits) => this.#record.wait(waits),
      );
      // It may have waited for days.
      await this.#ports.trust.expectAdmitted(model);
      await this.#record.move('go');
      // Not the one of the beginning: its engine may have been replaced.
      old = this.#serving.detector;
      let fault: string | undefined;
      factory.onTrial?.((reason) => {
        fault = reason;
      });
      const swapped = () => this.#record.move('swapped');
      const unproven = await this.#serving.swapAndWatch(bundle, checked, signal, swapped, () => fault);
      await this.#ports.trust.committed(model);
      const also = this.#committed(model, old.identity.digest);
      await this.#record.move('survived', { also, ...defined({ unproven: unproven?.why }) });
      if (unproven !== undefined) this.#late.watch(unproven.before, bundle.manifest.budgets);
    } catch (error) {
      await this.#giveUp(asGoshawkError(error, 'deployment-failed'), model, signal, old, detector, bundle);
      return;
    }
    await this.#serving.leave(old);
    await this.#ports.cleanUp(model.digest, old.identity.digest);
  }

  /** What is remembered once it has survived. */
  #committed(model: DesiredModel, before: string) {
    const quarantined = this.#ports.memory.quarantined.filter(({ digest }) => digest !== model.digest);
    const previous = before === noModelDigest || before === model.digest ? {} : { previous: before };
    return { committed: model, ...previous, lost: undefined, quarantined };
  }

  async #giveUp(
    error: GoshawkError,
    model: DesiredModel,
    signal: AbortSignal,
    old: Detector,
    detector: Detector | undefined,
    bundle: Bundle | undefined,
  ): Promise<void> {
    const swapped = detector !== undefined && this.#serving.detector === detector;
    if (this.#closing) {
      // The memory keeps the state; the next session finds it. What serves is closed by `close`.
      await this.#serving.leave(swapped ? old : detector);
      return;
    }
    const { state } = this.#record.deployment;
    const reason = signal.aborted ? 'A newer order came.' : error.explain();
    await this.#record.move(signal.aborted ? 'superseded' : 'failed', { reason });
    if (!signal.aborted && isItsFault(error, state)) await this.#record.quarantine(model.digest, reason);
    if (swapped) {
      try {
        this.#ports.factory.onTrial?.(undefined);
        await this.#serving.swap(old);
        await this.#record.move('rolled-back', { reason });
      } catch (failure) {
        await this.#record.move('failed', {
          reason: `${reason} Rolling back failed too: ${describeError(failure)}`,
        });
      }
    }
    await this.#serving.leave(detector);
    // One that another device built, and that did badly at work: the next order builds it here.
    if (swapped && bundle !== undefined && !signal.aborted)
      await this.#ports.factory.setAside?.(bundle, reason, detector);
  }
}

/** A network that fails, and a device that is full, say nothing against the model. */
function isItsFault({ code }: GoshawkError, state: SlotRecord['deployment']['state']): boolean {
  const ofNetwork = ['fetching-metadata', 'downloading', 'patching'].includes(state);
  return !ofNetwork && code !== 'memory-short';
}
