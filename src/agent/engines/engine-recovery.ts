import { type Cancel, type Clock, describeError } from '../../base/index.ts';
import { DetectorLostError } from '../../perception/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import { type RecoveryAction, type RecoveryEvent, type RecoveryState, recoveryStep } from './recovery.ts';
import { type EngineTrouble, type FrameTrouble, recoveryStepEvent, troubleWords } from './recovery-events.ts';

export interface EngineRecoveryPorts {
  readonly clock: Clock;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /**
   * Opens the engine that serves anew, or the next one, and puts it in its place at once. False: another model has taken
   * its place meanwhile. Rejects with the reason why there is none.
   */
  readonly replace: (how: 'rebuild' | 'change-engine') => Promise<boolean>;
  /** Ends the process, so that whoever watches it starts it again. */
  readonly endProcess: (reason: string, trouble: EngineTrouble) => void;
  /** Other slots serve in this process: what is wrong with this one alone does not end it. */
  readonly besideOthers: boolean;
}

/** An engine that ran for so long after a step is well again. */
const wellAfterMs = 10 * 60_000;

/** Walks along the table of recovery; each step is an event for the fleet, told before it is taken. */
export class EngineRecovery {
  readonly #ports: EngineRecoveryPorts;
  #state: RecoveryState = 'serving';
  #trouble: EngineTrouble = 'stuck';
  #everRight = false;
  #cancelWell: Cancel | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: EngineRecoveryPorts) {
    this.#ports = ports;
  }

  /** Frames show it. */
  troubled(trouble: FrameTrouble): void {
    this.#trouble = trouble;
    this.#take(trouble === 'lost' ? 'process-lost' : trouble);
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

  /** Another detector serves than before, by a deployment or a better engine. */
  deployed(): void {
    this.#everRight = false;
    this.#take('deployed');
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
    const { reportEvent, endProcess, besideOthers } = this.#ports;
    const trouble = this.#trouble;
    if (action === 'end-process' && besideOthers && trouble !== 'lost') {
      this.#state = 'given-up';
      await reportEvent(recoveryStepEvent('tell', trouble));
      return;
    }
    await reportEvent(recoveryStepEvent(action, trouble));
    if (action === 'end-process') endProcess(troubleWords(trouble), trouble);
    else if (action !== 'tell') await this.#replace(action);
  }

  async #replace(how: 'rebuild' | 'change-engine'): Promise<void> {
    const { reportEvent, replace, clock } = this.#ports;
    try {
      if (!(await replace(how))) {
        this.#take('deployed');
        return;
      }
    } catch (error) {
      await reportEvent({
        kind: 'engine.recovery-failed',
        severity: 'error',
        message: `The engine could not be ${how === 'rebuild' ? 'rebuilt' : 'replaced'}: ${describeError(error)}`,
      });
      if (error instanceof DetectorLostError && error.lost === 'process') this.troubled('lost');
      else this.#take('failed');
      return;
    }
    this.#take('done');
    // Closed meanwhile: a timer would keep the process alive.
    if (this.#state === 'ending') return;
    // Only a known answer shows that answers are right again.
    if (this.#trouble !== 'wrong') this.#cancelWell = clock.after(wellAfterMs, () => this.#take('well'));
  }
}
