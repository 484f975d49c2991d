import { defined, RateLimitedLog } from '../base/index.ts';
import { controllerId, controllerSubscriptions } from '../protocol/index.ts';
import { AccessService } from './access/access-service.ts';
import { TokenRegistry } from './access/token-registry.ts';
import { AlertService } from './alerts/alert-service.ts';
import { AuditLog } from './audit/audit-log.ts';
import { CommandExecutor } from './audit/command-executor.ts';
import { Counters } from './counters.ts';
import type { DesiredStateService } from './desired/desired-state-service.ts';
import { DesiredStates } from './desired/desired-states.ts';
import type { GroupService } from './desired/group-service.ts';
import { RetainedPublisher } from './desired/retained-publisher.ts';
import type { SlotService } from './desired/slot-service.ts';
import { DeviceService } from './devices/device-service.ts';
import { EventService } from './devices/event-service.ts';
import { LabelService } from './devices/label-service.ts';
import { MetricsService } from './devices/metrics-service.ts';
import { DriftService } from './drift/drift-service.ts';
import { hexOf } from './enrolment/claim-registry.ts';
import { FleetEnrolment } from './enrolment/fleet-enrolment.ts';
import { clockEvent } from './fleet/clock-event.ts';
import { ControllerEvents } from './fleet/controller-events.ts';
import { publishDeath } from './fleet/death.ts';
import { DeviceRegistry } from './fleet/device-registry.ts';
import { EventBus } from './fleet/event-bus.ts';
import { PresenceReporter } from './fleet/presence-reporter.ts';
import { tellSetAside } from './fleet/set-aside.ts';
import { SilenceDetector } from './fleet/silence-detector.ts';
import type { FleetControllerOptions, FleetControllerPorts, FleetLimits } from './fleet-options.ts';
import { FleetSummarizer } from './fleet-summary.ts';
import { Guard } from './guard.ts';
import { DataRetention } from './history/data-retention.ts';
import { SeriesTable } from './history/series.ts';
import { AckBatcher } from './ingest/ack-batcher.ts';
import { BrokerSession } from './ingest/broker-session.ts';
import { type Committed, defaultIngestLimits, IngestQueue } from './ingest/ingest-queue.ts';
import { MessageDispatcher } from './ingest/message-dispatcher.ts';
import { MessageHandler } from './ingest/message-handler.ts';
import { ModelRegistry } from './models/model-registry.ts';
import { ModelService } from './models/model-service.ts';
import { type PeriodicTask, PeriodicTasks } from './periodic-tasks.ts';
import { ProfileService } from './profiles/profile-service.ts';
import { SumRounds } from './profiles/sum-rounds.ts';
import { uniformOf } from './profiles/uniform.ts';
import { MessageQuota } from './quotas/message-quota.ts';
import { QuotaReporter } from './quotas/quota-reporter.ts';
import { defaultQuotas, type ExceededQuota } from './quotas/quotas.ts';
import { SeriesQuota } from './quotas/series-quota.ts';
import { OciRegistry } from './registry/oci-registry.ts';
import type { ExperimentService } from './rollouts/experiment/experiment-service.ts';
import { Rollouts } from './rollouts/index.ts';
import type { RolloutService } from './rollouts/rollout-service.ts';
import { FrameExporter } from './rpc/frame-exporter.ts';
import { FrameRequests } from './rpc/frame-requests.ts';
import { FrameViews } from './rpc/frame-views.ts';
import { PreviewSessions } from './rpc/preview-sessions.ts';
import { RpcClient } from './rpc/rpc-client.ts';
import { WatchAudit } from './rpc/watch-audit.ts';
import { defaultRetention } from './store/retention.ts';
import type { Change } from './store/store.ts';
import { modelsOf } from './trust/models-of.ts';
import { TrustService } from './trust/trust-service.ts';

/** Warnings of the last hour are counted in the summary of a device. */
const warningsMs = 3_600_000;

/**
 * The controller of the fleet, put together: one service for each group of routes, the path of the devices' messages
 * behind them, and what happens by itself. `start` acts, `close` undoes.
 *
 * INVARIANT. An entry is acknowledged to its device only after the commit that holds it, or when it can never be read.
 */
