import type { Cancel, Clock } from '../../base/index.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import type { Ack } from './ingest.ts';

const everyMs = 1_000;
const mostEntries = 500;
/** An acknowledgement that comes much later is useless: the device has sent the entry again by then. */
const expiryMs = 60_000;

/** Tells devices what they may forget: together, at most every second or when 500 entries wait. */
export class AckBatcher {
  readonly #calls: RpcClient;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, number[]>();
  #timer: Cancel | undefined;

  constructor(calls: RpcClient, clock: Clock) {
    this.#calls = calls;
    this.#clock = clock;
  }

  add(acks: readonly Ack[]): void {
    for (const { device, entry } of acks) {
      const entries = this.#waiting.get(device);
      if (entries === undefined) this.#waiting.set(device, [entry]);
      else entries.push(entry);
    }
    for (const [device, entries] of this.#waiting) if (entries.length >= mostEntries) void this.#send(device);
    if (this.#waiting.size === 0 || this.#timer !== undefined) return;
    this.#timer = this.#clock.after(everyMs, () => {
      this.#timer = undefined;
      void this.flush();
    });
  }

  /** An acknowledgement that can't be sent is dropped: the device sends the entry again and gets another. */
  async flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    await Promise.all([...this.#waiting.keys()].map((device) => this.#send(device)));
  }

  close(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  async #send(device: string): Promise<void> {
    const entries = [...new Set(this.#waiting.get(device))];
    this.#waiting.delete(device);
    for (let from = 0; from < entries.length; from += mostEntries)
      await this.#calls.notify(device, 'ack', { entries: entries.slice(from, from + mostEntries) }, expiryMs);
  }
}
