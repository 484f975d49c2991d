import { type Clock, describeError, sleep } from '../../base/index.ts';
import type { DeploymentReport, DesiredModel } from '../../protocol/index.ts';
import { refuseIfSuperseded } from './superseded.ts';

/** `undefined`: it is safe now; else why not, in words. */
export type SafetyAnswer = string | undefined;

/**
 * Port: whether the machine that the device is part of can do with another model now. A check that fails says no: who
 * does not know must not switch under a robot that drives. Promises: test/contract/safety-check.ts.
 */
export interface SafetyCheck {
  /** Rejects where it can't be known. */
  whyNot(signal: AbortSignal): Promise<SafetyAnswer>;
}

export type Waits = NonNullable<DeploymentReport['waits']>;

export interface UpdateGatePorts {
  /** Absent: it is always safe. */
  readonly safety?: SafetyCheck;
  readonly clock: Clock;
}

const pollMs = 2_000;
const mostWords = 500;

/** Between a model that is ready and its switch: the fleet may hold it, and the machine may say that it is not safe. */
export class UpdateGate {
  readonly #ports: UpdateGatePorts;

  constructor(ports: UpdateGatePorts) {
    this.#ports = ports;
  }

  /**
   * Resolves when it may switch; rejects when it is superseded. `wanted` is asked anew each time: the fleet may lift its
   * hold, or override the machine's no, by a newer desired state of the same order. `onWait` hears what changes.
   */
  async pass(
    wanted: () => Pick<DesiredModel, 'hold' | 'overrideSafety'>,
    signal: AbortSignal,
    onWait: (waits: Waits | undefined) => Promise<void>,
  ): Promise<void> {
    const { clock } = this.#ports;
    let told: Waits | undefined;
    for (;;) {
      const why = await this.#why(wanted(), signal);
      refuseIfSuperseded(signal);
      if (why === undefined) {
        if (told !== undefined) await onWait(undefined);
        return;
      }
      if (why.for !== told?.for || why.what !== told.what) {
        // Its age is that of the wait, not of the words: "12 m from home" changes all the time.
        const sinceMs = why.for === told?.for ? told.sinceMs : clock.wallMs();
        told = { ...why, sinceMs };
        await onWait(told);
      }
      await sleep(clock, pollMs, signal);
      refuseIfSuperseded(signal);
    }
  }

  async #why(
    { hold, overrideSafety }: Pick<DesiredModel, 'hold' | 'overrideSafety'>,
    signal: AbortSignal,
  ): Promise<Omit<Waits, 'sinceMs'> | undefined> {
    if (hold === true) return { for: 'fleet', what: 'The fleet holds it before the switch.' };
    const { safety } = this.#ports;
    if (safety === undefined || overrideSafety === true) return undefined;
    const what = await safety
      .whyNot(signal)
      .catch((error: unknown) => `Whether it is safe cannot be known: ${describeError(error)}`);
    return what === undefined ? undefined : { for: 'safety', what: what.slice(0, mostWords) };
  }
}