export class FleetController {
  readonly devices: DeviceService;
  readonly groups: GroupService;
  readonly desiredState: DesiredStateService;
  readonly slots: SlotService;
  readonly labels: LabelService;
  readonly rollouts: RolloutService;
  readonly experiments: ExperimentService;
  readonly models: ModelService;
  readonly oci: OciRegistry;
  readonly metrics: MetricsService;
  readonly profiles: ProfileService;
  readonly sums: SumRounds;
  readonly events: EventService;
  readonly drift: DriftService;
  readonly alerts: AlertService;
  readonly frames: FrameRequests;
  readonly frameViews: FrameViews;
  readonly frameExporter: FrameExporter;
  readonly previews: PreviewSessions;
  readonly watches: WatchAudit;
  readonly access: AccessService;
  readonly enrolment: FleetEnrolment;
  readonly audit: AuditLog;
  /** Undefined where nothing is signed here. */
  readonly trust: TrustService | undefined;
  readonly summary: FleetSummarizer;
  /** What changes, as it changes. */
  readonly updates: Pick<EventBus, 'subscribe'>;
  /** All devices as they are in memory, and totals: for Prometheus. */
  readonly registry: DeviceRegistry;
  readonly counters = new Counters();

  readonly #ports: FleetControllerPorts;
  readonly #tokens: TokenRegistry;
  readonly #models: ModelRegistry;
  readonly #guard: Guard;
  readonly #bus: EventBus;
  readonly #events: ControllerEvents;
  readonly #desired: DesiredStates;
  readonly #rollouts: Rollouts;
  readonly #rpc: RpcClient;
  readonly #seriesQuota: SeriesQuota;
  readonly #messageQuota: MessageQuota;
  readonly #ingest: IngestQueue;
  readonly #acks: AckBatcher;
  readonly #handler: MessageHandler;
  readonly #dispatcher: MessageDispatcher;
  readonly #session: BrokerSession;
  readonly #presence: PresenceReporter;
  readonly #silence: SilenceDetector;
  readonly #retention: DataRetention;
  readonly #tasks: PeriodicTasks;
  readonly #usualRules: boolean;
  #unsubscribe: (() => void)[] = [];
  #auditHead: { readonly entries: number; readonly head: string } | undefined;

