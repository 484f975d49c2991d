/** Deployments of all slots, one after the other: two models that are built at once would not fit into a board's memory. */
export class DeploymentTurns {
  #last: Promise<void> = Promise.resolve();

  /** Does the work when those before it are done; without a turn where it is told to stop meanwhile, so that it can say so. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let done = () => {};
    const mine = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#last = before.then(() => mine);
    try {
      await endedOrAborted(before, signal);
      return await work();
    } finally {
      done();
    }
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
