import {
  type Cancel,
  type Clock,
  defined,
  describeError,
  GoshawkError,
  type Log,
  MissingError,
  RateLimitedLog,
} from '../base/index.ts';
import type { Bundle } from '../model/index.ts';
import type { CameraSettings, Detector } from '../perception/index.ts';
import {
  type CallRequestOf,
  decodeMessage,
  deviceSubscriptions,
  encodePayload,
  type Message,
  mainSlot,
  type Preview,
  parseTopic,
  type TopicFrom,
  type Transport,
  topics,
  type Will,
} from '../protocol/index.ts';
import {
  BatchBuilder,
  type DispatchPolicy,
  InstrumentRegistry,
  Outbox,
  type OutboxStats,
  type OutboxStore,
  type Reading,
} from '../telemetry/index.ts';
import type { AgentStateStorage } from './agent-state.ts';
import { AgentStateStore } from './agent-state-store.ts';
import { Announcer } from './announcer.ts';
import { budgetSpent } from './budget/metered-transport.ts';
import type { SafetyCheck } from './deployment/update-gate.ts';
import { DevicePublisher } from './device-publisher.ts';
import { DeviceReport } from './device-report.ts';
import { type AgentEvent, EventReporter } from './event-reporter.ts';
import { MetricsCollector } from './metrics-collector.ts';
import { MetricsSampler } from './metrics-sampler.ts';
import type {
  BudgetHost,
  DetectorFactory,
  DriftHost,
  Machine,
  ModelCheck,
  ModelStore,
  RobotHost,
  TargetHost,
} from './ports.ts';
import { type DuePreview, PreviewLeases } from './preview-leases.ts';
import type { PrivacyRule } from './privacy.ts';
import { Reconciler, type Running } from './reconciler.ts';
import { RpcServer, robotNotThere, sumNotAsked, unknownCamera, updatesNotAsked } from './rpc-server.ts';
import { type SumMember, withheldDrift, withheldEvent, withheldPreview } from './statistics/index.ts';
import { OpenTrustGate } from './trust/open-gate.ts';
import { OrderOpener } from './trust/order-opener.ts';
import type { TrustGate } from './trust/ports.ts';

export interface DeviceAgentOptions {
  readonly device: string;
  readonly agentVersion: string;
  readonly groups: readonly string[];
  readonly metricsEverySeconds: number;
  readonly outboxBytes: number;
  readonly probationSeconds: number;
  /** How long the broker waits before it tells the fleet that the device is gone. */
  readonly willDelaySeconds: number;
  /** Frames per second that a camera has to reach, by its name. */
  readonly targetFps?: Readonly<Record<string, number>>;
  readonly dispatch?: DispatchPolicy;
}

export interface DeviceAgentPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Unique for ever. */
  readonly newId: () => string;
  /** The will carries the session, which is known only when the memory was read. */
  readonly transport: (will: Will) => Transport;
  readonly memory: AgentStateStorage;
  readonly outbox: OutboxStore;
  readonly machine: Machine;
  readonly models: ModelStore;
  /** Engines of one slot. */
  readonly factory: (slot: string) => DetectorFactory;
  readonly check?: ModelCheck;
  /** Whether the machine can do with another model now; absent: always. */
  readonly safety?: SafetyCheck;
  /** Hears what `call/updates` says; absent: it is refused. */
  readonly onUpdatesCall?: (request: CallRequestOf<'updates'>) => void;
  /** What may run here and whom to obey; default: everything and everybody, and it is said so. */
  readonly trust?: TrustGate;
  /** Nothing of a slot is left. */
  readonly onSlotRemoved?: (slot: string) => void;
  /** The monitoring for drift; whoever made it closes it. */
  readonly drift?: DriftHost;
  /** What was promised of cameras; whoever made it closes it. */
  readonly targets?: TargetHost;
  /** What may be sent; whoever made it closes it. */
  readonly budget?: BudgetHost;
  /** What the robot says; whoever made it closes it. */
  readonly robot?: RobotHost;
  /** What may be seen of pictures, for what is reported. */
  readonly privacy?: PrivacyRule;
  /** Sums that this device takes part in: of classes and scores it sends nothing of its own then. */
  readonly sums?: SumMember;
}