  constructor(ports: FleetControllerPorts, options: FleetControllerOptions = {}) {
    const { transport, store, secrets, log } = ports;
    const { counters } = this;
    const rateLimitedLog = new RateLimitedLog(log, ports.clock);
    const guard = new Guard(rateLimitedLog, counters);
    const clock = guard.clock(ports.clock);
    this.#ports = { ...ports, clock };
    this.#guard = guard;
    this.#usualRules = options.usualRules ?? false;

    const maxDevices = options.maxDevices ?? 100_000;
    const quotas = { ...defaultQuotas, ...options.quotas };
    const series = new SeriesTable(quotas.seriesOfFleet);
    this.#seriesQuota = new SeriesQuota(series, quotas, maxDevices);
    this.#messageQuota = new MessageQuota(quotas, maxDevices);
    const registry = new DeviceRegistry(clock, series);
    this.registry = registry;
    this.#bus = new EventBus((id) => this.devices.summary(id), guard);
    this.updates = this.#bus;
    const onChanged = (device: string) => this.#bus.markChanged(device);
    const limits = { ...defaultIngestLimits, ...options.ingest };
    this.#ingest = new IngestQueue({ store, series, clock, log, guard }, limits, (done) =>
      this.#committed(done),
    );
    this.#events = new ControllerEvents({
      clock,
      newId: () => hexOf(secrets.randomBytes(12)),
      add: (row) => this.#ingest.event(row),
    });
    const events = this.#events;
    const quotaReporter = new QuotaReporter({ counters, registry, events });
    const onExceeded = (device: string, one: ExceededQuota) => quotaReporter.report(device, one);
    const change = (key: string, one: Change) => this.#ingest.change(key, one);

    this.audit = new AuditLog({ store, clock, log });
    const commands = new CommandExecutor(store, this.audit);
    this.#tokens = new TokenRegistry(secrets, clock);
    this.access = new AccessService({ tokens: this.#tokens, commands, store });
    const isKnown = (device: string) => registry.get(device) !== undefined;
    this.enrolment = new FleetEnrolment({
      ...{ secrets, commands, events, clock, log, isKnown, setup: ports.enrolment },
      anchor: () => this.trust?.anchorObject(),
      onRevoked: () => this.oci.dropEngines(),
      sayGone: async (device) => {
        const session = registry.get(device)?.birth?.session;
        if (session !== undefined) await publishDeath(transport, device, session);
      },
    });
    this.trust =
      ports.trust &&
      new TrustService({
        ...{ ...ports.trust, clock, log, audit: this.audit },
        modelsOf: (device) => {
          const known = registry.get(device);
          return known && modelsOf(known.desired);
        },
        auditHead: () => this.#auditHead,
        onPublished: () => {
          this.#desired.sync.publishAnew(registry.devices());
          void this.#desired.versions.follow();
        },
      });
    const { artifacts } = ports;
    this.#models = new ModelRegistry({
      ...{ ...artifacts, log },
      expectSigned: (model, bytes) => this.trust?.expectSigned(model, bytes),
    });
    this.oci = new OciRegistry(
      {
        ...{ ...artifacts, models: this.#models, devices: registry, audit: this.audit, secrets, clock, log },
        expectUnneeded: (digest) => this.rollouts.expectUnneeded(digest),
        onBundle: () => void this.#desired.versions.follow(),
        vouchers: {
          of: (offer) => this.enrolment.vouchedBy(offer),
          isGood: (certificate) => this.enrolment.revocations.isGood(certificate),
        },
      },
      options.artifactLimits,
    );
    this.models = new ModelService({ models: this.#models, devices: registry, oci: this.oci });
    this.access.onDeleted((token) => this.oci.revokeTokensOf(token));

    const retained = new RetainedPublisher(transport, log);
    const newOrder = () => hexOf(secrets.randomBytes(8));
    this.#desired = new DesiredStates({
      ...{ registry, commands, retained, clock, onChanged, events, guard, log, rateLimitedLog },
      ...{ models: this.#models, newOrder },
      seal: (device, desired) => this.trust?.seal(device, desired) ?? desired,
    });
    this.desiredState = this.#desired.service;
    this.slots = this.#desired.slots;
    this.groups = this.#desired.groups;
    const { sync } = this.#desired;
    this.labels = new LabelService({ commands, clock });
    this.#rollouts = new Rollouts({
      ...{ registry, commands, events, store, clock, log, models: this.#models, slots: this.slots },
      labels: this.labels,
      newId: () => hexOf(secrets.randomBytes(8)),
    });
    this.rollouts = this.#rollouts.service;
    this.experiments = this.#rollouts.experiments;

    this.#rpc = new RpcClient(transport, clock, hexOf(secrets.randomBytes(6)));
    const rpc = this.#rpc;
    const onDeleted = (device: string) => this.#forgetDevice(device);
    this.devices = new DeviceService({ registry, rpc, commands, retained, onDeleted });
    this.previews = new PreviewSessions(rpc, registry, clock);
    this.watches = new WatchAudit(this.audit, clock);
    this.frames = new FrameRequests(rpc, registry);
    const framePorts = { frames: this.frames, registry, audit: this.audit, clock };
    this.frameViews = new FrameViews(framePorts);
    this.frameExporter = new FrameExporter(framePorts);
    this.metrics = new MetricsService({ registry, store, clock });
    const uniform = () => uniformOf(secrets.randomBytes(6));
    this.profiles = new ProfileService({ registry, store, clock, uniform });
    this.sums = new SumRounds({
      ...{ registry, rpc, clock, log, newRound: () => hexOf(secrets.randomBytes(16)) },
      labelsOf: (digest) => this.#models.labelsOf(digest),
      agreesWith: (key) => secrets.agreesWith(key),
    });
    this.events = new EventService(registry, store);

    const { falseDiscoveryRate } = options;
    this.drift = new DriftService(
      { registry, store, clock, change, publish: (data) => this.#bus.publish({ name: 'drift', data }) },
      defined({ falseDiscoveryRate }),
    );
    this.alerts = new AlertService({
      ...{ registry, store, clock, log, change, commands, audit: this.audit },
      channels: ports.alertChannels ?? {},
      secretBox: ports.secretBox,
      randomBytes: (count) => secrets.randomBytes(count),
      openIncidents: () => this.drift.openIncidents,
      everyDeviceHeard: () => this.#session.everyDeviceHeard,
      publicUrl: options.publicUrl,
      publish: (data) => this.#bus.publish({ name: 'alert', data }),
      kindOf: (name) => series.kindOf(name),
      onChanged,
    });

    this.#acks = new AckBatcher(rpc, clock);
    this.#handler = new MessageHandler({
      ...{ registry, series, rpc, counters, clock, log, rateLimitedLog, ingest: this.#ingest },
      ...{ maxDevices, onExceeded, seriesQuota: this.#seriesQuota },
      onBirth: (device, birth) => this.enrolment.born(device.id, birth),
      renewDesired: (device) => sync.renew(device),
      sawReported: (...said) => sync.sawReported(...said),
    });
    this.#dispatcher = new MessageDispatcher({
      ...{ registry, sync, rpc, counters, guard, rateLimitedLog, onChanged },
      ...{ handler: this.#handler, previews: this.previews, acks: this.#acks },
      ...{ clock, retained, onExceeded, quota: this.#messageQuota },
      isSealed: (payload) => this.trust?.isSealed(payload) ?? true,
      onReported: (device, reported) => this.drift.applyReport(device, reported),
    });
    this.#session = new BrokerSession(clock, {
      onSettled: () => {
        // What the broker retained may still wait for its turn.
        void this.#dispatcher.flush().then(() => {
          if (transport.status().state !== 'online') return;
          guard.run('the broker has settled', () => {
            sync.brokerSettled();
            this.#handler.brokerSettled();
          });
        });
      },
      onLost: () => {
        this.#handler.brokerLost();
        sync.brokerLost();
      },
    });

    this.#presence = new PresenceReporter({
      ...{ registry, clock, events, change },
      everyDeviceHeard: () => this.#session.everyDeviceHeard,
    });
    this.#silence = new SilenceDetector({ registry, clock, log, onChanged }, options.silentAfterMs);
    this.#retention = new DataRetention(
      {
        ...{ store, series, clock, log, change, devices: () => registry.devices() },
        onClockFault: (fault) => events.add(controllerId, clockEvent(fault)),
      },
      options.retention ?? defaultRetention,
    );
    this.summary = new FleetSummarizer({
      ...{ registry, counters, clock },
      broker: () => transport.status().state,
      storageFault: () => this.#ingest.fault,
      clockFault: () => this.#retention.clockFault,
      databaseBytes: () => this.#retention.databaseBytes,
      driftIncidents: () =>
        this.drift.openIncidents.filter(({ believed, grade }) => believed && grade === 'alarm').length,
      alertsFiring: () => this.alerts.firing.length,
    });
    this.#tasks = new PeriodicTasks(clock, this.#periodicTasks());
  }

  /** Reads the database, then listens. Rejects when the database can't be read. */
  async start(): Promise<void> {
    const { transport, log } = this.#ports;
    await this.trust?.load();
    await this.#load();
    await this.#readAuditHead();
    if (this.#usualRules) await this.alerts.addUsualRules();
    for (const { filter, qos, options } of controllerSubscriptions())
      transport.subscribe(filter, qos, options);
    this.#unsubscribe = [
      transport.onMessage((message) => this.#dispatcher.dispatch(message)),
      transport.onStatus((status) =>
        this.#guard.run('a change of the connection', () => {
          if (status.state === 'online') this.#connected();
          else this.#session.lost();
          if (status.state === 'refused') log.error(status.reason, { remedy: status.remedy });
        }),
      ),
    ];
    this.#tasks.start();
    void this.#retention.dropOldRows();
    await this.#desired.versions.follow();
    await this.enrolment.revocations.publish();
    if (transport.status().state === 'online') this.#connected();
    transport.start();
    log.info('The fleet is loaded', { devices: this.registry.size });
  }

  /** Commits what was taken, acknowledges it, leaves the broker and closes the store. */
  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#dispatcher.close();
    this.#tasks.close();
    this.#session.close();
    this.previews.close();
    this.#rpc.close();
    await this.watches.writeShort({ all: true });
    await this.frameViews.writeSeen({ all: true });
    this.alerts.close();
    this.drift.close();
    await this.#rollouts.runner.close();
    await this.#ingest.close();
    await this.#acks.flush();
    this.#acks.close();
    await this.#ports.transport.close();
    await this.#ports.store.close();
  }

  /** Resolves when everything that came before is in the database. */
  async flush(): Promise<void> {
    await this.#dispatcher.flush();
    await this.#ingest.flush();
  }

  async #load(): Promise<void> {
    const { store, clock, log } = this.#ports;
    const nowMs = clock.wallMs();
    const stored = await store.load({
      warningsMs: nowMs - warningsMs,
      incidentsMs: nowMs - DriftService.incidentMemoryMs,
    });
    this.registry.load(stored);
    this.#tokens.load(stored.tokens);
    this.enrolment.load(stored);
    this.#retention.load(stored.seriesUse);
    const seen = stored.devices.flatMap(({ lastSeenMs }) => lastSeenMs ?? []);
    if (seen.length > 0) this.#retention.lastHeard(seen.reduce((a, b) => Math.max(a, b)));
    // One row that can't be used must not keep the fleet from starting.
    this.#guard.run('load drift', () => this.drift.load(stored));
    this.#guard.run('load rollouts', () => {
      this.labels.load(stored.labels);
      this.rollouts.load(stored);
    });
    this.#guard.run('load alerts', () => this.alerts.load(stored));
    tellSetAside(stored, { log, events: this.#events });
    this.#desired.sync.setAsideUnusable();
    await this.oci.load();
  }

  /** Takes effect with the next message, clean-up and evaluation; the numbers of series stay as they were at the start. */
  reconfigure({ retention, quotas, falseDiscoveryRate }: FleetLimits): void {
    this.#retention.configure(retention);
    this.#messageQuota.configure({ ...defaultQuotas, ...quotas });
    this.drift.configure({ falseDiscoveryRate });
  }

  #periodicTasks(): PeriodicTask[] {
    return [
      {
        everyMs: 5_000,
        run: () => {
          this.#silence.markSilent();
          this.#presence.look();
        },
      },
      { everyMs: 1_000, run: () => this.#bus.publishChanged() },
      {
        everyMs: 2_000,
        run: () => {
          if (this.#bus.hasSubscribers) this.#bus.publish({ name: 'fleet', data: this.summary.current() });
        },
      },
      { everyMs: 2_000, run: () => void this.#rollouts.runner.step() },
      { everyMs: 60_000, run: () => void this.#retention.dropOldRows() },
      { everyMs: 60_000, run: () => void this.#readAuditHead() },
      { everyMs: 60_000, run: () => void this.watches.writeShort() },
      { everyMs: 60_000, run: () => void this.frameViews.writeSeen() },
      {
        everyMs: 1_000,
        run: () => {
          this.drift.evaluate();
          this.alerts.evaluate();
        },
      },
      { everyMs: 3_600_000, run: () => this.#retention.dropUnusedSeries() },
      { everyMs: 3_600_000, run: () => this.oci.sweepByItself() },
      { everyMs: 86_400_000, run: () => void this.enrolment.revocations.publish() },
      { everyMs: 60_000, run: () => void this.enrolment.revocations.publishAgain() },
    ];
  }

  /** What the next signed timestamp vouches for. A database that does not answer leaves the one before. */
  async #readAuditHead(): Promise<void> {
    try {
      const [last] = await this.#ports.store.audit(undefined, 1);
      if (last !== undefined) this.#auditHead = { entries: last.seq, head: last.hash };
    } catch (error) {
      this.#ports.log.debug('The end of the audit could not be read', { error });
    }
  }

  #connected(): void {
    this.#ports.log.info('Connected to the broker');
    this.#session.connected();
  }

  #committed({ events, acks, duplicateBatches, repeatedSessions }: Committed): void {
    this.counters.duplicateBatches += duplicateBatches;
    for (const { device, session } of repeatedSessions)
      this.#events.tell(device, {
        kind: 'device.session-repeated',
        severity: 'warning',
        message: `The device used the session number ${session} for two of its lives. What it sent in both is kept.`,
        data: { session, remedy: 'Look whether the disk of the device is full or read-only.' },
      });
    this.#acks.add(acks);
    for (const event of events) {
      if (event.severity !== 'info') this.registry.get(event.device)?.warned(event.receivedMs);
      this.#bus.publish({ name: 'event', data: event });
    }
    this.drift.applyEvents(events);
    this.alerts.applyEvents(events);
  }

  #forgetDevice(id: string): void {
    this.#dispatcher.forgetDevice(id);
    this.#ingest.forgetDevice(id);
    this.#handler.forgetDevice(id);
    this.#seriesQuota.forgetDevice(id);
    this.#messageQuota.forgetDevice(id);
    this.#events.forgetDevice(id);
    this.enrolment.forgetDevice(id);
    this.drift.forgetDevice(id);
    this.alerts.forgetDevice(id);
    this.labels.forgetDevice(id);
    this.#bus.publishDeleted(id);
  }
}
