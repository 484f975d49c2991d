import { defined } from '../base/index.ts';
import { controllerId } from '../protocol/index.ts';
import { AccessService } from './access/access-service.ts';
import { People } from './access/people.ts';
import { AlertService } from './alerts/alert-service.ts';
import { ApprovalService } from './approvals/approval-service.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { type Core, coreOf } from './core.ts';
import type { Counters } from './counters.ts';
import type { DesiredStateService } from './desired/desired-state-service.ts';
import { followOrders } from './desired/follow-orders.ts';
import type { GroupService } from './desired/group-service.ts';
import { DesiredStates } from './desired/index.ts';
import type { SlotService } from './desired/slot-service.ts';
import { DeviceService } from './devices/device-service.ts';
import { EventService } from './devices/event-service.ts';
import { LabelService } from './devices/label-service.ts';
import { MetricsService } from './devices/metrics-service.ts';
import { TargetService } from './devices/target-service.ts';
import { DriftService } from './drift/drift-service.ts';
import { FleetEnrolment } from './enrolment/fleet-enrolment.ts';
import { clockEvent } from './fleet/clock-event.ts';
import type { DeviceRegistry } from './fleet/device-registry.ts';
import type { LiveUpdates } from './fleet/live-updates.ts';
import { PresenceReporter } from './fleet/presence-reporter.ts';
import { tellSetAside } from './fleet/set-aside.ts';
import { SilenceDetector } from './fleet/silence-detector.ts';
import { UpdateRelay } from './fleet/update-relay.ts';
import type { FleetControllerOptions, FleetControllerPorts } from './fleet-options.ts';
import { FleetSummarizer } from './fleet-summary.ts';
import { DataRetention } from './history/data-retention.ts';
import { IngestFollower } from './ingest/ingest-follower.ts';
import { MessageDispatcher } from './ingest/message-dispatcher.ts';
import { MessageHandler } from './ingest/message-handler.ts';
import { ModelRegistry } from './models/model-registry.ts';
import { ModelService } from './models/model-service.ts';
import { type FleetLimits, Modules } from './module.ts';
import { ProfileService } from './profiles/profile-service.ts';
import { SumRounds } from './profiles/sum-rounds.ts';
import { uniformOf } from './profiles/uniform.ts';
import { MessageQuota } from './quotas/message-quota.ts';
import { SeriesQuota } from './quotas/series-quota.ts';
import { OciRegistry } from './registry/oci-registry.ts';
import type { ExperimentService } from './rollouts/experiment/experiment-service.ts';
import { Rollouts } from './rollouts/index.ts';
import type { RolloutService } from './rollouts/rollout-service.ts';
import { compareAnsweredCalls } from './rpc/answered-calls.ts';
import { CallSealer } from './rpc/call-sealer.ts';
import { CameraRequests } from './rpc/camera-requests.ts';
import { ClipRequests } from './rpc/clip-requests.ts';
import { FrameExporter } from './rpc/frame-exporter.ts';
import { FrameRequests } from './rpc/frame-requests.ts';
import { FrameReviewService } from './rpc/frame-reviews.ts';
import { FrameViews } from './rpc/frame-views.ts';
import { PreviewSessions } from './rpc/preview-sessions.ts';
import { RemoteRequests } from './rpc/remote-requests.ts';
import { WatchAudit } from './rpc/watch-audit.ts';
import { effectsInView } from './scopes/effects-in-view.ts';
import { FleetViews } from './scopes/fleet-views.ts';
import { SitePlans } from './sites/site-plans.ts';
import { defaultRetention } from './store/retention.ts';
import { TrustService } from './trust/trust-service.ts';

/** Warnings of the last hour are counted in the summary of a device. */
const warningsMs = 3_600_000;

/**
 * The controller of the fleet, put together: one service for each group of routes, the path of the devices' messages
 * behind them, and what happens by itself. Each needs only those above it, and hears of the others by the bus. `start`
 * acts, `close` undoes.
 *
 * INVARIANT. An entry is acknowledged to its device only after the commit that holds it, or when it can never be read.
 */
