import {
  asGoshawkError,
  type Cancel,
  type Clock,
  defined,
  type GoshawkError,
  type Log,
  RateLimitedLog,
  toHex,
} from '../../base/index.ts';
import {
  decodeMessage,
  parseTopic,
  type TelemetryMessage,
  type TelemetrySource,
} from '../../protocol/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import { Counters } from '../counters.ts';
import { EventBus } from '../event-bus.ts';
import { ControllerEvents } from '../fleet/controller-events.ts';
import { Guard } from '../guard.ts';
import { SeriesTable } from '../history/series.ts';
import { MessageQuota } from '../quotas/message-quota.ts';
import { reportExceededQuotas } from '../quotas/quota-reporter.ts';
import { defaultQuotas, type Quotas } from '../quotas/quotas.ts';
import type { IngestStore } from '../store/ingest-store.ts';
import { DeviceDirectory } from './device-directory.ts';
import { HeldTelemetry, type Telemetry } from './held-telemetry.ts';
import { Inbox } from './inbox.ts';
import { defaultIngestLimits, type IngestLimits, IngestQueue } from './ingest-queue.ts';
import { eventRow, readBatch } from './read-batch.ts';
import { refusedEntry } from './refused-entry.ts';

export interface TelemetryIngestPorts {
  readonly source: TelemetrySource;
  readonly store: IngestStore;
  readonly secrets: Pick<Secrets, 'randomBytes'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface TelemetryIngestOptions {
  /** What one device may send to this process. */
  readonly quotas?: Partial<Quotas>;
  readonly ingest?: Partial<IngestLimits>;
  readonly maxDevices?: number;
}

/** So long the leader has to store a device and its birth; the device sends again later what was dropped. */
const heldMs = 10_000;

/**
 * A process that stores telemetry beside others: the broker gives each message to one of them. It commits in a session of its
 * own and says nothing to devices: with the commit it leaves the leader a note, and the leader acknowledges.
 *
 * INVARIANT. An entry is noted in the transaction that stores it, or when it can never be read.
 */
export class TelemetryIngest {
  readonly counters = new Counters();
  readonly #source: TelemetrySource;
  readonly #store: IngestStore;
  readonly #clock: Clock;
  readonly #log: RateLimitedLog;
  readonly #bus: EventBus;
  readonly #quota: MessageQuota;
  readonly #queue: IngestQueue;
  readonly #directory: DeviceDirectory;
  readonly #inbox: Inbox;
  readonly #held = new HeldTelemetry();
  #unsubscribe: Cancel | undefined;

