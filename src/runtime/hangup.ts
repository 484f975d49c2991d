/**
 * SIGHUP asks a service to read its settings again; where nobody listens it ends the process. So listening begins with the
 * program: what comes before it is ready is kept for then, and what comes while it ends does nothing.
 */
export class Hangup {
  #asked = false;
  #listener: (() => void) | undefined;
  readonly #take = () => {
    if (this.#listener === undefined) this.#asked = true;
    else this.#listener();
  };

  constructor() {
    process.on('SIGHUP', this.#take);
  }

  use(listener: () => void): void {
    this.#listener = listener;
    if (this.#asked) listener();
    this.#asked = false;
  }

  /** For a program that ends: the signal is heard, and nothing follows from it. */
  ignore(): void {
    this.#listener = () => {};
  }
}