export class FleetController {
  /** What a caller may see and change of the fleet. */
  readonly views: FleetViews;
  readonly devices: DeviceService;
  readonly groups: GroupService;
  readonly desiredState: DesiredStateService;
  readonly slots: SlotService;
  readonly labels: LabelService;
  readonly targets: TargetService;
  readonly approvals: ApprovalService;
  readonly rollouts: RolloutService;
  readonly experiments: ExperimentService;
  readonly models: ModelService;
  readonly sitePlans: SitePlans;
  readonly oci: OciRegistry;
  readonly metrics: MetricsService;
  readonly profiles: ProfileService;
  readonly sums: SumRounds;
  readonly events: EventService;
  readonly drift: DriftService;
  readonly alerts: AlertService;
  readonly frames: FrameRequests;
  readonly frameReviews: FrameReviewService;
  readonly clips: ClipRequests;
  readonly remote: RemoteRequests;
  readonly cameras: CameraRequests;
  readonly frameViews: FrameViews;
  readonly frameExporter: FrameExporter;
  readonly previews: PreviewSessions;
  readonly watches: WatchAudit;
  readonly access: AccessService;
  /** Who signed in at a provider; undefined where there is none. */
  readonly people: People | undefined;
  readonly enrolment: FleetEnrolment;
  readonly audit: AuditLog;
  /** Undefined where nothing is signed here. */
  readonly trust: TrustService | undefined;
  readonly summary: FleetSummarizer;
  /** What changes, as it changes. */
  readonly updates: Pick<LiveUpdates, 'subscribe'>;
  /** All devices as they are in memory, and totals: for Prometheus. */
  readonly registry: DeviceRegistry;
  readonly counters: Counters;

  readonly #core: Core;
  readonly #modules: Modules;
  readonly #dispatcher: MessageDispatcher;

