/**
 * Signals that come so soon after the first one are the same wish: `ros2 launch` under `timeout`, a terminal and its process
 * group, and a service manager send it twice or more.
 */
const oneWishMs = 2000;

/** What a signal to end means: the first is a wish, one that comes later is a person who does not want to wait. */
export class Interruption {
  readonly #nowMs: () => number;
  #firstMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get wanted(): boolean {
    return this.#firstMs !== undefined;
  }

  signal(): 'stop' | 'same-wish' | 'force' {
    const nowMs = this.#nowMs();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      return 'stop';
    }
    return nowMs - this.#firstMs < oneWishMs ? 'same-wish' : 'force';
  }
}
