import { describeError, GoshawkError, InternalError, type Log, silentLog } from '../../base/index.ts';
import type { Transition, TransitionDescription } from '../messages/lifecycle.ts';
import { concluded, type Outcome, requestedTransition, type StateLabel } from './table.ts';

/**
 * What a managed node does when it is told to. As in rclcpp a failure and an error are two things:
 * - `configure` and `activate` that reject with a GoshawkError have failed and undone what they began. The node stays where it was.
 * - Whatever else rejects is an error: nobody knows what of it was done, so `recover` gives up everything.
 */
export interface LifecycleWork {
  /** Gets ready to work: loads what is needed. */
  configure(): Promise<void>;
  /** Begins to work. */
  activate(): Promise<void>;
  /** Rests, ready to go on. */
  deactivate(): Promise<void>;
  /** Gives up what `configure` loaded. */
  cleanup(): Promise<void>;
  /** Ends for good, from any state. */
  shutdown(): Promise<void>;
  /** Behind an error: gives up everything, so that the node is unconfigured. Where this rejects too the node is finalized. */
  recover(): Promise<void>;
}

export interface LifecycleOptions {
  readonly work: LifecycleWork;
  /** Milliseconds, to say how long a transition took. */
  readonly nowMs: () => number;
  /** Each change of the state, those into and out of the work too. */
  readonly onChange?: (change: TransitionDescription) => void;
  readonly log?: Log;
}

const workOf: Readonly<Partial<Record<StateLabel, keyof LifecycleWork>>> = {
  configuring: 'configure',
  activating: 'activate',
  deactivating: 'deactivate',
  cleaningup: 'cleanup',
  shuttingdown: 'shutdown',
  errorprocessing: 'recover',
};
const mayFail: ReadonlySet<keyof LifecycleWork> = new Set(['configure', 'activate']);

/** The state of a managed node. One transition at a time: another request meanwhile is refused, as in rclcpp. */
export class LifecycleMachine {
  readonly #options: LifecycleOptions;
  readonly #log: Log;
  #state: StateLabel = 'unconfigured';

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
  }

  get state(): StateLabel {
    return this.#state;
  }

  /** True where it ended as it was asked: a transition that the state does not have, or that failed, is false. */
  async request(asked: Transition): Promise<boolean> {
    const transition = requestedTransition(this.#state, asked);
    const work = transition === undefined ? undefined : workOf[transition.to];
    if (transition === undefined || work === undefined) {
      this.#log.warn('A transition of the life cycle is refused', {
        ...{ asked: asked.label === '' ? asked.id : asked.label, state: this.#state },
      });
      return false;
    }
    const { nowMs } = this.#options;
    const beganMs = nowMs();
    this.#move(transition);
    const outcome = await this.#work(work);
    let to = this.#move(concluded(this.#state, outcome));
    if (to === 'errorprocessing') to = this.#move(concluded(to, await this.#work('recover')));
    const tookMs = Math.round((nowMs() - beganMs) * 10) / 10;
    this.#log.info('life cycle', { transition: transition.transition.label, outcome, state: to, tookMs });
    return outcome === 'success';
  }

  async #work(work: keyof LifecycleWork): Promise<Outcome> {
    try {
      await this.#options.work[work]();
      return 'success';
    } catch (error) {
      const known = error instanceof GoshawkError && !(error instanceof InternalError);
      const outcome = known && mayFail.has(work) ? 'failure' : 'error';
      this.#log.error('A transition of the life cycle failed', {
        work,
        outcome,
        reason: describeError(error),
      });
      return outcome;
    }
  }

  #move(change: TransitionDescription & { readonly to: StateLabel }): StateLabel {
    this.#state = change.to;
    const { transition, start, goal } = change;
    try {
      this.#options.onChange?.({ transition, start, goal });
    } catch (error) {
      // A change that can't be told is one all the same: the node must not stay between two states for it.
      this.#log.warn('A change of the life cycle was not told', {
        ...{ state: change.to, reason: describeError(error) },
      });
    }
    return change.to;
  }
}
