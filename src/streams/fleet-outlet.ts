import type { Clock, Log } from '../base/index.ts';
import type { StreamCounts } from './counts.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { Outgoing, Outlet } from './outlet.ts';

export interface FleetOutletOptions {
  /** Over the connection that the device has anyway. */
  readonly publish: (camera: string, text: string) => Promise<void>;
  readonly maxMessageBytes: number;
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
}

interface Item {
  readonly bytes: number;
  readonly camera: string;
  readonly text: string;
}

/** Results to the fleet's broker, at most once. */
export class FleetOutlet implements Outlet {
  readonly #queue: DeliveryQueue<Item>;
  readonly #options: FleetOutletOptions;

  constructor(options: FleetOutletOptions) {
    const { publish, counts, clock, log } = options;
    this.#options = options;
    this.#queue = new DeliveryQueue({
      ...{ maxMessages: 64, maxBytes: 4_000_000, counts, clock, log },
      deliver: async ([item]) => {
        if (item !== undefined) await publish(item.camera, item.text);
      },
    });
  }

  take({ message: { camera }, text }: Outgoing): void {
    const { maxMessageBytes, counts } = this.#options;
    if (text.length > maxMessageBytes) counts.leaveOut('size');
    else this.#queue.offer({ bytes: text.length, camera, text });
  }

  close(graceMs: number): Promise<void> {
    return this.#queue.close(graceMs);
  }
}
