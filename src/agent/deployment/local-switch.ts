import { CancelledError, RefusedError } from '../../base/index.ts';
import type { DeploymentReport, DesiredModel } from '../../protocol/index.ts';
import type { SlotRecord } from '../agent-state.ts';
import type { Deployer } from './deployer.ts';
import type { SlotMemory } from './slot-memory.ts';
import { isSettled } from './table.ts';

export interface LocalSwitchPorts {
  /** Of the slot `main`. */
  readonly memory: SlotMemory;
  readonly deployer: Pick<Deployer, 'order' | 'supersede' | 'report'>;
  /** Between two orders of the fleet. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}

export interface LocalProgress {
  readonly state: DeploymentReport['state'];
  /** 0..1, of the state. */
  readonly done: number | undefined;
  /** It can still be stopped, and what served before serves then. */
  readonly cancellable: boolean;
}

interface Under {
  readonly digest: string;
  readonly onProgress: (progress: LocalProgress) => void;
  readonly ended: (deployment: SlotRecord['deployment']) => void;
}

/**
 * Another model for `main` because somebody on the device asks for it, along the way of every deployment: verified, admitted,
 * checked, watched in probation. The fleet stays the master: the next order that names another model brings that one back.
 */
export class LocalSwitch {
  readonly #ports: LocalSwitchPorts;
  #under: Under | undefined;

  constructor(ports: LocalSwitchPorts) {
    this.#ports = ports;
  }

  /**
   * Resolves when it is committed. Rejects with a RefusedError where the fleet has a deployment under way, or the model failed
   * here before, or now; with a CancelledError where it was stopped.
   */
  async to(
    model: DesiredModel,
    onProgress: (progress: LocalProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { memory, deployer, inTurn } = this.#ports;
    let end: ((deployment: SlotRecord['deployment']) => void) | undefined;
    const ended = new Promise<SlotRecord['deployment']>((resolve) => {
      end = resolve;
    });
    let serves = false;
    await inTurn(async () => {
      if (signal.aborted) throw new CancelledError(`The swap to ${model.name} ${model.version}`);
      this.#expectFree();
      const bad = memory.quarantined.find(({ digest }) => digest === model.digest);
      if (bad !== undefined) throw quarantined(model, bad.reason);
      serves = memory.record.committed?.digest === model.digest;
      if (serves) return;
      this.#under = { digest: model.digest, onProgress, ended: (deployment) => end?.(deployment) };
      await deployer.order(model).catch((error: unknown) => {
        this.#under = undefined;
        throw error;
      });
    });
    if (serves) return;
    const stop = () => void deployer.supersede();
    signal.addEventListener('abort', stop, { once: true });
    // It may have been stopped while it began.
    if (signal.aborted) stop();
    const { state, reason = '' } = await ended;
    signal.removeEventListener('abort', stop);
    if (state === 'committed') return;
    if (signal.aborted) throw new CancelledError(`The swap to ${model.name} ${model.version}`);
    throw failed(model, reason);
  }

  /** After every step of the slot. */
  stepped(deployment: SlotRecord['deployment']): void {
    const under = this.#under;
    if (under === undefined) return;
    const other = deployment.model !== undefined && deployment.model.digest !== under.digest;
    if (other || isSettled(deployment.state)) {
      this.#under = undefined;
      under.ended(deployment);
      return;
    }
    this.progressed();
  }

  progressed(): void {
    const under = this.#under;
    const { state, digest, progress } = this.#ports.deployer.report;
    if (under === undefined || digest !== under.digest) return;
    const cancellable = state !== 'committed' && state !== 'rolling-back';
    under.onProgress({ state, done: progress, cancellable });
  }

  #expectFree(): void {
    const { deployment } = this.#ports.memory.record;
    if (isSettled(deployment.state)) return;
    throw new RefusedError(
      'local-switch-busy',
      `A deployment of ${deployment.model?.name ?? 'a model'} ${deployment.model?.version ?? ''} is in progress.`,
      'Ask again when it has ended.',
    );
  }
}

function quarantined({ name, version }: DesiredModel, reason: string): RefusedError {
  return new RefusedError(
    'local-switch-quarantined',
    `${name} ${version} is quarantined on this device: ${reason}`,
    'Fix the cause, then order it again.',
  );
}

function failed({ name, version }: DesiredModel, reason: string): RefusedError {
  return new RefusedError(
    'local-switch-failed',
    `${name} ${version} does not serve: ${reason === '' ? 'a newer order came' : reason}`,
    'The previous model serves again.',
  );
}
