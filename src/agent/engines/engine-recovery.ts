import { type Cancel, type Clock, describeError } from '../../base/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import { type RecoveryAction, type RecoveryEvent, type RecoveryState, recoveryStep } from './recovery.ts';

/** Why an engine is mended. */
export type EngineTrouble = 'stuck' | 'wrong';

export interface EngineRecoveryPorts {
  readonly clock: Clock;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /**
   * Opens the engine that serves anew, or the next one, and puts it in its place at once. False: another model is on its
   * way. Rejects with the reason why there is none.
   */
  readonly replace: (how: 'rebuild' | 'change-engine') => Promise<boolean>;
  /** Ends the process, so that whoever watches it starts it again. */
  readonly endProcess: (reason: string) => void;
}

/** An engine that ran for so long after a step is well again. */
const wellAfterMs = 10 * 60_000;

const troubles = { stuck: 'gives no answers', wrong: 'gives wrong answers' } as const;

/** Walks along the table of recovery; each step is an event for the fleet, told before it is taken. */
export class EngineRecovery {
  readonly #ports: EngineRecoveryPorts;
  #state: RecoveryState = 'serving';
  #trouble: EngineTrouble = 'stuck';
  #everRight = false;
  #missed: EngineTrouble | undefined;
  #cancelWell: Cancel | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: EngineRecoveryPorts) {
    this.#ports = ports;
  }

  /** No frame gets an answer any more. */
  stuck(): void {
    this.#trouble = 'stuck';
    this.#take('stuck');
  }

  /** The golden set went through the live engine. */
  answered(right: boolean): void {
    if (right) {
      this.#everRight = true;
      if (this.#trouble === 'wrong') this.#take('well');
      return;
    }
    this.#trouble = 'wrong';
    this.#take(this.#everRight ? 'wrong' : 'wrong-from-start');
  }

  /** A deployment has ended. `changed`: another detector serves than before it. */
  deployed(changed: boolean): void {
    const missed = this.#missed;
    this.#missed = undefined;
    if (changed) {
      this.#everRight = false;
      this.#take('deployed');
    } else if (missed === 'stuck') this.stuck();
  }

  /** Resolves when no step is under way. */
  idle(): Promise<void> {
    return this.#working;
  }

  close(): void {
    this.#cancelWell?.();
    this.#state = 'ending';
  }

  #take(event: RecoveryEvent): void {
    const { next, action } = recoveryStep(this.#state, event);
    if (next !== this.#state) this.#cancelWell?.();
    this.#state = next;
    if (action !== 'none') this.#working = this.#working.then(() => this.#act(action));
  }

  async #act(action: Exclude<RecoveryAction, 'none'>): Promise<void> {
    const { reportEvent, endProcess } = this.#ports;
    await reportEvent(stepEvent(action, this.#trouble));
    if (action === 'end-process')
      endProcess(`The engine ${troubles[this.#trouble]}, and no other one helps.`);
    else if (action !== 'tell') await this.#replace(action);
  }

  async #replace(how: 'rebuild' | 'change-engine'): Promise<void> {
    const { reportEvent, replace, clock } = this.#ports;
    try {
      if (!(await replace(how))) {
        this.#missed = this.#trouble;
        this.#take('deployed');
        return;
      }
    } catch (error) {
      await reportEvent({
        kind: 'engine.recovery-failed',
        severity: 'error',
        message: `The engine could not be ${how === 'rebuild' ? 'built anew' : 'replaced'}: ${describeError(error)}`,
      });
      this.#take('failed');
      return;
    }
    this.#take('done');
    // Only a known answer shows that answers are right again.
    if (this.#trouble === 'stuck') this.#cancelWell = clock.after(wellAfterMs, () => this.#take('well'));
  }
}

function stepEvent(action: Exclude<RecoveryAction, 'none'>, trouble: EngineTrouble): AgentEvent {
  const data = { trouble };
  const why = `The engine ${troubles[trouble]}`;
  switch (action) {
    case 'rebuild':
      return { kind: 'engine.rebuild', severity: 'error', message: `${why}; it is built anew.`, data };
    case 'change-engine':
      return {
        kind: 'engine.change',
        severity: 'error',
        message: `${why} also after it was built anew; the next engine takes its place.`,
        data,
      };
    case 'end-process':
      return {
        kind: 'engine.restart-process',
        severity: 'critical',
        message: `${why}, and no other one helps; the agent ends to be started again.`,
        data,
      };
    case 'tell':
      return {
        kind: 'engine.given-up',
        severity: 'critical',
        message: `${why} on every engine since the agent started; deploy another model.`,
        data,
      };
  }
}
