/** What is under way on the model that serves: one deployment, or one change of its engine, and never both. */
export class WorkSlot {
  #underWay: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  /** Begins; nothing may be under way. Gives what the work gives, also its rejection. */
  begin<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#underWay = controller;
    const running = work(controller.signal);
    const ended = () => {};
    this.#running = running.then(ended, ended);
    return running;
  }

  /** Tells what is under way to stop. */
  abort(): void {
    this.#underWay?.abort();
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#running;
  }

  /** Stops what is under way; resolves when nothing is. */
  supersede(): Promise<void> {
    this.abort();
    return this.idle();
  }
}
