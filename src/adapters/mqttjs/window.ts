import { counted, LimitError } from '../../base/index.ts';

interface Waiting {
  readonly go: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * Flow control of MQTT 5 (section 4.9): never more unacknowledged QoS 1 messages than the broker's Receive Maximum,
 * or it may cut the connection. Who comes while it is full waits for a place on this very connection and no longer.
 */
export class Window {
  readonly #size: number;
  readonly #maxWaiting: number;
  #taken = 0;
  #closed: Error | undefined;
  readonly #waiting: Waiting[] = [];

  constructor(size: number, maxWaiting = 10_000) {
    this.#size = size;
    this.#maxWaiting = maxWaiting;
  }

  /** Resolves when there is a place; rejects when the connection ends or too many wait. */
  enter(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#taken < this.#size) {
      this.#taken++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#maxWaiting)
      return Promise.reject(
        new LimitError(
          'transport-busy',
          `${counted(this.#maxWaiting, 'message')} wait for the broker already.`,
          'Send more slowly: the broker acknowledges messages more slowly than you send them.',
        ),
      );
    return new Promise((go, fail) => this.#waiting.push({ go, fail }));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next.go();
  }

  close(error: Error): void {
    this.#closed = error;
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }
}
