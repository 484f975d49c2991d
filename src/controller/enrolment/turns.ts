import { LimitError } from '../../base/index.ts';

/** Work that is done one after the other; so much may wait, and what comes then is refused with `enrolment-busy`. */
export class Turns {
  readonly #maxWaiting: number;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#maxWaiting)
      return Promise.reject(
        new LimitError('enrolment-busy', 'Too many devices ask at once.', 'Ask again a little later.'),
      );
    this.#waiting += 1;
    const run = this.#tail.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }
}
