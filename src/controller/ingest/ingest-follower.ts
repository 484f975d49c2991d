import { asGoshawkError, type Cancel, type Clock, type RateLimitedLog } from '../../base/index.ts';
import type { Counters } from '../counters.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { decodeSamples } from '../history/blocks.ts';
import type { SeriesTable } from '../history/series.ts';
import type { Ingested, IngestedBatch, IngestedSource } from '../store/ingest-store.ts';
import type { StoredFleet } from '../store/store.ts';
import type { MessageHandler } from './message-handler.ts';

const periodMs = 250;

export interface IngestFollowerPorts {
  readonly source: IngestedSource;
  readonly registry: DeviceRegistry;
  readonly series: SeriesTable;
  readonly handler: Pick<MessageHandler, 'heardElsewhere'>;
  readonly counters: Counters;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly rateLimitedLog: RateLimitedLog;
}

/**
 * Follows what ingest processes commit: the leader acknowledges it, shows its newest values, and acts on its events as if it
 * had stored them itself.
 *
 * INVARIANT. Each event of the database is told as `committed` once in this life, in the order of the numbers.
 */
export class IngestFollower {
  readonly #ports: IngestFollowerPorts;
  /** All events up to this one were told. */
  #after = 0;
  /** Numbers above it, of events that this controller committed itself. */
  readonly #own = new Set<number>();
  #timer: Cancel | undefined;
  #closed = false;

  constructor(ports: IngestFollowerPorts) {
    this.#ports = ports;
    ports.bus.on('committed', ({ events }) => {
      for (const { seq } of events) if (seq > this.#after) this.#own.add(seq);
    });
  }

  load(stored: StoredFleet): void {
    this.#after = stored.drift.newestSeq;
  }

  start(): void {
    this.#plan(0);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
  }

  #plan(afterMs: number): void {
    if (this.#closed) return;
    this.#timer = this.#ports.clock.after(afterMs, () => void this.#follow());
  }

  async #follow(): Promise<void> {
    const { source, rateLimitedLog } = this.#ports;
    let more = false;
    try {
      const ingested = await source.takeIngested(this.#after);
      more = ingested.more;
      if (!this.#closed) this.#apply(ingested);
    } catch (cause) {
      const { message, code, remedy } = asGoshawkError(cause, 'database-failed');
      rateLimitedLog.warn('follow', message, { code, remedy });
    }
    this.#plan(more ? 0 : periodMs);
  }

  #apply({ entries, batches, events, duplicateBatches, repeatedSessions }: Ingested): void {
    const { bus, counters, registry, handler } = this.#ports;
    const fresh = events.filter(({ seq }) => !this.#own.delete(seq));
    this.#after = events.at(-1)?.seq ?? this.#after;
    counters.events += fresh.length;
    const heard = new Set([...entries, ...batches].map(({ device }) => device));
    const wereOnline = new Set([...heard].filter((id) => registry.get(id)?.online === true));
    for (const id of heard) {
      const device = registry.get(id);
      if (device !== undefined) handler.heardElsewhere(device);
    }
    for (const batch of inOrder(batches)) this.#observe(batch);
    for (const id of heard)
      if (registry.get(id) !== undefined) bus.emit('deviceChanged', id, wereOnline.has(id));
    if (entries.length + fresh.length + duplicateBatches + repeatedSessions.length > 0)
      bus.emit('committed', { events: fresh, duplicateBatches, repeatedSessions, acks: entries });
  }

  /** Two batches of a device may have gone through two processes: the later one is the newer state. */
  #observe({ device: id, session, sequence, samples, newestMs, block }: IngestedBatch): void {
    const { registry, series, counters, clock } = this.#ports;
    counters.samples += samples;
    const device = registry.get(id);
    if (device === undefined || newestMs === undefined || session !== device.birth?.session) return;
    if (!device.isNewest(session, sequence)) return;
    const heardMs = clock.monotonicMs();
    device.clockOriginMs = newestMs - heardMs;
    device.batchHeardMs = heardMs;
    const known = { has: (one: number) => series.get(one) !== undefined };
    decodeSamples(block, known, (one, timeMs, value) => {
      const row = series.get(one);
      if (row !== undefined) device.observe(row, timeMs, value, heardMs);
    });
  }
}

function inOrder(batches: readonly IngestedBatch[]): readonly IngestedBatch[] {
  return [...batches].sort((a, b) => a.session - b.session || a.sequence - b.sequence);
}
