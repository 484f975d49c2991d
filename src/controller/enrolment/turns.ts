import { LimitError } from '../../base/index.ts';

/**
 * Work that is done one after the other; so much may wait, half of it of one owner, and what comes then is refused with
 * `enrolment-busy`.
 */
export class Turns {
  readonly #maxWaiting: number;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #ofOwner = new Map<string, number>();

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  take<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const own = this.#ofOwner.get(owner) ?? 0;
    if (this.#waiting >= this.#maxWaiting || own >= this.#maxWaiting / 2)
      return Promise.reject(
        new LimitError('enrolment-busy', 'Too many devices ask at once.', 'Ask again a little later.'),
      );
    this.#waiting += 1;
    this.#ofOwner.set(owner, own + 1);
    const run = this.#tail.then(work).finally(() => {
      this.#waiting -= 1;
      const left = (this.#ofOwner.get(owner) ?? 1) - 1;
      if (left > 0) this.#ofOwner.set(owner, left);
      else this.#ofOwner.delete(owner);
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }
}
