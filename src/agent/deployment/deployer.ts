import {
  asGoshawkError,
  backoffMs,
  type Clock,
  describeError,
  type GoshawkError,
  InputError,
  InternalError,
  type Log,
  RefusedError,
  sleep,
  within,
} from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';
import type { DesiredModel, Reported } from '../../protocol/index.ts';
import type { AgentState } from '../agent-state.ts';
import type { AgentStateStore } from '../agent-state-store.ts';
import type { DetectorFactory, ModelCheck, ModelStore, PipelineHost } from '../ports.ts';
import { judge } from './probation.ts';
import { type DeploymentEvent, isModelAtWork, isSettled, nextState } from './table.ts';

export interface DeployerPorts {
  readonly store: ModelStore;
  readonly factory: DetectorFactory;
  readonly check?: ModelCheck;
  readonly pipeline: PipelineHost;
  readonly stateStore: AgentStateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** After every step; the memory has it already. */
  readonly onStep: (deployment: AgentState['deployment']) => void;
  readonly onProgress: () => void;
}

interface Step {
  readonly reason?: string;
  readonly restarts?: number;
  readonly model?: DesiredModel;
  /** Saved together with the step. */
  readonly also?: Parameters<AgentStateStore['update']>[0];
}

const downloadBackoff = { firstMs: 1_000, maxMs: 60_000 };
const downloadAttempts = 8;
const probationPollMs = 1_000;
/** How long the old model may take to give its last results. */
const drainMs = 15_000;

/**
 * Brings one model after the other up, along deploymentTable.
 *
 * INVARIANTS
 * - One deployment at a time; `serving` is the detector that the pipeline uses, and we close it when it has left.
 * - A step is in the memory before it is acted on.
 * - The old model serves until `swapping`, and again after `rolling-back`.
 * - A deployment that is stopped or fails leaves no detector behind.
 */
export class Deployer {
  readonly #ports: DeployerPorts;
  readonly #probationMs: number;
  #serving: Detector;
  #underWay: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #progress: number | undefined;
  #closing = false;
  /** An order is taken, but its first step is not in the memory yet. */
  #ordering = false;

  constructor(serving: Detector, probationMs: number, ports: DeployerPorts) {
    this.#serving = serving;
    this.#probationMs = probationMs;
    this.#ports = ports;
  }

  /** As it is reported. */
  get report(): Reported['deployment'] {
    const { state, model, reason } = this.#deployment;
    const progress = this.#progress;
    return {
      state,
      ...(model === undefined ? {} : { digest: model.digest }),
      ...(model?.order === undefined ? {} : { order: model.order }),
      ...(progress === undefined ? {} : { progress }),
      ...(reason === undefined ? {} : { reason: reason.slice(0, 2000) }),
    };
  }

  /** Goes on with what the last session left unfinished. */
  async resume(): Promise<void> {
    const { state, restarts, model, closed = false } = this.#deployment;
    // Who was told to end has no part in what the model did.
    const atWork = isModelAtWork(state) && !closed;
    const again = atWork && restarts > 0;
    const reason = again
      ? `The agent ended twice while the model was in state ${state}; the model is held responsible.`
      : state === 'rolling-back'
        ? (this.#deployment.reason ?? 'The agent ended while it rolled the model back.')
        : this.#deployment.reason;
    if (isSettled(state)) return;
    await this.#move(again ? 'restarted-again' : 'restarted', {
      restarts: atWork ? restarts + 1 : restarts,
      ...(reason === undefined ? {} : { reason }),
    });
    if (again && model !== undefined) await this.#quarantine(model.digest, reason ?? '');
    if (this.#deployment.state === 'downloading' && model !== undefined) this.#begin(model);
  }

  /** Begins; no deployment may be under way. The order's generation is in the same save as the first step. */
  async order(model: DesiredModel, generation: number): Promise<void> {
    this.#ordering = true;
    try {
      // A better engine in its probation gives way.
      await this.supersede();
      await this.#move('ordered', { model, restarts: 0, also: { generation } });
      this.#begin(model);
    } finally {
      this.#ordering = false;
    }
  }

