/**
 * Signals that come so soon after the first one are the same stop: `ros2 launch` under `timeout`, a terminal and its process
 * group, and a service manager send it twice or more.
 */
const sameStopMs = 2000;

/** What a signal to end means: the first asks for an end, one that comes later is a person who does not want to wait. */
export class Interruption {
  readonly #nowMs: () => number;
  #firstMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get wanted(): boolean {
    return this.#firstMs !== undefined;
  }

  signal(): 'stop' | 'same' | 'force' {
    const nowMs = this.#nowMs();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      return 'stop';
    }
    return nowMs - this.#firstMs < sameStopMs ? 'same' : 'force';
  }
}
