import { type Clock, defined, type Log, type RateLimitedLog } from '../../base/index.ts';
import type { Birth, Death, DeviceEvent, MetricsBatch, Reported } from '../../protocol/index.ts';
import type { Counters } from '../counters.ts';
import type { Committed, EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { SeriesTable } from '../history/series.ts';
import type { SeriesQuota } from '../quotas/series-quota.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import type { IngestQueue } from './ingest-queue.ts';
import { eventRow, readBatch } from './read-batch.ts';

export interface MessageHandlerPorts {
  readonly registry: DeviceRegistry;
  readonly series: SeriesTable;
  readonly seriesQuota: SeriesQuota;
  readonly ingest: IngestQueue;
  readonly rpc: RpcClient;
  readonly counters: Counters;
  readonly rateLimitedLog: RateLimitedLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxDevices: number;
  readonly bus: EventBus;
  readonly events: ControllerEvents;
}

/** Batches that wait for a birth. */
const maxHeldPerDevice = 64;
const maxHeldSamplesPerDevice = 50_000;
const maxHeld = 20_000;
const rebirthExpiryMs = 30_000;
/** When a device was last seen is written to the database at most this often. */
const seenResolutionMs = 30_000;

/** Applies births, deaths, metrics, events and reports to the devices in memory, and passes them on to the database. */
export class MessageHandler {
  readonly #ports: MessageHandlerPorts;
  /** Batches whose aliases no birth has explained yet; they are not acknowledged. */
  readonly #held = new Map<string, MetricsBatch[]>();
  #heldCount = 0;
  /** Right after a connect the retained births are on their way, and none is requested. */
  #settled = false;

  constructor(ports: MessageHandlerPorts) {
    this.#ports = ports;
    const { bus } = ports;
    bus.on('committed', (committed) => this.#committed(committed));
    bus.on('brokerSettled', () => this.#brokerSettled());
    bus.on('brokerLost', () => this.#brokerLost());
  }

  #committed({ events: stored, duplicateBatches, repeatedSessions }: Committed): void {
    const { counters, registry, events } = this.#ports;
    counters.duplicateBatches += duplicateBatches;
    for (const { device, session } of repeatedSessions)
      events.tell(device, {
        kind: 'device.session-repeated',
        severity: 'warning',
        message: `The device reused the session number ${session} after a restart. The data of both sessions is kept.`,
        data: { session, remedy: 'Check whether the disk of the device is full or read-only.' },
      });
    for (const { device, severity, receivedMs } of stored)
      if (severity !== 'info') registry.get(device)?.warned(receivedMs);
  }

  #brokerSettled(): void {
    this.#settled = true;
    for (const id of this.#held.keys()) {
      const device = this.#ports.registry.get(id);
      if (device !== undefined) this.#requestBirth(device, 'unknown-alias');
    }
  }

  #brokerLost(): void {
    this.#settled = false;
    for (const device of this.#ports.registry.devices()) device.sequence.interrupt();
  }

  /** The device with this id; undefined when the controller is full. */
  deviceOf(id: string): Device | undefined {
    const { registry, rateLimitedLog, log, maxDevices } = this.#ports;
    const known = registry.get(id);
    if (known !== undefined) return known;
    if (registry.size >= maxDevices) {
      rateLimitedLog.warn('devices', 'More devices than this controller takes; the newest are ignored', {
        id,
      });
      return undefined;
    }
    log.info('A new device', { device: id });
    const device = registry.ensure(id);
    // Nobody was told of it yet: that it came is news.
    device.presence.told = false;
    return device;
  }

  /** Another process has stored telemetry of it. */
  heardElsewhere(device: Device): void {
    this.markSeen(device);
    this.#expectReport(device);
    this.#expectBirth(device);
  }

  markSeen(device: Device): void {
    const { clock, ingest } = this.#ports;
    device.heardMs = clock.monotonicMs();
    device.lastSeenMs = clock.wallMs();
    device.silent = false;
    if (device.heardMs - device.seenSavedMs < seenResolutionMs) return;
    device.seenSavedMs = device.heardMs;
    const { id, lastSeenMs } = device;
    ingest.change(`seen ${id}`, { kind: 'seen', id, lastSeenMs });
  }

  birth(device: Device, birth: Birth): void {
    const { clock, seriesQuota, ingest, bus } = this.#ports;
    if (device.birth?.session !== birth.session) device.beginSession();
    device.birth = birth;
    device.born = true;
    device.silent = false;
    device.offlineReason = undefined;
    // A retained birth may be old; the time after which the device is silent begins now.
    device.heardMs = clock.monotonicMs();
    const { aliases, exceeded } = seriesQuota.read(device.id, birth.catalogue, device.heardMs);
    for (const one of exceeded) bus.emit('quotaExceeded', device.id, one);
    device.setCatalogue(birth.session, aliases);
    device.forgetExcept(new Set(aliases.values()));
    this.#save(device);
    ingest.change(`catalogue ${birth.session} ${device.id}`, {
      kind: 'catalogue',
      catalogue: { device: device.id, session: birth.session, aliases: [...aliases] },
    });
    this.#release(device);
    bus.emit('deviceBorn', device, birth);
  }

  /** Not taken because there were too many: an honest device has to say again how it is. */
  missedBirth(id: string): void {
    const device = this.#ports.registry.get(id);
    if (device !== undefined && this.#settled) this.#requestBirth(device, 'too-many-births');
  }

  death(device: Device, death: Death): void {
    // The will of an earlier connection may come after the birth of the next.
    if (device.birth !== undefined && death.session < device.birth.session) return;
    device.born = false;
    device.offlineReason = death.reason;
  }

  metrics(device: Device, batch: MetricsBatch): void {
    const { session, sequence, thinned = 0, historical } = batch;
    const arrival = device.sequence.arrive(session, sequence, thinned, historical);
    if (arrival.kind === 'gap') {
      this.#ports.counters.gaps += 1;
      this.#ports.counters.missingBatches += arrival.missing;
    }
    // A birth is followed by all that is not acknowledged yet.
    if (arrival.kind === 'gap' || arrival.kind === 'interrupted') this.#requestBirth(device, arrival.kind);
    this.#expectReport(device);
    if (!historical && session === device.birth?.session) this.#expectBirth(device);
    const aliases = this.#catalogueFor(device, batch.session);
    if (aliases === undefined || batch.samples.some(([, alias]) => !aliases.has(alias)))
      this.#hold(device, batch);
    else this.#store(device, batch, aliases);
  }

  /** `bytes`: of the event as it came. */
  event(device: Device, event: DeviceEvent, bytes: number): void {
    const row = eventRow(device.id, event, this.#ports.clock.wallMs());
    if (this.#ports.ingest.event(row, event.entry, bytes)) this.#ports.counters.events += 1;
    else this.#ports.counters.turnedAway += 1;
  }

  reported(device: Device, reported: Reported): void {
    const before = device.reported;
    device.reported = reported;
    this.#save(device);
    this.#ports.bus.emit('deviceReported', device, reported, before);
  }

  forgetDevice(id: string): void {
    this.#heldCount -= this.#held.get(id)?.length ?? 0;
    this.#held.delete(id);
  }

  /** A rebirth brings its report as well: without one it may act on a generation above the next that it is given. */
  #expectReport(device: Device): void {
    if (device.reported === undefined && device.birth !== undefined && this.#settled)
      this.#requestBirth(device, 'no-report');
  }

  /** An alias keeps its meaning on a device: an earlier session whose birth never came is read with this one's names. */
  #catalogueFor(device: Device, session: number): ReadonlyMap<number, number> | undefined {
    const own = device.catalogue(session);
    const present = device.birth?.session;
    if (own !== undefined || present === undefined || session > present) return own;
    return device.catalogue(present);
  }

  /** Waits for the birth that explains its aliases. */
  #hold(device: Device, batch: MetricsBatch): void {
    const held = this.#held.get(device.id) ?? [];
    this.#held.set(device.id, held);
    const samples = held.reduce((sum, one) => sum + one.samples.length, batch.samples.length);
    if (held.length >= maxHeldPerDevice || samples > maxHeldSamplesPerDevice || this.#heldCount >= maxHeld) {
      this.#ports.counters.turnedAway += 1;
    } else {
      held.push(batch);
      this.#heldCount += 1;
    }
    if (this.#settled) this.#requestBirth(device, 'unknown-alias');
  }

  /** After a birth: what it still does not explain is of no use and only counted. */
  #release(device: Device): void {
    const held = this.#held.get(device.id) ?? [];
    this.#held.delete(device.id);
    this.#heldCount -= held.length;
    for (const batch of held) {
      // A session whose birth never came is read with this one's names.
      const aliases = device.catalogue(batch.session) ?? device.catalogue(device.birth?.session ?? 0);
      if (aliases !== undefined) this.#store(device, batch, aliases);
    }
  }

  #store(device: Device, batch: MetricsBatch, aliases: ReadonlyMap<number, number>): void {
    const { clock, ingest, counters, rateLimitedLog, series } = this.#ports;
    const nowMs = clock.wallMs();
    const { row, newestMs, unknown, skewed } = readBatch(device.id, batch, aliases, nowMs);
    if (!batch.historical && newestMs !== undefined) device.clockOriginMs = newestMs - clock.monotonicMs();
    if (!ingest.metrics(row, batch.entry)) {
      counters.turnedAway += 1;
      return;
    }
    counters.samples += row.values.length;
    counters.unknownSamples += unknown;
    if (skewed) {
      counters.skewedBatches += 1;
      rateLimitedLog.warn(
        `skew ${device.id}`,
        'The clock of a device is wrong; its times were moved to now',
        {
          device: device.id,
        },
      );
    }
    if (batch.historical || batch.session !== device.birth?.session) return;
    const heardMs = clock.monotonicMs();
    device.batchHeardMs = heardMs;
    const histograms = new Map(row.histograms.map(({ index, value }) => [index, value]));
    row.series.forEach((id, index) => {
      const known = series.get(id);
      const value = histograms.get(index) ?? row.values[index] ?? 0;
      if (known !== undefined) device.observe(known, row.timesMs[index] ?? nowMs, value, heardMs);
    });
  }

  #save(device: Device): void {
    const { id, lastSeenMs, birth, reported } = device;
    const row = defined({ id, lastSeenMs, birth, reported });
    this.#ports.ingest.change(`device ${id}`, { kind: 'device', device: row });
  }

  /** A device that was declared dead speaks: the will of a connection to another node of the broker came late. */
  #expectBirth(device: Device): void {
    if (device.birth !== undefined && !device.born && this.#settled)
      this.#requestBirth(device, 'declared-dead');
  }

  #requestBirth(device: Device, reason: string): void {
    if (!device.rebirth.need(this.#ports.clock.monotonicMs())) return;
    this.#ports.counters.rebirthsAsked += 1;
    this.#ports.log.debug('Requested a birth', { device: device.id, reason });
    void this.#ports.rpc.notify(device.id, 'rebirth', {}, rebirthExpiryMs);
  }
}
