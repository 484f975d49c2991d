import {
  asGoshawkError,
  type Clock,
  describeError,
  InputError,
  type Log,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import { type AnyManifest, type Bundle, isRelease, type ReleaseManifest } from '../../model/index.ts';
import type { Detector, DetectorIdentity } from '../../perception/index.ts';
import type { DeploymentReport, DesiredModel } from '../../protocol/index.ts';
import type { SlotRecord } from '../agent-state.ts';
import { DeploymentRecord } from '../deployment/deployment-record.ts';
import { obtainBundle } from '../deployment/obtain-bundle.ts';
import type { SlotMemory } from '../deployment/slot-memory.ts';
import { refuseIfSuperseded } from '../deployment/superseded.ts';
import { isSettled } from '../deployment/table.ts';
import type { DeploymentTurns, Turn } from '../deployment/turns.ts';
import { type SafetyCheck, UpdateGate } from '../deployment/update-gate.ts';
import { WorkSlot } from '../deployment/work-slot.ts';
import type { ModelStore } from '../ports.ts';
import type { TrustGate } from '../trust/ports.ts';
import type { AgentUpdater, UpdateStanding } from './agent-updater.ts';
import { type ProvenCamera, proofOf, type WorkedCamera, workingCameras } from './proof.ts';

/** What renews the agent itself. */
export interface SoftwarePorts {
  readonly updater: AgentUpdater;
  readonly releases: ModelStore<AnyManifest>;
  /** The fleet can be reached. */
  readonly online: () => boolean;
  readonly cameras: () => readonly ProvenCamera[];
}

export interface AgentDeployerPorts extends SoftwarePorts {
  readonly trust: TrustGate;
  readonly memory: SlotMemory;
  /** Of all slots of the device. */
  readonly turns: DeploymentTurns;
  readonly safety?: SafetyCheck;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly probationMs: number;
  readonly onStep: (deployment: SlotRecord['deployment']) => void;
  readonly onProgress: () => void;
}

/** Somebody took the helper's folder away. */
const forgotten = 'This machine has no record of the update.';
const lookEveryMs = 1_000;
/** A slow card takes minutes to keep the version that works; a helper that was killed never ends. */
const prepareMs = 45 * 60_000;
/** Cameras are watched for so long before an installation; what was seen is good for so long. */
const watchMs = 3_000;
const freshMs = 60_000;
/** Part of the trial after which the agent itself says that it does not work: the machine would say so at its end. */
const ownPart = 0.8;

/**
 * Brings another version of the agent up, along deploymentTable, over the end of this process and the start of the next one.
 *
 * INVARIANTS
 * - A step is in the memory before it is acted on.
 * - From `swapping` on only the machine's word counts: what it says runs is what is reported.
 * - This process never says that a version works but the one that it is.
 */
export class AgentDeployer {
  readonly #ports: AgentDeployerPorts;
  readonly #gate: UpdateGate;
  readonly #work = new WorkSlot();
  readonly #record: DeploymentRecord;
  #running: DesiredModel | undefined;
  #closing = false;
  readonly #beganMs: number;

  constructor(ports: AgentDeployerPorts) {
    this.#ports = ports;
    this.#gate = new UpdateGate(ports);
    this.#beganMs = ports.clock.monotonicMs();
    this.#record = new DeploymentRecord({ ...ports, closing: () => this.#closing });
  }

  get report(): DeploymentReport {
    return this.#record.report;
  }

  /** As it is reported beside models. */
  get identity(): DetectorIdentity | undefined {
    if (this.#running === undefined) return undefined;
    const { name: model, version, digest } = this.#running;
    const none = { precision: '-', labels: [], inputWidth: 0, inputHeight: 0 };
    return { model, version, digest, engine: 'package', ...none };
  }

  get serving(): string {
    return this.#running?.digest ?? '';
  }

  get runs(): DesiredModel | undefined {
    return this.#running;
  }

  /** Goes on with what the process before left unfinished. */
  async resume(): Promise<void> {
    const { updater, memory } = this.#ports;
    this.#running = await updater.running();
    const { state, model } = this.#record.deployment;
    if (isSettled(state)) {
      if (memory.record.committed?.digest !== this.#running.digest)
        await memory.update({ committed: this.#running });
      return;
    }
    const installed = ['swapping', 'probation', 'rolling-back'].includes(state);
    const standing =
      model === undefined || !installed ? { kind: 'none' as const } : await updater.standing(model.digest);
    if (model === undefined || standing.kind === 'none' || standing.kind === 'prepared') {
      await this.#record.move('restarted', { restarts: 0 });
      if (model !== undefined && !this.#record.settled) this.#begin(model);
      return;
    }
    this.#begin(model, (signal) => this.#follow(model, signal));
  }

  async order(model: DesiredModel): Promise<void> {
    const { unavailable } = this.#ports.updater;
    if (unavailable !== undefined) return this.refuse(model, unavailable);
    await this.supersede();
    await this.#record.move(this.#ports.trust.signed ? 'ordered-signed' : 'ordered', { model, restarts: 0 });
    this.#begin(model);
  }

  /** The version that runs, or is under way, is ordered again. */
  async confirm(model: DesiredModel): Promise<void> {
    if (this.#record.settled)
      await this.#record.move('confirmed', { model, restarts: 0, also: { committed: model } });
    else await this.#ports.memory.update({ deployment: { ...this.#record.deployment, model } });
  }

  async refuse(model: DesiredModel, reason: string): Promise<void> {
    if (this.#record.settled) await this.#record.move('refused', { model, restarts: 0, reason });
  }

  /** Of a version that is installed already this ends with the process: the one before comes back. */
  supersede(): Promise<void> {
    return this.#work.supersede();
  }

  /** The running version stays: without an agent, the device could get no order. */
  async withdraw(reason: string): Promise<void> {
    this.#ports.log.warn('This version of the agent is withdrawn; it continues until you order another one', {
      reason,
    });
  }

  async upgrade(_: unknown, detector: Detector): Promise<boolean> {
    return this.replace(detector);
  }

  async replace(detector: Detector): Promise<boolean> {
    await detector.close();
    return false;
  }

  async retire(): Promise<void> {}

  idle(): Promise<void> {
    return this.#work.idle();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#work.abort();
    await this.#work.idle();
  }

  #begin(model: DesiredModel, work?: (signal: AbortSignal) => Promise<void>): void {
    void this.#work.begin((signal) =>
      this.#ports.turns
        .take(signal, (turn) => (work ?? ((stop) => this.#bring(model, stop, turn)))(signal))
        .catch((error: unknown) => this.#giveUp(model, signal, error))
        .catch((error: unknown) => {
          this.#ports.log.error('An update of the agent ended in a way it should not', { error });
        }),
    );
  }

  async #bring(model: DesiredModel, signal: AbortSignal, turn: Turn): Promise<void> {
    const { updater, trust, memory } = this.#ports;
    refuseIfSuperseded(signal);
    const isBack = (await updater.previous()) === model.digest;
    const isPrepared = (await updater.standing(model.digest)).kind === 'prepared';
    if (isBack || isPrepared) await this.#passOver();
    else await this.#obtain(model, signal, turn);
    await this.#record.move('prepared');
    if (!isPrepared) await this.#prepare(model, signal);
    await this.#record.move('passed');
    const worked = await this.#passGate(model, signal);
    if (!isBack) await trust.expectAdmitted(model);
    await memory.update({ worked });
    await this.#record.move('go');
    await updater.install(model.digest);
    await this.#follow(model, signal);
  }

  /** The machine verifies it and keeps it; what was fetched is not needed any more. */
  async #prepare(model: DesiredModel, signal: AbortSignal): Promise<void> {
    const { updater, releases } = this.#ports;
    await updater.prepare(model.digest);
    const prepared = await this.#until(model, ['prepared', 'refused'], signal, prepareMs);
    if (prepared.kind === 'refused') throw refused(prepared.reason);
    if (prepared.kind !== 'prepared') throw refused('This machine did not get ready for it in time.');
    await this.#tidy(releases);
  }

  /** Resolves when it may be installed, with the cameras that work then. */
  async #passGate(model: DesiredModel, signal: AbortSignal): Promise<WorkedCamera[]> {
    const { clock, cameras } = this.#ports;
    for (;;) {
      const seen = cameras();
      await sleep(clock, watchMs, signal);
      const worked = workingCameras(seen, cameras());
      refuseIfSuperseded(signal);
      const beganMs = clock.monotonicMs();
      await this.#gate.pass(
        () => this.#record.deployment.model ?? model,
        signal,
        (waits) => this.#record.wait(waits),
      );
      if (clock.monotonicMs() - beganMs < freshMs) return worked;
    }
  }

  /** It is on the machine, and was verified there: nothing is fetched. */
  async #passOver(): Promise<void> {
    if (this.#record.deployment.state === 'fetching-metadata') await this.#record.move('admitted');
    await this.#record.move('downloaded');
    await this.#record.move('verified');
  }

  async #obtain(model: DesiredModel, signal: AbortSignal, turn: Turn): Promise<void> {
    const { releases, updater } = this.#ports;
    const bundle = await obtainBundle(model, signal, {
      ...{ ...this.#ports, store: releases, record: this.#record, turn },
    });
    if (!isRelease(bundle.manifest))
      throw new InputError(
        'release-not',
        `${model.name} ${model.version} is a model, not a release of the agent.`,
        'Order it for another slot.',
      );
    updater.expectFits(bundle as Bundle<ReleaseManifest>);
  }

  /** From the word to install on, in this process or in the next: what the machine says. */
  async #follow(model: DesiredModel, signal: AbortSignal): Promise<void> {
    const { trust, releases, updater } = this.#ports;
    const standing = await this.#until(model, ['trial', 'kept', 'back', 'refused', 'none']);
    if (this.#closing) return;
    if (standing.kind === 'refused' || standing.kind === 'back') throw refused(standing.reason);
    if (standing.kind === 'none') throw refused(forgotten);
    if (this.#record.deployment.state === 'swapping') await this.#record.move('swapped');
    if (standing.kind === 'trial') await this.#prove(model, standing.seconds, signal);
    if (this.#closing) return;
    this.#running = await updater.running();
    await trust.committed(model);
    await this.#record.move('survived', { also: { committed: model, worked: undefined } });
    await this.#tidy(releases);
  }

  async #prove(model: DesiredModel, seconds: number, signal: AbortSignal): Promise<void> {
    const { updater, clock, online, cameras, probationMs, memory } = this.#ports;
    const mostMs = seconds * 1000 * ownPart;
    for (;;) {
      if (this.#closing) return;
      const proof = proofOf(memory.record.worked ?? [], {
        ...{ online: online(), cameras: cameras(), mostMs },
        elapsedMs: clock.monotonicMs() - this.#beganMs,
        leastMs: Math.min(probationMs, mostMs),
      });
      const wrong = signal.aborted ? 'A newer order came.' : proof.kind === 'wrong' ? proof.why : undefined;
      if (proof.kind === 'works' || wrong !== undefined) {
        await updater.conclude(model.digest, wrong);
        const end = await this.#until(model, ['kept', 'back', 'none']);
        if (!this.#closing && end.kind === 'back') throw refused(end.reason);
        if (!this.#closing && end.kind === 'none') throw refused(forgotten);
        return;
      }
      await sleep(clock, lookEveryMs);
    }
  }

  /** Without a signal nothing stops it but the end of this process. */
  async #until(
    model: DesiredModel,
    kinds: readonly UpdateStanding['kind'][],
    signal?: AbortSignal,
    withinMs = Number.POSITIVE_INFINITY,
  ): Promise<UpdateStanding> {
    const { clock } = this.#ports;
    const endMs = clock.monotonicMs() + withinMs;
    for (;;) {
      const standing = await this.#ports.updater.standing(model.digest);
      if (this.#closing || kinds.includes(standing.kind) || clock.monotonicMs() >= endMs) return standing;
      await sleep(clock, lookEveryMs, signal);
      if (signal !== undefined) refuseIfSuperseded(signal);
    }
  }

  async #giveUp(model: DesiredModel, signal: AbortSignal, cause: unknown): Promise<void> {
    if (this.#closing) return;
    const { state } = this.#record.deployment;
    if (isSettled(state)) return;
    const error = asGoshawkError(cause, 'update-failed');
    const reason = signal.aborted ? 'A newer order came.' : error.explain();
    await this.#record.move(signal.aborted ? 'superseded' : 'failed', { reason });
    if (!signal.aborted && !['fetching-metadata', 'downloading', 'patching'].includes(state))
      await this.#record.quarantine(model.digest, reason);
    if (this.#record.deployment.state === 'rolling-back') await this.#record.move('rolled-back', { reason });
    await this.#tidy(this.#ports.releases);
  }

  async #tidy(releases: ModelStore<AnyManifest>): Promise<void> {
    await releases.keepOnly([]).catch((error: unknown) => {
      this.#ports.log.warn('Old releases stay on the disk', { reason: describeError(error) });
    });
  }
}

function refused(reason: string): RefusedError {
  return new RefusedError('update-refused', reason, 'docs/updates.md says what the machine asks for.');
}