/** A model that was lost from the disk is tried again so often, beside every new connection. */
const restoreEveryMs = 600_000;

/** While a camera learns the fleet sees how far it is; else the last vector of its signals, as often as it is cheap. */
const learningReportMs = 60_000;
const idleReports = 180;

/**
 * Looks after one device: tells the fleet what it is and does, and brings about what the fleet wants.
 *
 * INVARIANTS
 * - On every connection the birth goes first, then the reported state, then what the outbox has.
 * - A batch is sent only when a birth with all of its aliases was sent before it.
 * - What is reported is what the pipeline runs, never what was only ordered.
 * - Generations only grow, sessions only grow, also over restarts; the sequence of batches has no gap that the outbox
 *   does not explain.
 * - One order is worked on at a time; of those that came meanwhile only the last counts.
 * - No payload, no sensor, no full disk and no jump of the wall clock ends the agent. Durations are monotonic.
 */
export class DeviceAgent {
  readonly #options: DeviceAgentOptions;
  readonly #ports: DeviceAgentPorts;
  readonly #registry: InstrumentRegistry;
  readonly #stateStore: AgentStateStore;
  readonly #outbox: Outbox;
  readonly #transport: Transport;
  readonly #events: EventReporter;
  readonly #metrics: MetricsCollector;
  readonly #sampler: MetricsSampler;
  readonly #publisher: DevicePublisher;
  readonly #reconciler: Reconciler;
  readonly #rpc: RpcServer;
  readonly #announcer: Announcer;
  readonly #leases = new PreviewLeases();
  readonly #trust: TrustGate;
  readonly #orders: OrderOpener;
  /** Whoever may publish to the device can make it refuse as often as he likes. */
  readonly #refusals: RateLimitedLog;
  readonly #cancels: Cancel[] = [];
  #connection = 0;
  #minutes = 0;