  constructor(ports: TelemetryIngestPorts, options: TelemetryIngestOptions = {}) {
    const { source, store, secrets, log } = ports;
    const { maxDevices = 100_000 } = options;
    this.#source = source;
    this.#store = store;
    this.#log = new RateLimitedLog(log, ports.clock);
    const guard = new Guard(this.#log, this.counters);
    const clock = guard.clock(ports.clock);
    this.#clock = clock;
    const bus = new EventBus(guard);
    this.#bus = bus;
    this.#quota = new MessageQuota({ ...defaultQuotas, ...options.quotas }, maxDevices);
    this.#directory = new DeviceDirectory({
      ...{ store, clock, maxDevices, rateLimitedLog: this.#log },
      onRead: (device) => this.#release(device),
    });
    this.#queue = new IngestQueue(
      {
        ...{ clock, log, bus },
        // Numbers of metrics are the leader's.
        series: new SeriesTable(0),
        store: {
          commit: async ({ metrics = [], events = [] }, entries) => {
            const result = await store.commit({ metrics, events, entries });
            for (const device of result.unknown) this.#directory.forget(device);
            return result;
          },
        },
      },
      { ...defaultIngestLimits, ...options.ingest },
    );
    const newId = () => toHex(secrets.randomBytes(12));
    const events = new ControllerEvents({ clock, newId, ingest: this.#queue });
    const isKnown = (device: string) => this.#directory.isKnown(device);
    reportExceededQuotas({ counters: this.counters, bus, events, isKnown });
    this.#inbox = new Inbox(clock, (message) =>
      guard.run('handle a message', () => this.#handle(message), { topic: message.topic }),
    );
  }

  /** Why nothing can be written at the moment. */
  get fault(): GoshawkError | undefined {
    return this.#queue.fault;
  }

  start(): void {
    this.#unsubscribe = this.#source.onMessage((message) => this.#take(message));
    this.#source.start();
  }

  /** Takes effect with the next message. */
  reconfigure(quotas: Partial<Quotas>): void {
    this.#quota.reconfigure({ quotas });
  }

  /** Resolves when everything that came before is in the database, but for what waits for the leader. */
  async flush(): Promise<void> {
    await this.#inbox.flush();
    await this.#queue.flush();
  }

  /** Leaves the broker first, so that it gives the others what comes next and what is not settled; then commits what was taken. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    await this.#source.close();
    this.#inbox.close();
    this.#directory.close();
    await this.#queue.close();
    await this.#store.close();
  }

  #take(message: TelemetryMessage): Promise<void> | undefined {
    this.counters.messages += 1;
    const place = parseTopic(message.topic);
    if (place === undefined || (place.kind !== 'metrics' && place.kind !== 'events')) {
      message.settle?.();
      return undefined;
    }
    const { device, kind } = place;
    const size = { bytes: message.payload.byteLength, kind };
    const exceeded = this.#quota.exceeded(device, size, this.#clock.monotonicMs());
    if (exceeded === undefined) return this.#inbox.take(device, message);
    this.#bus.emit('quotaExceeded', device, exceeded);
    message.settle?.();
    return undefined;
  }

  #handle(message: TelemetryMessage): void {
    let device: string;
    let item: Telemetry;
    try {
      const decoded = decodeMessage(message.topic, message.payload);
      if (decoded.kind !== 'metrics' && decoded.kind !== 'events') return;
      device = decoded.device;
      const { settle } = message;
      item =
        decoded.kind === 'metrics'
          ? { ...decoded, settle }
          : { ...decoded, settle, bytes: message.payload.byteLength };
    } catch (cause) {
      this.#refuse(message, cause);
      return;
    }
    // What is held of its device goes first.
    if (!this.#held.has(device) && this.#accept(device, item, false)) return;
    if (!this.#held.add(device, item, this.#clock.monotonicMs())) this.#turnAway(item.settle);
    this.#directory.ask(device);
  }

  /** False while something is still held. */
  #release(device: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#held.release(device, (item, sinceMs) => {
      const late = nowMs - sinceMs >= heldMs;
      if (this.#accept(device, item, late)) return true;
      if (late) this.#turnAway(item.settle);
      return late;
    });
    return !this.#held.has(device);
  }

  /** False where the leader has not stored what this needs. `late`: samples that nothing explains are left out. */
  #accept(device: string, item: Telemetry, late: boolean): boolean {
    if (item.kind === 'events') {
      if (!this.#directory.isKnown(device)) return false;
      this.#event(device, item);
      return true;
    }
    const aliases = this.#directory.catalogue(device, item.payload.session);
    if (aliases === undefined) return false;
    if (!late && item.payload.samples.some(([, alias]) => !aliases.has(alias))) return false;
    this.#metrics(device, item, aliases);
    return true;
  }

  #event(device: string, { payload: event, bytes, settle }: Extract<Telemetry, { kind: 'events' }>): void {
    const { entry } = event;
    const row = eventRow(device, event, this.#clock.wallMs());
    if (this.#queue.event(row, entry, bytes, settle)) this.counters.events += 1;
    else this.#turnAway(settle);
  }

  #metrics(
    device: string,
    { payload: batch, settle }: Extract<Telemetry, { kind: 'metrics' }>,
    aliases: ReadonlyMap<number, number>,
  ): void {
    const { counters } = this;
    const { row, newestMs, unknown, skewed } = readBatch(device, batch, aliases, this.#clock.wallMs());
    const live = batch.historical ? {} : defined({ newestMs });
    if (!this.#queue.metrics({ ...row, ...live }, batch.entry, settle)) {
      this.#turnAway(settle);
      return;
    }
    counters.samples += row.values.length;
    counters.unknownSamples += unknown;
    if (skewed) counters.skewedBatches += 1;
  }

  /** Its device was not told that it is stored, and sends it again. */
  #turnAway(settle: (() => void) | undefined): void {
    this.counters.turnedAway += 1;
    settle?.();
  }

  /** What can never be read is acknowledged, or it would be sent for ever. */
  #refuse(message: TelemetryMessage, cause: unknown): void {
    this.counters.malformed += 1;
    const { message: text, code } = asGoshawkError(cause, 'payload-invalid');
    const [, , device = '', kind = ''] = message.topic.split('/');
    this.#log.warn(`malformed ${device} ${kind}`, text, { code });
    const entry = refusedEntry(message);
    const taken = entry !== undefined && this.#queue.refused(entry.device, entry.entry, message.settle);
    if (!taken) message.settle?.();
  }
}
