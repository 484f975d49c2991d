import { type Clock, decodeUtf8, describeError, encodeUtf8, type Log } from '../../base/index.ts';
import { type DispatchPolicy, Outbox, type OutboxStore, type Sending } from '../../telemetry/index.ts';
import type { StreamCounts } from '../counts.ts';

export interface DurableStore {
  readonly store: OutboxStore;
  /** Room on the disk; where it is full every second of the older results is given up. */
  readonly maxBytes: number;
}

export interface DurableQueuePorts {
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when the broker has it. */
  readonly publish: (camera: string, text: string) => Promise<void>;
}

/** Cameras make hundreds of results a second at most; a backlog goes at this pace beside them. */
const policy: DispatchPolicy = {
  window: 300,
  perSecond: 1_000,
  burst: 100,
  ackTimeoutMs: 30_000,
  maxAckTimeoutMs: 600_000,
};
/** Results on their way to the disk; a disk that hangs must not fill the memory. */
const mostUnderWay = 256;

/** Results that are kept on the disk until the broker has them: at least once, also over restarts. */
export class DurableQueue {
  readonly #ports: DurableQueuePorts;
  readonly #outbox: Outbox;
  readonly #publishing = new Set<number>();
  #storing = 0;
  #thinned = 0;

  constructor({ store, maxBytes }: DurableStore, ports: DurableQueuePorts) {
    this.#ports = ports;
    const { clock, log } = ports;
    this.#outbox = new Outbox(
      { maxBytes, dispatch: policy },
      { store, clock, log, send: (sending) => this.#send(sending) },
    );
  }

  async open(): Promise<void> {
    const damage = await this.#outbox.open();
    if (damage !== undefined) this.#ports.log.error(damage);
    // Of the life before: they are sent, so they count as produced.
    this.#ports.counts.produce(this.#outbox.stats.entries);
  }

  offer(camera: string, text: string): void {
    const { counts, log } = this.#ports;
    if (this.#storing >= mostUnderWay) {
      counts.leaveOut('slow');
      return;
    }
    this.#storing += 1;
    this.#outbox
      .accept('metrics', 0, () => encodeUtf8(`${camera}\n${text}`))
      .catch((error: unknown) => {
        counts.leaveOut('failed');
        log.debug('A result was not kept', { reason: describeError(error) });
      })
      .finally(() => {
        this.#storing -= 1;
        this.#countThinned();
      });
  }

  online(online: boolean): void {
    if (online) this.#outbox.online();
    else this.#outbox.offline();
  }

  /** What is left stays on the disk. */
  async close(graceMs: number): Promise<void> {
    await this.#outbox.delivered('metrics', graceMs);
    // A disk that refused them leaves nothing for the next start.
    this.#ports.counts.leaveOut('closed', this.#outbox.stats.volatileEntries);
    await this.#outbox.close();
    this.#countThinned();
  }

  async #send({ entry, payload }: Sending): Promise<void> {
    // A broker that is slow to acknowledge is not given the same again.
    if (this.#publishing.has(entry)) return;
    this.#publishing.add(entry);
    const whole = decodeUtf8(payload);
    const cut = whole.indexOf('\n');
    try {
      await this.#ports.publish(whole.slice(0, cut), whole.slice(cut + 1));
      this.#ports.counts.send();
      this.#outbox.acknowledge([entry]);
    } finally {
      this.#publishing.delete(entry);
    }
  }

  #countThinned(): void {
    const { thinnedBatches } = this.#outbox.stats;
    this.#ports.counts.leaveOut('slow', thinnedBatches - this.#thinned);
    this.#thinned = thinnedBatches;
  }
}
