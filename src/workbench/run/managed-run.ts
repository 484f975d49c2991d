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
  #underWay: Promise<void> = Promise.resolve();
  #ended = false;

  take(step: () => Promise<void>): Promise<void> {
    if (this.#ended) return Promise.reject(new CancelledError('The run'));
    const done = step();
    this.#underWay = done.catch(() => {});
    return done;
  }

  /** Resolves when the step under way has ended; none begins any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#underWay;
  }
}
