import { CancelledError, InputError } from '../../base/index.ts';

/** How long a node that was told to end stays, so that its answer goes out. */
export const answerGraceMs = 200;

export function notManaged(): InputError {
  return new InputError(
    'run-not-managed',
    'A run that waits for a lifecycle manager has to be a node of ROS 2.',
    'Add --publish ros, or leave --no-ros-auto-activate out.',
  );
}

/** What a lifecycle manager asks of a run, one step at a time. */
export class ManagedSteps {
  #loading: Promise<void> = Promise.resolve();
  #ended = false;

  take(step: () => Promise<void>): Promise<void> {
    if (this.#ended) return Promise.reject(new CancelledError('The run'));
    return step();
  }

  /** A step that has to be over before what it opened, or closes, can be given up. */
  load(step: () => Promise<void>): Promise<void> {
    const done = this.take(step);
    this.#loading = done.catch(() => {});
    return done;
  }

  /**
   * None begins any more. Resolves when what loads has ended; of another one that is under way nothing is waited for: to give up
   * what it works on is what ends it.
   */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#loading;
  }
}