  private constructor(
    options: DeviceAgentOptions,
    ports: DeviceAgentPorts,
    running: Running,
    stateStore: AgentStateStore,
  ) {
    const { clock, log } = ports;
    const { state } = stateStore;
    this.#options = options;
    this.#ports = ports;
    this.#stateStore = stateStore;
    this.#trust = ports.trust ?? new OpenTrustGate('unsigned');
    this.#orders = new OrderOpener({
      trust: this.#trust,
      take: (message) => this.#take(message),
      refuse: (message, error) => this.#refuse(message, error),
    });
    this.#refusals = new RateLimitedLog(log, clock);
    this.#registry = new InstrumentRegistry(
      state.catalogue.map((line) => ({ ...line, labels: line.labels ?? {} })),
      () => this.#announcer.catalogueGrew(),
    );
    this.#metrics = new MetricsCollector(this.#registry, ports.sums);
    this.#outbox = new Outbox(
      {
        maxBytes: options.outboxBytes,
        ...defined({ dispatch: options.dispatch }),
      },
      {
        store: ports.outbox,
        clock,
        log,
        send: (sending) => this.#publisher.send(sending),
        onDisk: (error) => this.#diskChanged('outbox', error?.explain()),
      },
    );
    this.#events = new EventReporter(state.session, this.#outbox, clock, ports.newId, log);
    const death = { online: false as const, session: state.session, reason: 'connection-lost' as const };
    const transport = ports.transport({
      topic: topics.state(options.device),
      payload: encodePayload('state', death),
      delaySeconds: options.willDelaySeconds,
    });
    this.#transport = ports.budget?.meter(transport) ?? transport;
    this.#publisher = new DevicePublisher(options.device, this.#transport, clock, log);
    this.#reconciler = new Reconciler(running, {
      ...{ stateStore, clock, log, random: ports.random, store: ports.models, factory: ports.factory },
      ...defined({
        check: ports.check,
        safety: ports.safety,
        health: ports.drift,
        onSlotRemoved: ports.onSlotRemoved,
      }),
      trust: this.#trust,
      freeBytes: () => ports.machine.freeMemoryBytes?.(),
      probationMs: options.probationSeconds * 1000,
      reportEvent: (event) => this.reportEvent(event),
      drift: (camera, wanted) => ports.drift?.configure(camera, wanted),
      onChanged: () => this.#announcer.report(),
    });
    const self = new DeviceReport({
      device: options.device,
      agentVersion: options.agentVersion,
      groups: () => options.groups,
      stateStore,
      pipeline: running.pipeline,
      targetFps: options.targetFps ?? {},
      ...{ targets: ports.targets, privacy: ports.privacy, robot: ports.robot },
      clock,
      models: this.#reconciler,
      trust: this.#trust,
      outbox: () => this.#outbox.stats,
      drift: () => ports.drift?.statuses(),
    });
    const everyMs = options.metricsEverySeconds * 1000;
    this.#announcer = new Announcer({
      ...{ self, stateStore, clock, everyMs },
      neededMs: () => ports.budget?.metricsEveryMs(everyMs) ?? everyMs,
      registry: this.#registry,
      publisher: this.#publisher,
    });
    this.#sampler = new MetricsSampler({
      ...{ clock, log, registry: this.#registry, metrics: this.#metrics, outbox: this.#outbox },
      ...{ pipeline: running.pipeline, machine: ports.machine, drift: ports.drift },
      ...{ targets: ports.targets, budget: ports.budget, robot: ports.robot },
      everyMs,
      batches: new BatchBuilder(state.session),
      refreshBirth: () => this.#announcer.refresh(),
      onHeldBack: () => this.#announcer.stayHeard(),
    });
    this.#rpc = new RpcServer(
      options.device,
      {
        rebirth: async () => {
          await this.#announcer.giveBirth();
          // Who asks for the birth may have forgotten the device: its generation is in what it reports.
          this.#announcer.report();
          this.#outbox.sendAgain();
        },
        ack: (entries) => this.#outbox.acknowledge(entries),
        preview: (request) => {
          const { cameras } = running.pipeline;
          if (!cameras.includes(request.camera)) throw unknownCamera(request.camera, cameras);
          if (ports.budget?.previewRoom === false) throw budgetSpent('preview');
          this.#leases.lease(request, clock.monotonicMs());
        },
        updates: (request) => {
          if (ports.onUpdatesCall === undefined) throw updatesNotAsked();
          ports.onUpdatesCall(request);
        },
        robot: async (order) => {
          if (ports.robot === undefined) throw robotNotThere();
          return ports.robot.call(order);
        },
        describe: () => self.full(this.#announcer.board),
        frames: (request) => this.#drift().listFrames(request),
        frame: (request) => this.#drift().framePiece(request),
        joinSum: (request) => this.#sums().join(request),
        maskedSum: (request) => this.#sums().masked(request),
      },
      (message) => this.#transport.publish(message),
      log,
    );
  }

  /** Reads the memory, opens the outbox, connects, and goes on with what was left unfinished. */
  static async start(
    options: DeviceAgentOptions,
    ports: DeviceAgentPorts,
    running: Running,
  ): Promise<DeviceAgent> {
    const disk: { changed?: (problem: string | undefined) => void } = {};
    const { clock, log, random } = ports;
    const { stateStore, damage } = await AgentStateStore.open({
      ...{ log, random, storage: ports.memory },
      wallMs: () => clock.wallMs(),
      onDisk: (problem) => disk.changed?.(problem),
    });
    const { drift, sums } = ports;
    const told =
      drift === undefined || sums === undefined ? ports : { ...ports, drift: withheldDrift(drift) };
    const agent = new DeviceAgent(options, told, running, stateStore);
    disk.changed = (problem) => agent.#diskChanged('memory', problem);
    await agent.#begin(damage);
    return agent;
  }

  /** Give this to the pipeline as one of its sinks. */
  get sink(): MetricsCollector {
    return this.#metrics;
  }

  get session(): number {
    return this.#stateStore.state.session;
  }

  /** As they are reported. */
  get slots(): ReturnType<Reconciler['slots']> {
    return this.#reconciler.slots();
  }

  get outboxStats(): OutboxStats {
    return this.#outbox.stats;
  }

  /** For a scraper on the device itself: of cameras what is so now, not at the last batch. */
  readings(): Reading[] {
    this.#sampler.readCameras();
    return this.#registry.readings();
  }

  /** Something happened on the device that the fleet should know. */
  reportEvent(event: AgentEvent): Promise<boolean> {
    // What is wrong with a camera is in what is reported.
    if (event.camera !== undefined) this.#announcer.reportSoon();
    // Whether a camera is connected is in the metrics too: the fleet need not wait for the next batch.
    if (event.kind === 'camera.lost' || event.kind === 'camera.back') void this.#sampler.sample();
    return this.#events.report(this.#ports.sums === undefined ? event : withheldEvent(event));
  }

  /** Whom the next picture is for, and its width, when somebody watches this camera and it is due. */
  previewDue(camera: string): DuePreview | undefined {
    if (!this.#publisher.online || this.#publisher.previewUnderWay(camera)) return undefined;
    if (this.#ports.budget?.previewRoom === false) return undefined;
    return this.#leases.take(camera, this.#ports.clock.monotonicMs());
  }

  /** Sends a live picture; lost when there is no connection. */
  sendPreview(camera: string, preview: Preview): Promise<void> {
    return this.#publisher.preview(
      camera,
      this.#ports.sums === undefined ? preview : withheldPreview(preview),
    );
  }

  /**
   * Puts the model that serves in a slot on a better engine, with a probation. False, and it is closed, where another model
   * is wanted meanwhile; rejects with the reason where the engine before it serves again.
   */
  upgrade(bundle: Bundle, detector: Detector, slot: string): Promise<boolean> {
    return this.#reconciler.upgrade(bundle, detector, slot);
  }

  /** Puts the model that serves in a slot on another detector at once; see `Deployer.replace`. */
  replace(detector: Detector, slot: string): Promise<boolean> {
    return this.#reconciler.replace(detector, slot);
  }

  /** Another model for `main` at the wish of somebody on the device; see LocalSwitch. */
  switchLocally(...[model, onProgress, signal]: Parameters<Reconciler['switchLocally']>): Promise<void> {
    return this.#reconciler.switchLocally(model, onProgress, signal);
  }

  /** Digests of the model that serves in `main`, and of the one before: both are on the disk. */
  get keptModels(): readonly string[] {
    const { committed, previous } = this.#stateStore.state.slots[mainSlot] ?? {};
    return [committed?.digest, previous].filter((digest) => digest !== undefined);
  }

  /** Gives a camera other settings of its own, below what the fleet wants of it. */
  rebase(camera: string, own: CameraSettings): void {
    this.#reconciler.rebase(camera, own);
  }

  #sums(): SumMember {
    const { sums } = this.#ports;
    if (sums === undefined) throw sumNotAsked();
    return sums;
  }

  #drift(): DriftHost {
    const { drift } = this.#ports;
    if (drift !== undefined) return drift;
    throw new MissingError('drift-off', 'This device does not watch for drift.', 'Update its agent.');
  }

  /** Before `close`, when no more events are made: gives the fleet this long to acknowledge those that there are. */
  async deliverEvents(withinMs: number): Promise<boolean> {
    return await this.#outbox.delivered('event', withinMs);
  }

  /** Says goodbye to the fleet and leaves everything so that the next start goes on. Close the pipeline first. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel();
    await this.#reconciler.close();
    await this.#sampler.sample();
    this.#announcer.close();
    await this.#publisher.publish('state', { online: false, session: this.session, reason: 'shutdown' });
    await this.#outbox.close();
    await this.#transport.close();
  }

  async #begin(damage: string | undefined): Promise<void> {
    const { clock, machine, log } = this.#ports;
    this.#announcer.board = await machine.board();
    const outboxDamage = await this.#outbox.open();
    if (damage !== undefined)
      void this.reportEvent({
        kind: 'agent.memory-damaged',
        severity: 'error',
        message: `The agent's memory on the disk could not be used (${damage}); it begins anew.`,
      });
    if (this.#stateStore.problem !== undefined) this.#diskChanged('memory', this.#stateStore.problem);
    if (outboxDamage !== undefined)
      void this.reportEvent({ kind: 'outbox.damaged', severity: 'error', message: outboxDamage });
    await this.#reconciler.begin();
    for (const { filter, qos } of deviceSubscriptions(this.#options.device))
      this.#transport.subscribe(filter, qos);
    this.#cancels.push(
      this.#transport.onMessage((message) => this.#receive(message)),
      this.#transport.onStatus(({ state }) => {
        if (state === 'online') void this.#connected(++this.#connection);
        else this.#outbox.offline();
      }),
      clock.every(this.#options.metricsEverySeconds * 1000, () => void this.#sampler.sample()),
      clock.every(restoreEveryMs, () => this.#restoreLostModel()),
    );
    const { drift, targets, robot } = this.#ports;
    robot?.onChange(() => this.#announcer.reportSoon());
    targets?.onChange(() => this.#announcer.reportSoon());
    if (drift !== undefined) {
      drift.onChange(() => this.#announcer.reportSoon());
      this.#cancels.push(
        clock.every(learningReportMs, () => {
          if (drift.learning || ++this.#minutes % idleReports === 0) this.#announcer.report();
        }),
      );
    }
    await this.#reconciler.resume();
    this.#transport.start();
    log.info('The agent looks after its device', { device: this.#options.device, session: this.session });
  }

  async #connected(connection: number): Promise<void> {
    await this.#announcer.giveBirth();
    this.#announcer.report();
    // Gone again, or here anew, while the birth was on its way: the later call does the rest.
    if (connection !== this.#connection || !this.#publisher.online) return;
    this.#outbox.online();
    this.#restoreLostModel();
  }

  #restoreLostModel(): void {
    if (this.#publisher.online) this.#reconciler.restoreLost();
  }

  #receive(message: Message): void {
    const place = parseTopic(message.topic);
    if (place?.kind !== 'desired' || message.payload.byteLength === 0) this.#take(message);
    else if (place.device === this.#options.device) this.#orders.open(message);
  }

  #take(message: Message): void {
    try {
      const decoded = decodeMessage(message.topic, message.payload);
      if (decoded.device !== this.#options.device) return;
      switch (decoded.kind) {
        case 'call':
          void this.#rpc.take(decoded, message);
          break;
        case 'desired':
          this.#reconciler.take(decoded.payload);
          break;
        default:
          decoded satisfies { kind: TopicFrom<'device'> };
      }
    } catch (error) {
      this.#refuse(message, error);
    }
  }

  #refuse(message: Message, error: unknown): void {
    const kind = parseTopic(message.topic)?.kind ?? 'unknown';
    this.#metrics.refusedPayload(kind);
    this.#refusals.warn(kind, 'A payload was refused', {
      topic: message.topic,
      reason: describeError(error),
    });
    if (kind === 'call' && error instanceof GoshawkError) void this.#rpc.refuse(message, error);
  }

  #diskChanged(what: 'outbox' | 'memory', problem: string | undefined): void {
    void this.reportEvent(
      problem === undefined
        ? { kind: `${what}.disk-recovered`, severity: 'info', message: `The ${what} is on the disk again.` }
        : { kind: `${what}.disk-failed`, severity: 'error', message: problem },
    );
  }
}
