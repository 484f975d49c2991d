/** The turn of one deployment. */
export interface Turn {
  /** Waits for work that uses no resource of this device; others run meanwhile. Resolves when it is its turn again. */
  pause<T>(wait: () => Promise<T>): Promise<T>;
}

/** Deployments of all slots, one after the other: two models that are built at once would not fit into a board's memory. */
export class DeploymentTurns {
  #last: Promise<void> = Promise.resolve();

  /** Does the work when those before it are done; without a turn where it is told to stop meanwhile, so that it can say so. */
  async take<T>(signal: AbortSignal, work: (turn: Turn) => Promise<T>): Promise<T> {
    let leave = await this.#enter(signal);
    const pause = async <R>(wait: () => Promise<R>): Promise<R> => {
      leave();
      try {
        return await wait();
      } finally {
        leave = await this.#enter(signal);
      }
    };
    try {
      return await work({ pause });
    } finally {
      leave();
    }
  }

  /** Gives back what ends the turn. */
  async #enter(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let leave = () => {};
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#last = before.then(() => mine);
    await endedOrAborted(before, signal);
    return leave;
  }
}

function endedOrAborted(before: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => resolve();
    signal.addEventListener('abort', go, { once: true });
    void before.then(() => {
      signal.removeEventListener('abort', go);
      go();
    });
  });
}
