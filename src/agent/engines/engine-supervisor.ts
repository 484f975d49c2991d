import {
  type Cancel,
  CancelledError,
  type Clock,
  defined,
  describeError,
  LimitError,
  type Log,
  within,
} from '../../base/index.ts';
import { type Bundle, type EngineName, usualVariant, type VariantKind } from '../../model/index.ts';
import type { Detector, DetectorIdentity, DetectorLoss } from '../../perception/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { DetectorFactory, ModelCheck, Progress } from '../ports.ts';
import { afterDeployment } from './after-deployment.ts';
import { BuildArbiter, type EngineBuilder } from './build-arbiter.ts';
import { engineChoiceEvent, noRoomEvent } from './engine-events.ts';
import { EngineRecovery } from './engine-recovery.ts';
import type { EngineChoice } from './engine-search.ts';
import { type LighterRequest, openLighter } from './lighter-variant.ts';
import { openAgain, type Serving } from './open-again.ts';
import { type ChosenDetector, openEngine } from './open-engine.ts';
import { openWithRoom } from './open-with-room.ts';
import { openWithin } from './open-within.ts';
import type { EnginePlatform } from './platform.ts';
import { type EngineTrouble, type FrameTrouble, troubleOnTrial } from './recovery-events.ts';

export interface EngineSupervisorPorts {
  readonly platform: EnginePlatform;
  /** Of the settings. */
  readonly engine: EngineChoice;
  /** Of the settings: runs where a bundle has it. */
  readonly preferredVariant?: VariantKind;
  /** Engines that took this agent down before. */
  readonly crashed: readonly EngineName[];
  /** Before a better engine takes over for the same model. */
  readonly check: ModelCheck;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** Shared by all slots of the device; default: a separate one. */
  readonly room?: BuildArbiter;
  /** It is not the slot `main`: its trouble alone does not end the process that the others serve in. */
  readonly besideOthers?: boolean;
  /** Nothing in this process helps an engine any more. */
  readonly endProcess?: (reason: string) => void;
  /** The process ends because this engine can't work in it any more: for the next start. */
  readonly noteLost?: (engine: EngineName) => void;
}

/** A model that serves on another engine because its plan is not there yet, or not proven. */
interface Pending {
  readonly bundle: Bundle;
  /**
   * Puts the detector in the old one's place, watches it, and owns it. False: an order came between. Rejects where it did
   * badly and the old one serves again.
   */
  readonly change: (detector: Detector) => Promise<boolean>;
}

/** The model of a deployment that serves, until it has proven itself. */
interface Trial {
  readonly rollBack: (reason: string) => void;
  /** Of its engine; raised again where the trial ended well all the same. */
  trouble?: FrameTrouble;
}

/** What an engine is changed by, once there is an agent. */
export interface EngineHost {
  readonly replace: ReplaceDetector;
  readonly upgrade: (bundle: Bundle, detector: Detector) => Promise<boolean>;
}

/** For an engine that is opened again, whose plan is there: a device that hangs must not hold up the next step. */
const openLimitMs = 2 * 60_000;
/** Between builds for a model that serves on the next engine for want of room. */
const roomRetryMs = 10 * 60_000;

/** Puts a detector in the place of the one that serves, at once. False, and it is closed, where another model took its place. */
export type ReplaceDetector = (detector: Detector) => Promise<boolean>;

/**
 * Engines over the agent's life.
 *
 * - At the start a plan that is missing is not waited for: another engine serves, the plan is built, checked and watched,
 *   then they have changed places. Where nothing else runs the model the start waits for the build.
 * - For an order the plan is built while the old model serves, and an order lets a quarantined engine be tried again.
 * - An order ends the build for the model that it replaces: two would not fit into a board's memory. Where the order
 *   leads to nothing and the old model goes on, so does its build.
 * - So does an order of any other slot, and there is one background build at a time: `BuildArbiter`.
 * - A better engine that has no room is waited for while the old model serves; then the next one takes the model, and the
 *   better one is tried again from time to time.
 * - An engine that gives no answers, wrong ones, or fails every frame is built anew, then the next one serves, then the process
 *   ends. So it is beside a deployment too, for as long as the old model serves; one on trial goes back to the old model.
 * - A plan serves from the first frame only after it was checked and watched once; one that failed there is quarantined.
 */