  /** The model that serves, or is under way, is ordered again: nothing is done, and the new order is the one reported. */
  async confirm(model: DesiredModel): Promise<void> {
    const { state } = this.#deployment;
    if (isSettled(state)) {
      await this.#move('confirmed', { model, restarts: 0, also: { committed: model } });
      return;
    }
    const { stateStore } = this.#ports;
    await stateStore.update({ deployment: { ...this.#deployment, model } });
  }

  /** An order that is not begun. What serves, or is under way, goes on. */
  async refuse(model: DesiredModel, generation: number, reason: string): Promise<void> {
    if (isSettled(this.#deployment.state))
      await this.#move('refused', { model, restarts: 0, reason, also: { generation } });
    else await this.#ports.stateStore.update({ generation });
  }

  /** Stops what is under way; resolves when the old model serves and nothing is under way. */
  async supersede(): Promise<void> {
    this.#underWay?.abort();
    await this.#running;
  }

  /**
   * Puts the model that serves on a better engine, with a probation like that of a new model. False, and the detector is
   * closed, where another model serves or is under way, or an order comes meanwhile. Rejects with the reason why the
   * engine before it serves again.
   */
  async upgrade(bundle: Bundle, detector: Detector): Promise<boolean> {
    const sameModel = detector.identity.digest === this.#serving.identity.digest;
    if (this.#closing || this.#ordering || !sameModel || !isSettled(this.#deployment.state)) {
      await this.#leave(detector);
      return false;
    }
    const controller = new AbortController();
    const { signal } = controller;
    this.#underWay = controller;
    const work = this.#changeEngine(bundle, detector, signal);
    const ended = () => {};
    this.#running = work.then(ended, ended);
    return work;
  }

  /**
   * Puts the model that serves on another detector at once, because the one before does badly: nothing goes back to it.
   * False, and the detector is closed, where another model serves or is under way.
   */
  async replace(detector: Detector): Promise<boolean> {
    const sameModel = detector.identity.digest === this.#serving.identity.digest;
    // A better engine in its probation gives way to what was asked for while it serves.
    if (isSettled(this.#deployment.state)) await this.supersede();
    if (this.#closing || this.#ordering || !sameModel || !isSettled(this.#deployment.state)) {
      await this.#leave(detector);
      return false;
    }
    const { pipeline, clock } = this.#ports;
    const old = this.#serving;
    this.#serving = detector;
    await within(clock, drainMs, pipeline.swap(detector));
    void this.#leave(old);
    return true;
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#running;
  }

  /** Stops without a verdict: the next start goes on. The serving detector is closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#underWay?.abort();
    // Before anything is waited for: whoever is impatient may kill an agent whose build does not end at once.
    if (!isSettled(this.#deployment.state))
      await this.#ports.stateStore.update({ deployment: { ...this.#deployment, closed: true } });
    await this.#running;
    await this.#leave(this.#serving);
  }

  get #deployment(): AgentState['deployment'] {
    return this.#ports.stateStore.state.deployment;
  }

  #begin(model: DesiredModel): void {
    const controller = new AbortController();
    const { signal } = controller;
    this.#underWay = controller;
    this.#running = this.#run(model, signal)
      .catch((error: unknown) => {
        this.#ports.log.error('A deployment ended in a way it should not', { error });
      })
      .then(() => {
        if (!this.#closing) this.#ports.factory.settled?.(this.#serving.identity);
      });
  }

  async #changeEngine(bundle: Bundle, detector: Detector, signal: AbortSignal): Promise<boolean> {
    const old = this.#serving;
    try {
      await this.#swapAndWatch(bundle, detector, signal, async () => this.#ports.onProgress());
    } catch (error) {
      if (this.#closing) {
        // `close` closes what serves.
        await this.#leave(old);
        return false;
      }
      this.#serving = old;
      const { pipeline, clock } = this.#ports;
      await within(clock, drainMs, pipeline.swap(old));
      await this.#leave(detector);
      if (signal.aborted) return false;
      throw error;
    }
    await this.#leave(old);
    return true;
  }

  async #run(model: DesiredModel, signal: AbortSignal): Promise<void> {
    const old = this.#serving;
    let detector: Detector | undefined;
    try {
      const bundle = await this.#obtain(model, signal);
      const beforeBytes = this.#ports.check?.heldBytes?.();
      detector = await this.#ports.factory.create(bundle, (done) => this.#advance(done), signal);
      if (detector.identity.digest !== model.digest)
        throw new InternalError(
          'deployment-detector',
          `The engine says it runs ${detector.identity.digest}.`,
          '',
        );
      this.#passOn(signal);
      await this.#move('prepared');
      await this.#ports.check?.check(bundle, detector, signal, beforeBytes);
      this.#passOn(signal);
      await this.#move('passed');
      await this.#move('go');
      await this.#swapAndWatch(bundle, detector, signal, () => this.#move('swapped'));
      const quarantined = this.#ports.stateStore.state.quarantined.filter(
        ({ digest }) => digest !== model.digest,
      );
      await this.#move('survived', { also: { committed: model, lost: undefined, quarantined } });
    } catch (error) {
      await this.#giveUp(asGoshawkError(error, 'deployment-failed'), model, signal, old, detector);
      return;
    }
    await this.#leave(old);
    await this.#ports.store.keepOnly([model.digest, old.identity.digest]).catch((error: unknown) => {
      this.#ports.log.warn('Old models stay on the disk', { reason: describeError(error) });
    });
  }

  async #obtain(model: DesiredModel, signal: AbortSignal): Promise<Bundle> {
    const { store } = this.#ports;
    const there = await store.find(model.digest).catch((error: unknown) => {
      // A bundle on the disk that is damaged is fetched again.
      this.#ports.log.warn('A model on the disk can not be used', { reason: describeError(error) });
      return undefined;
    });
    if (there === undefined) await this.#download(model, signal);
    this.#passOn(signal);
    await this.#move('downloaded');
    const bundle = there ?? (await store.verify(model.digest));
    this.#passOn(signal);
    await this.#move('verified');
    return bundle;
  }

  async #download(model: DesiredModel, signal: AbortSignal): Promise<void> {
    const { store, clock, log, random } = this.#ports;
    for (let attempt = 0; ; attempt++) {
      try {
        await store.download(model, (done) => this.#advance(done), signal);
        return;
      } catch (error) {
        // What the other side says will not change by asking again; a network may.
        const final = error instanceof InputError || error instanceof RefusedError;
        if (final || signal.aborted || attempt + 1 >= downloadAttempts) throw error;
        const waitMs = backoffMs(downloadBackoff, attempt, random);
        log.warn('A download failed and is tried again', { reason: describeError(error), waitMs });
        await sleep(clock, waitMs, signal);
        this.#passOn(signal);
      }
    }
  }

  async #swapAndWatch(
    bundle: Bundle,
    detector: Detector,
    signal: AbortSignal,
    swapped: () => Promise<void>,
  ): Promise<void> {
    const { pipeline, clock } = this.#ports;
    const before = pipeline.stats();
    // Before anything is waited for: an order that comes now must find it.
    this.#serving = detector;
    await within(clock, drainMs, pipeline.swap(detector));
    this.#passOn(signal);
    await swapped();
    const endMs = clock.monotonicMs() + this.#probationMs;
    const { budgets } = bundle.manifest;
    for (;;) {
      const leftMs = endMs - clock.monotonicMs();
      const wrong = judge(before, pipeline.stats(), budgets, leftMs <= 0);
      if (wrong !== undefined)
        throw new RefusedError('deployment-probation', wrong, 'The model before it serves again.');
      if (leftMs <= 0) return;
      await sleep(clock, Math.min(leftMs, probationPollMs), signal);
      this.#passOn(signal);
    }
  }

  async #giveUp(
    error: GoshawkError,
    model: DesiredModel,
    signal: AbortSignal,
    old: Detector,
    detector: Detector | undefined,
  ): Promise<void> {
    const { pipeline, clock } = this.#ports;
    const swapped = detector !== undefined && this.#serving === detector;
    if (this.#closing) {
      // The memory keeps the state; the next session finds it. What serves is closed by `close`.
      await this.#leave(swapped ? old : detector);
      return;
    }
    const { state } = this.#deployment;
    const reason = signal.aborted ? 'A newer order came.' : error.explain();
    await this.#move(signal.aborted ? 'superseded' : 'failed', { reason });
    if (!signal.aborted && state !== 'downloading') await this.#quarantine(model.digest, reason);
    if (swapped) {
      this.#serving = old;
      try {
        await within(clock, drainMs, pipeline.swap(old));
        await this.#move('rolled-back', { reason });
      } catch (failure) {
        await this.#move('failed', { reason: `${reason} Going back failed too: ${describeError(failure)}` });
      }
    }
    await this.#leave(detector);
  }

  #passOn(signal: AbortSignal): void {
    if (signal.aborted)
      throw new RefusedError(
        'deployment-superseded',
        'A newer order came.',
        'Nothing to do: the newer one is worked on.',
      );
  }

  async #move(event: DeploymentEvent, step: Step = {}): Promise<void> {
    const { state, model, restarts } = this.#deployment;
    const next = nextState(state, event);
    if (next === undefined)
      throw new InternalError(
        'deployment-table',
        `A deployment in state ${state} has no row for ${event}.`,
        '',
      );
    this.#progress = undefined;
    const of = step.model ?? model;
    const deployment = {
      state: next,
      restarts: step.restarts ?? restarts,
      ...(this.#closing ? { closed: true } : {}),
      ...(of === undefined || next === 'idle' ? {} : { model: of }),
      ...(step.reason === undefined ? {} : { reason: step.reason }),
    };
    await this.#ports.stateStore.update({ ...step.also, deployment });
    this.#ports.onStep(deployment);
  }

  async #quarantine(digest: string, reason: string): Promise<void> {
    const { stateStore } = this.#ports;
    const { quarantined, generation, lost, wanted } = stateStore.state;
    const order = wanted?.digest === digest ? wanted.order : undefined;
    const others = quarantined.filter((one) => one.digest !== digest).slice(-99);
    await stateStore.update({
      quarantined: [
        ...others,
        { digest, generation, ...(order === undefined ? {} : { order }), reason: reason.slice(0, 2000) },
      ],
      lost: lost?.digest === digest ? undefined : lost,
    });
  }

  /** In steps of a tenth: more would be noise. */
  #advance(done: number | undefined): void {
    const step = done === undefined ? undefined : Math.floor(Math.min(1, Math.max(0, done)) * 10) / 10;
    if (step === this.#progress) return;
    this.#progress = step;
    this.#ports.onProgress();
  }

  async #leave(detector: Detector | undefined): Promise<void> {
    if (detector === undefined) return;
    const closed = detector.close().catch((error: unknown) => {
      this.#ports.log.warn('A detector did not close', { reason: describeError(error) });
    });
    // One that is stuck may never close.
    await within(this.#ports.clock, drainMs, closed);
  }
}
