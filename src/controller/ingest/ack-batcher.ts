import type { Cancel, Clock } from '../../base/index.ts';
import type { Ack, EventBus } from '../event-bus.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';

const periodMs = 1_000;
const maxEntries = 500;
/** So many of one device are a backlog, which goes on as fast as it is acknowledged. */
const backlogEntries = 50;
/** An acknowledgement that comes much later is useless: the device has sent the entry again by then. */
const expiryMs = 60_000;

/** Acknowledges to devices what is in the database: together, at most every second or when a backlog waits. */
export class AckBatcher {
  readonly #rpc: Pick<RpcClient, 'notify'>;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, number[]>();
  #timer: Cancel | undefined;

  constructor({
    rpc,
    bus,
    clock,
  }: { readonly rpc: Pick<RpcClient, 'notify'>; readonly bus: EventBus; readonly clock: Clock }) {
    this.#rpc = rpc;
    this.#clock = clock;
    bus.on('committed', ({ acks }) => this.add(acks));
  }

  add(acks: readonly Ack[]): void {
    for (const { device, entry } of acks) {
      const entries = this.#waiting.get(device);
      if (entries === undefined) this.#waiting.set(device, [entry]);
      else entries.push(entry);
    }
    for (const [device, entries] of this.#waiting)
      if (entries.length >= backlogEntries) void this.#send(device);
    if (this.#waiting.size === 0 || this.#timer !== undefined) return;
    this.#timer = this.#clock.after(periodMs, () => {
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

  async close(): Promise<void> {
    await this.flush();
    this.#timer?.();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  async #send(device: string): Promise<void> {
    const entries = [...new Set(this.#waiting.get(device))];
    this.#waiting.delete(device);
    for (let from = 0; from < entries.length; from += maxEntries)
      await this.#rpc.notify(device, 'ack', { entries: entries.slice(from, from + maxEntries) }, expiryMs);
  }
}
