import type { ModelChoice } from '../../../api/index.ts';
import { CancelledError, describeError, GoshawkError, type Log } from '../../../base/index.ts';
import type { Secrets } from '../../access/token-registry.ts';
import type { ControllerEvents } from '../../fleet/controller-events.ts';
import type { DeviceRegistry } from '../../fleet/device-registry.ts';
import type { ModelRegistry } from '../../models/model-registry.ts';
import type { RpcClient } from '../../rpc/rpc-client.ts';
import { drawChallenges } from './draw.ts';
import { grade } from './grade.ts';
import type { Challenge, ChallengeAnswer, ReferenceAnswers } from './ports.ts';

export interface ChallengerPorts {
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly registry: Pick<DeviceRegistry, 'get'>;
  readonly models: Pick<ModelRegistry, 'goldenFramesOf'>;
  readonly secrets: Pick<Secrets, 'randomBytes'>;
  readonly events: Pick<ControllerEvents, 'tell'>;
  readonly log: Log;
  /** Absent: this controller runs no model, so no device is asked. */
  readonly references?: ReferenceAnswers | undefined;
}

/** A device that says it runs the new version. */
export interface Challenged {
  readonly device: string;
  /** Digest of what it ran before. */
  readonly before?: string | undefined;
}

/** Answers that count; those that tell the versions not apart are in neither. */
export interface ChallengeCount {
  readonly right: number;
  readonly wrong: number;
}

/** Sixteen frames through the live engine of a slow board. */
const timeoutMs = 60_000;
/** As many as a gate reads of a side. */
const mostDevices = 60;
/** Why a call got no answer that is no fault of its device. */
const ownFaults: ReadonlySet<unknown> = new Set(['broker-away', 'closing', 'too-many-calls']);

/**
 * Asks devices for what their live model finds on pictures that nobody knew before, and holds the answers against those of
 * the model itself, run by the controller: a device that says it runs a version must have it.
 */
export class Challenger {
  readonly #ports: ChallengerPorts;

  constructor(ports: ChallengerPorts) {
    this.#ports = ports;
  }

  /**
   * By device; of one that is offline, or that the controller could not ask, nothing. Empty where the controller can't say
   * what is right, which is logged. Rejects with a CancelledError as soon as `signal` ends it.
   */
  ask(
    model: ModelChoice,
    devices: readonly Challenged[],
    signal: AbortSignal,
  ): Promise<Map<string, ChallengeCount>> {
    return new Promise((resolve, reject) => {
      const end = () => reject(new CancelledError('The challenge'));
      if (signal.aborted) return end();
      signal.addEventListener('abort', end, { once: true });
      this.#ask(model, devices, signal)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', end));
    });
  }

  async #ask(
    model: ModelChoice,
    devices: readonly Challenged[],
    signal: AbortSignal,
  ): Promise<Map<string, ChallengeCount>> {
    const { registry, models, secrets } = this.#ports;
    const asked = devices.filter(({ device }) => registry.get(device)?.online === true).slice(0, mostDevices);
    const challenges = drawChallenges(models.goldenFramesOf(model.digest), (count) =>
      secrets.randomBytes(count),
    );
    const found = new Map<string, ChallengeCount>();
    if (asked.length === 0 || challenges.length === 0) return found;
    const now = await this.#reference(model.digest, model, challenges, signal);
    if (now === undefined) return found;
    const before = new Map<string, readonly ChallengeAnswer[] | undefined>();
    for (const digest of new Set(asked.flatMap((one) => one.before ?? [])))
      before.set(digest, await this.#reference(digest, model, challenges, signal));
    const answered = asked.map(async ({ device, before: digest }) => {
      const answers = await this.#answers(device, model, challenges);
      if (answers === 'not-asked' || signal.aborted) return;
      // A device says itself what it ran before, so it can't say that it was this.
      const old = digest === undefined || digest === model.digest ? undefined : before.get(digest);
      const grades = challenges.map((_, at) => grade(answers?.[at], now[at]!, old?.[at]));
      const count = (one: 'right' | 'wrong') => grades.filter((own) => own === one).length;
      const counts = { right: count('right'), wrong: count('wrong') };
      found.set(device, counts);
      if (counts.wrong > counts.right) this.#tell(device, model, counts, answers === undefined);
    });
    await Promise.all(answered);
    return found;
  }

  async #reference(
    digest: string,
    model: ModelChoice,
    challenges: readonly Challenge[],
    signal: AbortSignal,
  ): Promise<readonly ChallengeAnswer[] | undefined> {
    const { references, log } = this.#ports;
    try {
      return await references?.answer({ model: digest, pictures: model.digest, challenges, signal });
    } catch (error) {
      log.warn('A model cannot be run here, so its answers are not known', {
        ...{ model: digest, reason: describeError(error) },
      });
      return undefined;
    }
  }

  /** Undefined where none came: a device that is online owes one. Asked twice, as messages are lost. */
  async #answers(
    device: string,
    model: ModelChoice,
    pictures: readonly Challenge[],
  ): Promise<readonly ChallengeAnswer[] | 'not-asked' | undefined> {
    const { rpc, registry, log } = this.#ports;
    const request = { modelDigest: model.digest, pictures: [...pictures] };
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        return (await rpc.call(device, 'challenge', request, timeoutMs)).answers;
      } catch (error) {
        log.info('A device did not answer a challenge', {
          ...{ device, attempt, reason: describeError(error) },
        });
        if (error instanceof GoshawkError && ownFaults.has(error.code)) return 'not-asked';
        if (registry.get(device)?.online !== true) return 'not-asked';
      }
    }
    return undefined;
  }

  #tell(
    device: string,
    { name, version }: ModelChoice,
    { right, wrong }: ChallengeCount,
    silent: boolean,
  ): void {
    const what = silent
      ? 'it answered none of the pictures that the controller chose.'
      : `of ${right + wrong} pictures that the controller chose, ${wrong} came back as another model answers them.`;
    this.#ports.events.tell(device, {
      kind: 'model.challenge-failed',
      severity: 'error',
      message: `${device} reports that it runs ${name} ${version}, but ${what} Check the device: it may be broken, or send false reports.`,
      data: { right, wrong },
    });
  }
}
