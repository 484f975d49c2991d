import type { FleetSummary } from '../api/index.ts';
import {
  asGoshawkError,
  type Cancel,
  type Clock,
  describeError,
  type Log,
  MissingError,
} from '../base/index.ts';
import { type Decoded, decodeMessage, type Message, root, type Transport } from '../protocol/index.ts';
import { type Secrets, TokenRegistry } from './access.ts';
import { AlertService } from './alerts/alert-service.ts';
import type { Webhooks } from './alerts/webhook-dispatcher.ts';
import { Counters, RateLimitedLog, RateMeter } from './counters.ts';
import type { BundleUrl } from './desired/desired-state.ts';
import { DesiredStateService } from './desired/desired-state-service.ts';
import { type Artifacts, ModelRegistry } from './desired/model-registry.ts';
import { DriftService } from './drift/drift-service.ts';
import { EventBus, type FleetUpdate } from './event-bus.ts';
import { type Device, defined } from './fleet/device.ts';
import { Registry } from './fleet/registry.ts';
import { SeriesTable } from './history/series.ts';
import { SeriesRetention } from './history/series-retention.ts';
import { AckBatcher } from './ingest/ack-batcher.ts';
import { type Committed, defaultIngestLimits, Ingest, type IngestLimits } from './ingest/ingest.ts';
import { MessageHandler } from './ingest/message-handler.ts';
import { refusedEntry } from './ingest/refused-entry.ts';
import { FrameRequests } from './rpc/frame-requests.ts';
import { PreviewSessions } from './rpc/preview-sessions.ts';
import { RpcClient } from './rpc/rpc-client.ts';
import { defaultRetention, type Retention, type Store } from './store.ts';

export interface FleetControllerPorts {
  readonly transport: Transport;
  readonly store: Store;
  readonly artifacts: Artifacts;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: alerts are kept and shown, and nobody is told. */
  readonly webhooks?: Webhooks;
}

export interface FleetControllerOptions {
  /** Where devices reach this controller, e.g. `http://fleet.example:8080`; without it devices need bundles of their own. */
  readonly publicUrl?: string;
  /** A device of which nothing came for this long counts as offline although it did not say goodbye. */
  readonly silentAfterMs?: number;
  readonly retention?: Retention;
  readonly ingest?: Partial<IngestLimits>;
  /** More devices than this are not registered. */
  readonly maxDevices?: number;
  /** Share of false ones among the drift alarms that are believed; 0.1 when not set. */
  readonly falseDiscoveryRate?: number;
}

const filters = ['state', 'metrics', 'events', 'reported', 'response', 'desired', 'preview/+'];
/** After a connect the retained births and desired states are on their way; nobody is asked again before. */
const settleMs = 2_000;
const sweepMs = 5_000;
const newsMs = 1_000;
const fleetEveryMs = 2_000;
const retainEveryMs = 60_000;
const watchEveryMs = 1_000;
const seriesRetentionEveryMs = 3_600_000;
/** After a connect every device that runs is back within this time; before, silence says nothing about a device. */
const allBackMs = 60_000;
const noWebhooks: Webhooks = {
  send: () =>
    Promise.reject(
      new MissingError(
        'webhooks-off',
        'This controller sends no webhooks.',
        'Start it with an adapter for them.',
      ),
    ),
};

/**
 * The controller of the fleet: listens to all devices, keeps what they say, and tells them what people want.
 *
 * INVARIANTS. Nothing that a device sends can throw out of `#take`. A device is told to forget an entry only after the
 * commit that holds it. `start` acts, `close` undoes.
 */