  constructor(ports: FleetControllerPorts, options: FleetControllerOptions = {}) {
    const core = coreOf(ports, options);
    const { registry, secrets, quotas, maxDevices } = core;
    const { publicUrl, usualRules = false, falseDiscoveryRate } = options;
    this.#core = core;
    this.registry = registry;
    this.counters = core.counters;
    this.updates = core.updates;
    this.audit = core.audit;

    this.access = new AccessService(core);
    this.people = ports.people && new People(core, ports.people);
    const trust = ports.trust && new TrustService({ ...core, ...ports.trust });
    this.trust = trust;
    const sealer = trust && ports.trust && new CallSealer({ ...core, trust: ports.trust, fleet: trust });
    if (sealer !== undefined) {
      core.rpc.sealWith(sealer);
      compareAnsweredCalls({ ...core, sealer });
    }
    this.enrolment = new FleetEnrolment({ ...core, trust, setup: ports.enrolment });

    const { artifacts } = ports;
    const models = new ModelRegistry({
      ...{ ...artifacts, log: core.log },
      expectSigned: (...bundle) => trust?.expectSigned(...bundle),
    });
    const desired = new DesiredStates({ ...core, models, trust });
    const { slots } = desired;
    this.desiredState = desired.service;
    this.slots = slots;
    this.groups = desired.groups;
    if (ports.onOrder !== undefined) followOrders(core, ports.onOrder);
    this.labels = new LabelService(core);
    this.views = new FleetViews({ ...core, labels: this.labels });
    core.commands.guardBy(effectsInView(this.views));
    this.targets = new TargetService({ ...core, labels: this.labels });
    this.approvals = new ApprovalService({ ...core, labels: this.labels });
    const { approvals } = this;
    const { references } = ports;
    const rollouts = new Rollouts({ ...core, models, labels: this.labels, slots, approvals, references });
    this.rollouts = rollouts.service;
    this.experiments = rollouts.experiments;
    this.oci = new OciRegistry(
      {
        ...{ ...core, ...artifacts, models, devices: registry },
        expectUnneeded: (bundle) => this.rollouts.expectUnneeded(bundle),
        vouchers: {
          of: (offer) => this.enrolment.vouchedBy(offer),
          isGood: (certificate) => this.enrolment.revocations.isGood(certificate),
        },
      },
      options.artifactLimits,
    );
    this.sitePlans = new SitePlans({ oci: this.oci, digestOf: artifacts.digestOf });
    this.models = new ModelService({
      models,
      devices: registry,
      oci: this.oci,
      digestOf: artifacts.digestOf,
    });

    this.devices = new DeviceService({ ...core, labels: this.labels });
    this.events = new EventService(core);
    this.metrics = new MetricsService(core);
    this.profiles = new ProfileService({ ...core, uniform: () => uniformOf(secrets.randomBytes(6)) });
    this.sums = new SumRounds({ ...core, models });
    this.frames = new FrameRequests(core);
    this.frameReviews = new FrameReviewService(core);
    this.clips = new ClipRequests(core);
    this.remote = new RemoteRequests(core);
    this.cameras = new CameraRequests(core);
    this.frameViews = new FrameViews({ ...core, frames: this.frames });
    this.frameExporter = new FrameExporter({ ...core, frames: this.frames, reviews: this.frameReviews });
    this.previews = new PreviewSessions(core);
    this.watches = new WatchAudit(core);

    this.drift = new DriftService(core, defined({ falseDiscoveryRate }));
    const { alertChannels: channels = {}, secretBox } = ports;
    const { drift, previews, clips } = this;
    this.alerts = new AlertService({ ...core, drift, channels, clips, secretBox, publicUrl, usualRules });
    const silence = new SilenceDetector(core, options.silentAfterMs);
    const presence = new PresenceReporter(core);
    const retention = new DataRetention(
      { ...core, onClockFault: (fault) => core.events.add(controllerId, clockEvent(fault)) },
      options.retention ?? defaultRetention,
    );
    this.summary = new FleetSummarizer({ ...core, retention, drift, alerts: this.alerts });

    const seriesQuota = new SeriesQuota(core.series, quotas, maxDevices);
    const quota = new MessageQuota(quotas, maxDevices);
    const handler = new MessageHandler({ ...core, seriesQuota });
    const { sync } = desired;
    const { ingested, channel } = ports;
    const relay = channel && new UpdateRelay({ ...core, channel });
    const follower = ingested && new IngestFollower({ ...core, handler, source: ingested });
    this.#dispatcher = new MessageDispatcher({
      ...{ ...core, sync, trust, handler, previews, quota },
      takesTelemetry: ingested === undefined,
    });

    this.#modules = new Modules(
      [
        ...[...core.modules, this.access, this.people, trust, sealer, this.enrolment, desired, this.labels],
        ...[approvals, rollouts],
        ...[this.oci, previews, this.watches, this.frameViews, this.frameReviews],
        ...[drift, this.alerts, silence, presence, retention, this.summary],
        ...[seriesQuota, quota, handler, follower, relay, this.#dispatcher, core.session],
      ].filter((one) => one !== undefined),
      core,
    );
  }

  /** Reads the database, then listens. Rejects when the database can't be read. */
  async start(): Promise<void> {
    const { store, transport, clock, log } = this.#core;
    const nowMs = clock.wallMs();
    const stored = await store.load({
      warningsMs: nowMs - warningsMs,
      incidentsMs: nowMs - DriftService.incidentMemoryMs,
    });
    await this.#modules.load(stored);
    tellSetAside(stored, this.#core);
    await this.#modules.start();
    transport.start();
    log.info('The fleet is loaded', { devices: this.registry.size });
  }

  /** Commits what was taken, acknowledges it, leaves the broker and closes the store. */
  close(): Promise<void> {
    return this.#modules.close();
  }

  /** Resolves when everything that came before is in the database. */
  async flush(): Promise<void> {
    await this.#dispatcher.flush();
    await this.#core.ingest.flush();
  }

  /** Takes effect with the next message, clean-up and evaluation; the numbers of series stay as they were at the start. */
  reconfigure(limits: FleetLimits): void {
    this.#modules.reconfigure(limits);
  }
}