export class EngineSupervisor implements DetectorFactory {
  readonly #ports: EngineSupervisorPorts;
  #background = new AbortController();
  #pending: Pending | undefined;
  #ordered: Bundle | undefined;
  #trial: Trial | undefined;
  /** What the detector that serves was opened for, and on which engine. */
  #serving: Serving | undefined;
  /** The variant that serves for want of room, where it is not the model's usual one. */
  #lighter: VariantKind | undefined;
  #host: EngineHost | undefined;
  /** The model that was ordered got the next engine for want of room. */
  #short = false;
  #toldShort = false;
  #cancelRetry: Cancel | undefined;
  #recovering = false;
  readonly #recovery: EngineRecovery;
  readonly #room: BuildArbiter;
  readonly #builder: EngineBuilder;
  #working: Promise<void> | undefined;
  /** A deployment ended while we were at work: look again. */
  #again = false;
  #closed = false;

  constructor(ports: EngineSupervisorPorts) {
    this.#ports = ports;
    this.#room = ports.room ?? new BuildArbiter();
    this.#builder = {
      giveWay: async () => {
        this.#background.abort();
        await this.#working;
      },
      onRoom: () => this.#work(),
    };
    this.#room.join(this.#builder);
    const { clock, reportEvent, besideOthers = false } = ports;
    this.#recovery = new EngineRecovery({
      ...{ clock, reportEvent, besideOthers },
      endProcess: (reason, trouble) => this.#endProcess(reason, trouble),
      replace: (how) =>
        this.#replace((serving, signal) => {
          const lighter = this.#lighter;
          if (how === 'change-engine') this.#lighter = undefined;
          return openAgain(serving, how, { ...this.#ports, ...defined({ lighter }) }, signal);
        }),
    });
  }

  /** What serves first. */
  async first(bundle: Bundle): Promise<ChosenDetector> {
    const chosen = await openEngine(bundle, { ...this.#ports, buildPlan: 'later' });
    this.#ports.reportEvent(engineChoiceEvent(chosen));
    this.#serving = { bundle, engine: chosen.engine };
    return chosen;
  }

  /** From here on an engine that does badly can be replaced. */
  attach(host: EngineHost): void {
    this.#host = host;
  }

  /** The detector that serves gives no answer any more. */
  stuck(): void {
    this.#troubled('stuck');
  }

  /** Every frame of the detector that serves fails; `lost`: what it says that it has lost. */
  failing(lost?: DetectorLoss): void {
    this.#troubled(lost === 'process' ? 'lost' : 'failing');
  }

  /** The golden set went through the detector that serves. */
  answered(right: boolean): void {
    // Of a model on trial its deployment looks at the answers.
    if (this.#trial === undefined) this.#recovery.answered(right);
  }

  /** The variant that serves in place of the usual one, by `changeVariant`. */
  get lighter(): VariantKind | undefined {
    return this.#lighter;
  }

  /**
   * Another variant of the model that serves takes its place, a lighter one, or with undefined the usual one again: the new
   * one is open before the old one goes. False: an order, or a recovery, is under way.
   */
  async changeVariant(request: LighterRequest | undefined): Promise<boolean> {
    if (this.#recovering || this.#serving === undefined || this.#host === undefined) return false;
    if (this.#ordered !== undefined) return false;
    let lighter: VariantKind | undefined;
    const changed = await this.#replace(async ({ bundle, engine }, signal) => {
      if (request === undefined) return openEngine(bundle, { ...this.#ports, engine }, { signal });
      const usual = usualVariant(bundle.manifest, engine, this.#ports.preferredVariant);
      const found = await openLighter(bundle, engine, { ...request, usual }, this.#ports, { signal });
      lighter = found.variant;
      const reason = `${found.variant} is lighter, ${found.frameMs.toFixed(1)} ms a frame`;
      return { ...found, engine, reason, refused: new Map(), planPending: false, short: false };
    });
    if (changed) this.#lighter = lighter;
    return changed;
  }

  async create(bundle: Bundle, onProgress: Progress, signal: AbortSignal): Promise<Detector> {
    this.#ordered = bundle;
    this.#background.abort();
    await this.#working;
    await this.#room.deploy(this.#builder);
    await this.#recovery.idle();
    // Where TensorRT does not open there is nothing to allow either.
    await this.#ports.platform.allowPlan(bundle).catch(() => undefined);
    const chosen = await openWithRoom(bundle, this.#ports, { onProgress, signal });
    this.#short = chosen.short;
    this.#ports.reportEvent(engineChoiceEvent(chosen));
    return chosen.detector;
  }

  async setAside(bundle: Bundle, reason: string, detector?: Detector): Promise<boolean> {
    if (detector !== undefined && detector.identity.engine !== 'tensorrt') return false;
    // Where TensorRT does not open there is no plan either; what can't be noted is not built anew for ever.
    return this.#ports.platform.setPlanAside(bundle, reason).catch((error: unknown) => {
      this.#notNoted(error);
      return false;
    });
  }

  /** Builds the plan that was missing at the start, or proves it, and changes to it. */
  upgrade(bundle: Bundle, change: Pending['change']): void {
    this.#pending = { bundle, change };
    this.#work();
  }

  onTrial(rollBack: Trial['rollBack'] | undefined): void {
    this.#trial = rollBack === undefined ? undefined : { rollBack };
  }

  settled(serving: DetectorIdentity): void {
    const { trouble } = this.#trial ?? {};
    this.#trial = undefined;
    const { proven, stillPending } = afterDeployment(serving, this.#ordered, this.#pending?.bundle);
    const changed = this.#ordered !== undefined && this.#ordered.digest === serving.digest;
    if (changed) {
      this.#serving = { bundle: this.#ordered!, engine: serving.engine as EngineName };
      this.#lighter = undefined;
    }
    this.#ordered = undefined;
    if (proven !== undefined) void this.#prove(proven);
    if (!stillPending) this.#pending = undefined;
    if (changed && this.#short) this.#improveLater(this.#serving?.bundle);
    this.#short = false;
    this.#toldShort = false;
    this.#again = this.#working !== undefined;
    this.#room.settled(this.#builder);
    this.#work();
    if (changed) this.#recovery.deployed();
    if (changed && trouble !== undefined) this.#troubled(trouble);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#recovery.close();
    this.#cancelRetry?.();
    this.#background.abort();
    await this.#working;
    await this.#recovery.idle();
    this.#room.leave(this.#builder);
  }

  #work(): void {
    const pending = this.#pending;
    const busy = this.#working !== undefined || this.#ordered !== undefined || this.#recovering;
    if (pending === undefined || busy || this.#closed || !this.#room.take(this.#builder)) return;
    if (this.#background.signal.aborted) this.#background = new AbortController();
    this.#working = this.#improve(pending, this.#background.signal).finally(() => {
      this.#working = undefined;
      this.#room.give(this.#builder);
      if (this.#again) this.#work();
      this.#again = false;
    });
  }

  async #improve(pending: Pending, signal: AbortSignal): Promise<void> {
    const { bundle } = pending;
    const { check } = this.#ports;
    let built = false;
    try {
      const beforeBytes = check.heldBytes?.();
      const chosen = await openEngine(bundle, { ...this.#ports, engine: 'tensorrt' }, { signal });
      const { detector } = chosen;
      built = true;
      try {
        await check.check(bundle, detector, signal, beforeBytes);
      } catch (error) {
        await detector.close();
        throw error;
      }
      if (!(await pending.change(detector))) return;
      this.#forget(pending);
      this.#serving = { bundle, engine: 'tensorrt' };
      this.#lighter = undefined;
      this.#recovery.deployed();
      const reason = 'its plan is there and was checked and watched';
      this.#ports.reportEvent(engineChoiceEvent({ ...chosen, reason }));
      await this.#prove(bundle);
    } catch (error) {
      if (error instanceof CancelledError) return;
      // Before it was built: what its check finds afterwards is not for want of room.
      if (error instanceof LimitError && !built) {
        this.#retryLater(bundle, describeError(error));
        return;
      }
      // Another device built it: from here on it is made here, so this comes to an end.
      if (built && (await this.setAside(bundle, describeError(error)))) {
        this.#again = true;
        return;
      }
      this.#forget(pending);
      await this.#stayWithout(bundle, describeError(error), built);
    }
  }

  #improveLater(bundle: Bundle | undefined): void {
    const host = this.#host;
    if (bundle === undefined || host === undefined) return;
    this.#pending = { bundle, change: (detector) => host.upgrade(bundle, detector) };
  }

  #retryLater(bundle: Bundle, reason: string): void {
    const { clock, reportEvent } = this.#ports;
    if (!this.#toldShort) reportEvent(noRoomEvent(bundle, reason, roomRetryMs));
    this.#toldShort = true;
    this.#cancelRetry?.();
    this.#cancelRetry = clock.after(roomRetryMs, () => this.#work());
  }

  /** The background build gives way: two would not fit into a board's memory. */
  async #replace(open: (serving: Serving, signal: AbortSignal) => Promise<ChosenDetector>): Promise<boolean> {
    const serving = this.#serving;
    const host = this.#host;
    if (serving === undefined || host === undefined) throw new RangeError('no engine serves');
    if (this.#closed) return false;
    this.#recovering = true;
    try {
      this.#background.abort();
      const { clock } = this.#ports;
      await within(clock, openLimitMs, this.#working ?? Promise.resolve());
      const chosen = await openWithin(clock, openLimitMs, (signal) => open(serving, signal));
      if (!(await host.replace(chosen.detector))) return false;
      this.#serving = { bundle: serving.bundle, engine: chosen.engine };
      this.#ports.reportEvent(engineChoiceEvent(chosen));
      return true;
    } finally {
      this.#recovering = false;
      this.#work();
    }
  }

  #troubled(trouble: FrameTrouble): void {
    if (this.#trial !== undefined) {
      this.#trial.trouble = trouble;
      this.#trial.rollBack(troubleOnTrial(trouble));
    } else this.#recovery.troubled(trouble);
  }

  #endProcess(reason: string, trouble: EngineTrouble): void {
    const { noteLost, endProcess } = this.#ports;
    if (trouble === 'lost' && this.#serving !== undefined) noteLost?.(this.#serving.engine);
    endProcess?.(reason);
  }

  #forget(pending: Pending): void {
    if (this.#pending === pending) this.#pending = undefined;
  }

  /** `rejected`: the plan is there, and did badly. */
  async #stayWithout(bundle: Bundle, reason: string, rejected: boolean): Promise<void> {
    const { platform, log, reportEvent } = this.#ports;
    if (rejected) await platform.rejectPlan(bundle, reason).catch((error: unknown) => this.#notNoted(error));
    log.warn('The engine stays as it is', { reason });
    const { name, version } = bundle.manifest;
    reportEvent({
      kind: 'engine.fallback',
      severity: 'warning',
      message: `${name} ${version} stays without tensorrt: ${reason}`,
    });
  }

  /** A note that can't be written costs a check at the next start. */
  async #prove(bundle: Bundle): Promise<void> {
    await this.#ports.platform.provePlan(bundle).catch((error: unknown) => this.#notNoted(error));
  }

  #notNoted(error: unknown): void {
    this.#ports.log.warn('How the engine did is not noted', { reason: describeError(error) });
  }
}