export class FleetController {
  readonly counters = new Counters();
  readonly series = new SeriesTable();
  readonly registry: Registry;
  readonly tokens: TokenRegistry;
  readonly models: ModelRegistry;
  readonly orders: DesiredStateService;
  readonly calls: RpcClient;
  readonly previews: PreviewSessions;
  readonly drift: DriftService;
  readonly alerts: AlertService;
  readonly frames: FrameRequests;
  readonly store: Store;
  readonly #ports: FleetControllerPorts;
  readonly #options: FleetControllerOptions;
  readonly #ingest: Ingest;
  readonly #acks: AckBatcher;
  readonly #handler: MessageHandler;
  readonly #rateLimitedLog: RateLimitedLog;
  readonly #messageRate: RateMeter;
  readonly #sampleRate: RateMeter;
  readonly #bus: EventBus;
  #cancels: Cancel[] = [];
  #settle: Cancel | undefined;
  #settled = false;
  #settledAtMs = Number.POSITIVE_INFINITY;
  #seriesRetention = new SeriesRetention([]);
  #databaseBytes: number | undefined;
  #fleet: { readonly atMs: number; readonly summary: FleetSummary } | undefined;

  constructor(ports: FleetControllerPorts, options: FleetControllerOptions = {}) {
    const { transport, store, secrets, clock, log } = ports;
    this.#ports = ports;
    this.#options = options;
    this.store = store;
    this.registry = new Registry(clock, this.series);
    this.#bus = new EventBus((id) => {
      const device = this.registry.get(id);
      return device && this.registry.summary(device);
    });
    this.tokens = new TokenRegistry(secrets, clock);
    this.models = new ModelRegistry(ports.artifacts);
    const life = Array.from(secrets.randomBytes(6), (byte) => byte.toString(16).padStart(2, '0')).join('');
    this.calls = new RpcClient(transport, clock, life);
    this.previews = new PreviewSessions(this.calls, clock);
    this.#acks = new AckBatcher(this.calls, clock);
    this.#rateLimitedLog = new RateLimitedLog(log, clock);
    const limits = { ...defaultIngestLimits, ...options.ingest };
    this.#ingest = new Ingest({ store, series: this.series, clock, log }, limits, (done) =>
      this.#committed(done),
    );
    this.#messageRate = new RateMeter(clock, () => this.counters.messages);
    this.#sampleRate = new RateMeter(clock, () => this.counters.samples);
    const url: BundleUrl = (digest) =>
      options.publicUrl !== undefined && this.models.isComplete(digest)
        ? `${options.publicUrl.replace(/\/+$/, '')}/api/v1/artifacts/${digest}`
        : undefined;
    const changed = (id: string, device: Device | undefined) => {
      if (device === undefined) this.#deleted(id);
      else this.#bus.changed(id);
    };
    const { registry, tokens, models, series, calls, counters } = this;
    this.orders = new DesiredStateService({
      registry,
      tokens,
      models,
      store,
      transport,
      clock,
      log,
      url,
      changed,
    });
    const change = this.#ingest.change.bind(this.#ingest);
    this.frames = new FrameRequests(calls, clock);
    this.drift = new DriftService(
      {
        ...{ registry, store, clock, log, change },
        news: (incident) => this.#bus.publish({ name: 'drift', data: incident }),
      },
      options.falseDiscoveryRate === undefined ? {} : { falseDiscoveryRate: options.falseDiscoveryRate },
    );
    this.alerts = new AlertService({
      ...{ registry, clock, log, secrets, change, orders: this.orders },
      webhooks: ports.webhooks ?? noWebhooks,
      openIncidents: () => this.drift.open,
      hears: () => this.#settled && clock.monotonicMs() - this.#settledAtMs >= allBackMs,
      publicUrl: options.publicUrl,
      news: (alert) => this.#bus.publish({ name: 'alert', data: alert }),
    });
    this.#handler = new MessageHandler({
      ...{
        registry,
        series,
        calls,
        counters,
        clock,
        log,
        ingest: this.#ingest,
        rateLimitedLog: this.#rateLimitedLog,
      },
      maxDevices: options.maxDevices ?? 100_000,
      restate: (device) => this.#restate(device),
    });
  }

  /** Reads the database, then listens. Rejects when the database can't be read. */
  async start(): Promise<void> {
    const { store, clock, transport, log } = this.#ports;
    const nowMs = clock.wallMs();
    const stored = await store.load({
      warningsMs: nowMs - 3_600_000,
      incidentsMs: nowMs - DriftService.incidentMemoryMs,
    });
    this.registry.load(stored);
    this.tokens.load(stored.tokens);
    this.#seriesRetention = new SeriesRetention(stored.seriesUse);
    this.drift.load(stored);
    this.alerts.load(stored);
    for (const fault of await this.models.load())
      log.warn('A stored bundle could not be read', { cause: fault.message });
    for (const filter of filters) transport.subscribe(`${root}/+/${filter}`, filter === 'preview/+' ? 0 : 1);
    this.#cancels = [
      transport.onMessage((message) => this.#take(message)),
      transport.onStatus((status) => {
        if (status.state === 'online') this.#connected();
        else this.#disconnected();
        if (status.state === 'refused') log.error(status.reason, { remedy: status.remedy });
      }),
      clock.every(sweepMs, () => this.#sweep()),
      clock.every(newsMs, () => this.#bus.turn()),
      clock.every(fleetEveryMs, () => {
        if (this.#bus.hasSubscribers) this.#bus.publish({ name: 'fleet', data: this.fleet() });
      }),
      clock.every(retainEveryMs, () => void this.#retain()),
      clock.every(watchEveryMs, () => this.#watch()),
      clock.every(seriesRetentionEveryMs, () => this.#careForSeries()),
    ];
    void this.#retain();
    if (transport.status().state === 'online') this.#connected();
    transport.start();
    log.info('The controller listens', { devices: this.registry.size });
  }

  /** Commits what was taken, acknowledges it, leaves the broker and closes the store. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    this.#settle?.();
    this.previews.close();
    this.calls.close();
    this.alerts.close();
    this.drift.close();
    await this.#ingest.close();
    await this.#acks.flush();
    this.#acks.close();
    await this.#ports.transport.close();
    await this.store.close();
  }

  subscribe(listener: (update: FleetUpdate) => void): Cancel {
    return this.#bus.subscribe(listener);
  }

  /** Worked out at most once a second, however many ask. */
  fleet(): FleetSummary {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#fleet !== undefined && nowMs - this.#fleet.atMs < 1_000) return this.#fleet.summary;
    const fault = this.#ingest.fault;
    const summary = defined({
      ...this.registry.overview(),
      broker: this.#ports.transport.status().state,
      messagesReceived: this.counters.messages,
      messagesPerSecond: this.#messageRate.perSecond,
      samplesPerSecond: this.#sampleRate.perSecond,
      driftIncidents: this.drift.open.filter(({ believed, grade }) => believed && grade === 'alarm').length,
      alertsFiring: this.alerts.firing.length,
      sequenceGaps: this.counters.gaps,
      malformed: this.counters.malformed,
      databaseBytes: this.#databaseBytes,
      storageFault: fault && { code: fault.code, message: fault.message, remedy: fault.remedy },
    });
    this.#fleet = { atMs: nowMs, summary };
    return summary;
  }

  /** Resolves when everything that came before is in the database. */
  flush(): Promise<void> {
    return this.#ingest.flush();
  }

  #take(message: Message): void {
    this.counters.messages += 1;
    // An empty payload only clears what the broker retained.
    if (message.payload.byteLength === 0) return;
    let decoded: Decoded;
    try {
      decoded = decodeMessage(message.topic, message.payload);
    } catch (cause) {
      this.#malformed(message, cause);
      return;
    }
    try {
      this.#dispatch(decoded, message);
    } catch (cause) {
      // A defect of ours must not stop the other devices.
      const error = asGoshawkError(cause, 'internal');
      this.#ports.log.error('A message could not be handled', { topic: message.topic, cause: error.message });
    }
  }

  #dispatch(decoded: Decoded, message: Message): void {
    if (decoded.kind === 'call') return;
    if (decoded.kind === 'desired') {
      const device = this.registry.get(decoded.device);
      if (device !== undefined) this.#sawDesired(device, decoded.payload.generation);
      return;
    }
    if (decoded.kind === 'response') {
      this.calls.respond(decoded.device, message.correlationData, decoded.payload);
      return;
    }
    if (decoded.kind === 'preview') {
      this.previews.relay(decoded.device, decoded.camera, decoded.payload);
      return;
    }
    const handler = this.#handler;
    const device = handler.device(decoded.device);
    if (device === undefined) return;
    if (!message.retain) handler.heard(device);
    if (decoded.kind === 'metrics') handler.metrics(device, decoded.payload);
    else if (decoded.kind === 'events') handler.event(device, decoded.payload);
    else if (decoded.kind === 'reported') {
      handler.reported(device, decoded.payload);
      this.drift.reported(device.id, decoded.payload);
    } else if (decoded.payload.online) handler.birth(device, decoded.payload);
    else handler.death(device, decoded.payload);
    this.#bus.changed(device.id);
  }

  #sawDesired(device: Device, generation: number): void {
    device.brokerGeneration = generation;
    if (device.desired !== undefined && generation > device.desired.generation) this.#restate(device);
  }

  /** A new desired state where one is due, and the present one where the broker lacks it. */
  #restate(device: Device): void {
    if (this.#settled) this.#ensurePublished(device);
    this.orders.refresh([device]).catch((error: unknown) => {
      this.#ports.log.error('A desired state could not be renewed', {
        device: device.id,
        cause: describeError(error),
      });
    });
  }

  #malformed(message: Message, cause: unknown): void {
    this.counters.malformed += 1;
    const error = asGoshawkError(cause, 'payload-invalid');
    const [, , device = '', kind = ''] = message.topic.split('/');
    this.#rateLimitedLog.warn(`malformed ${device} ${kind}`, error.message, { code: error.code });
    // What can never be read is taken off the device's hands, or it would be sent for ever and hold up the rest.
    const entry = refusedEntry(message);
    if (entry !== undefined) this.#acks.add([entry]);
  }

  #committed({ events, acks, duplicateBatches }: Committed): void {
    this.counters.duplicateBatches += duplicateBatches;
    this.#acks.add(acks);
    for (const event of events) {
      if (event.severity !== 'info') this.registry.get(event.device)?.warned(event.receivedMs);
      this.#bus.publish({ name: 'event', data: event });
    }
    this.drift.take(events);
  }

  #deleted(id: string): void {
    this.#ingest.forget(id);
    this.#handler.forget(id);
    this.drift.forget(id);
    this.alerts.forget(id);
    this.#bus.deleted(id);
  }

  #connected(): void {
    this.#ports.log.info('Connected to the broker');
    this.#settle?.();
    this.#settle = this.#ports.clock.after(settleMs, () => {
      this.#settled = true;
      this.#settledAtMs = this.#ports.clock.monotonicMs();
      for (const device of this.registry.devices()) this.#ensurePublished(device);
      this.#handler.settled();
    });
  }

  #disconnected(): void {
    this.#settle?.();
    this.#settle = undefined;
    this.#settled = false;
    this.#handler.unsettled();
    // The broker may come back without what it retained.
    for (const device of this.registry.devices()) device.brokerGeneration = undefined;
  }

  #ensurePublished(device: Device): void {
    if (device.desired !== undefined && device.brokerGeneration !== device.desired.generation)
      this.orders.publish(device);
  }

  #sweep(): void {
    const limitMs = this.#ports.clock.monotonicMs() - (this.#options.silentAfterMs ?? 90_000);
    for (const device of this.registry.devices()) {
      if (!device.online || device.heardMs > limitMs) continue;
      device.silent = true;
      device.offlineReason = 'silent';
      this.#bus.changed(device.id);
      this.#ports.log.warn('A device fell silent', { device: device.id });
    }
  }

  #watch(): void {
    this.drift.turn();
    this.alerts.turn();
  }

  #careForSeries(): void {
    const { hour } = this.#options.retention ?? defaultRetention;
    const nowMs = this.#ports.clock.wallMs();
    const changes = this.#seriesRetention.pass(this.registry, this.series, nowMs, hour.maxAgeMs);
    for (const [index, change] of changes.entries())
      this.#ingest.change(`series-care ${nowMs} ${index}`, change);
  }

  async #retain(): Promise<void> {
    const { store, clock, log } = this.#ports;
    try {
      const { rows } = await store.retain(this.#options.retention ?? defaultRetention, clock.wallMs());
      if (rows > 0) log.debug('Old data dropped', { rows });
      this.#databaseBytes = await store.sizeBytes();
    } catch (error) {
      log.error('Old data could not be dropped', { cause: describeError(error) });
    }
  }
}
