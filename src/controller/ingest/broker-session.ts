import type { Cancel, Clock } from '../../base/index.ts';

export interface BrokerSessionListener {
  /** Connected, and what the broker retains had its time to arrive. */
  readonly onSettled: () => void;
  readonly onLost: () => void;
}

/** After a connect the retained births and desired states are on their way; nothing is requested before. */
const settleMs = 2_000;
/** After that every device that runs is back within this time; before, silence says nothing about a device. */
const allBackMs = 60_000;

/** How far the present connection to the broker has come: what it retains needs its time, and so do devices. */
export class BrokerSession {
  readonly #clock: Clock;
  readonly #listener: BrokerSessionListener;
  #settling: Cancel | undefined;
  #settledAtMs: number | undefined;

  constructor(clock: Clock, listener: BrokerSessionListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Connected for long enough that every device could have reported. */
  get everyDeviceHeard(): boolean {
    return this.#settledAtMs !== undefined && this.#clock.monotonicMs() - this.#settledAtMs >= allBackMs;
  }

  connected(): void {
    this.#settling?.();
    this.#settling = this.#clock.after(settleMs, () => {
      this.#settledAtMs = this.#clock.monotonicMs();
      this.#listener.onSettled();
    });
  }

  lost(): void {
    this.close();
    this.#settledAtMs = undefined;
    this.#listener.onLost();
  }

  close(): void {
    this.#settling?.();
    this.#settling = undefined;
  }
}
