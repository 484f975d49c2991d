import { type Cancel, type Clock, defined, encodeUtf8, type Log } from '../base/index.ts';
import type { Bundle } from '../model/index.ts';
import type { CameraSettings, Detector } from '../perception/index.ts';
import {
  type CallMethod,
  deviceSubscriptions,
  encodePayload,
  type Message,
  mainSlot,
  messageOf,
  type Preview,
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
import { AnsweredCalls } from './answered-calls.ts';
import { deviceCalls } from './device-calls.ts';
import { DevicePublisher } from './device-publisher.ts';
import { DeviceReport } from './device-report.ts';
import { type AgentEvent, EventReporter } from './event-reporter.ts';
import { MessageReceiver } from './message-receiver.ts';
import { MetricsCollector } from './metrics-collector.ts';
import { MetricsSampler } from './metrics-sampler.ts';
import type { AgentParts, DeploymentPorts, Machine } from './ports.ts';
import { type DuePreview, PreviewLeases } from './preview-leases.ts';
import { Reconciler, type Running } from './reconciler.ts';
import { RpcServer } from './rpc-server.ts';
import { provenCameras } from './software/proven-cameras.ts';
import { withheldDrift, withheldEvent, withheldPreview } from './statistics/index.ts';
import { OpenTrustGate } from './trust/open-gate.ts';
import { defaultWithdrawalPolicy, type WithdrawalPolicy } from './withdrawals/withdrawal-watch.ts';

export interface DeviceAgentOptions {
  readonly device: string;
  readonly agentVersion: string;
  /** A device that enrols gets to know them then. */
  readonly groups: () => readonly string[];
  readonly metricsEverySeconds: number;
  readonly outboxBytes: number;
  readonly probationSeconds: number;
  /** How long the broker waits before it tells the fleet that the device is gone. */
  readonly willDelaySeconds: number;
  /** Frames per second that a camera has to reach, by its name. */
  readonly targetFps?: Readonly<Record<string, number>>;
  readonly dispatch?: DispatchPolicy;
  /** What becomes of models that their owners withdrew. */
  readonly withdrawals?: Partial<WithdrawalPolicy>;
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
  readonly deployment: DeploymentPorts;
  readonly parts: AgentParts;
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
  readonly #announcer: Announcer;
  readonly #answered: AnsweredCalls;
  readonly #report: DeviceReport;
  readonly #receiver: MessageReceiver;
  readonly #leases = new PreviewLeases();
  readonly #cancels: Cancel[] = [];
  #connection = 0;
  #minutes = 0;

  private constructor(
    options: DeviceAgentOptions,
    ports: DeviceAgentPorts,
    running: Running,
    stateStore: AgentStateStore,
  ) {
    const { clock, log, parts, machine, deployment } = ports;
    const { device, targetFps = {}, dispatch, outboxBytes: maxBytes } = options;
    const { pipeline } = running;
    const { session, catalogue } = stateStore.state;
    const everyMs = options.metricsEverySeconds * 1000;
    const trust = deployment.trust ?? new OpenTrustGate('unsigned');
    const base = { clock, log, stateStore, pipeline, machine, parts, trust, device, everyMs };
    this.#options = options;
    this.#ports = ports;
    this.#stateStore = stateStore;

    const transport = ports.transport(willOf(options, session));
    this.#transport = parts.budget?.meter(transport) ?? transport;
    this.#publisher = new DevicePublisher(device, this.#transport, clock, log);
    const publisher = this.#publisher;
    this.#outbox = new Outbox(
      { maxBytes, ...defined({ dispatch }) },
      { ...base, store: ports.outbox, send: (sending) => publisher.send(sending) },
    );
    const outbox = this.#outbox;
    this.#events = new EventReporter(session, outbox, clock, ports.newId, log);
    this.#registry = new InstrumentRegistry(
      catalogue.map((line) => ({ ...line, labels: line.labels ?? {} })),
    );
    const registry = this.#registry;
    this.#metrics = new MetricsCollector(registry, parts.sums);
    const metrics = this.#metrics;

    const { software, ...models } = deployment;
    this.#reconciler = new Reconciler(running, {
      ...{ ...base, ...models, trust, store: deployment.models, random: ports.random },
      ...defined({ health: parts.drift }),
      ...defined({
        software: software && {
          ...software,
          online: () => publisher.online,
          cameras: () => provenCameras(pipeline.stats(), parts.targets),
        },
      }),
      freeBytes: () => machine.freeMemoryBytes?.(),
      probationMs: options.probationSeconds * 1000,
      withdrawals: { ...defaultWithdrawalPolicy, ...options.withdrawals },
      reportEvent: (event) => this.reportEvent(event),
      drift: (camera, wanted) => parts.drift?.configure(camera, wanted),
      // The broker gives what it retains once more.
      onOtherKeys: () => this.#subscribe(),
    });
    const reconciler = this.#reconciler;
    const report = new DeviceReport({ ...base, ...options, targetFps, models: reconciler, outbox });
    this.#report = report;
    this.#announcer = new Announcer({
      ...{ ...base, self: report, registry, publisher },
      neededMs: () => parts.budget?.metricsEveryMs(everyMs) ?? everyMs,
      onReported: parts.onReported,
    });
    const announcer = this.#announcer;
    const batches = new BatchBuilder(session);
    this.#sampler = new MetricsSampler({ ...base, registry, metrics, outbox, announcer, batches });
    const nowMs = () => clock.monotonicMs();
    const calls = deviceCalls({ ...base, report, announcer, outbox, leases: this.#leases, nowMs });
    const answered = new AnsweredCalls({ clock, reportEvent: (event) => void this.reportEvent(event) });
    this.#answered = answered;
    const publish = (message: Message) => this.#transport.publish(message);
    const onAnswered = (method: CallMethod) => parts.remote?.answered(method);
    const rpc = new RpcServer({ ...base, calls, answered, publish, onAnswered });
    this.#receiver = new MessageReceiver({ ...base, session, rpc, reconciler, metrics });
  }

  /** Reads the memory, opens the outbox, connects, and goes on with what was left unfinished. */
  static async start(
    options: DeviceAgentOptions,
    ports: DeviceAgentPorts,
    running: Running,
  ): Promise<DeviceAgent> {
    const { clock, log, random, memory: storage } = ports;
    const { stateStore, damage } = await AgentStateStore.open({
      ...{ log, random, storage, wallMs: () => clock.wallMs() },
    });
    const { drift, sums } = ports.parts;
    const parts =
      drift === undefined || sums === undefined
        ? ports.parts
        : { ...ports.parts, drift: withheldDrift(drift) };
    const agent = new DeviceAgent(options, { ...ports, parts }, running, stateStore);
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

  /** What the robot must know of its models, in words. */
  get faults(): readonly string[] {
    return this.#reconciler.faults;
  }

  /** As it answers `describe`. */
  describe(): Record<string, unknown> {
    return this.#report.full(this.#announcer.board);
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
    // What is wrong with a camera is in what is reported; what it sees is not.
    if (event.camera !== undefined && !isSeen(event)) this.#announcer.reportSoon();
    // Whether a camera is connected is in the metrics too: the fleet need not wait for the next batch.
    if (event.kind === 'camera.lost' || event.kind === 'camera.back') void this.#sampler.sample();
    return this.#events.report(this.#ports.parts.sums === undefined ? event : withheldEvent(event));
  }

  /** The receivers of the next picture, and its width, if this camera is watched and it is due. */
  previewDue(camera: string): DuePreview | undefined {
    if (!this.#publisher.online || this.#publisher.previewUnderWay(camera)) return undefined;
    if (this.#ports.parts.budget?.previewRoom === false) return undefined;
    return this.#leases.take(camera, this.#ports.clock.monotonicMs());
  }

  /** Sends a live picture; lost when there is no connection. */
  sendPreview(camera: string, preview: Preview): Promise<void> {
    return this.#publisher.preview(
      camera,
      this.#ports.parts.sums === undefined ? preview : withheldPreview(preview),
    );
  }

  /** Sends a result to programs of the fleet's broker, as JSON; rejects when it does not leave. */
  sendResult(camera: string, text: string): Promise<void> {
    return this.#transport.publish(messageOf('results', encodeUtf8(text), this.#options.device, camera));
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

  /** Before `close`, when no more events are made: gives the fleet this long to acknowledge those that there are. */
  async deliverEvents(withinMs: number): Promise<boolean> {
    this.#answered.tell();
    return await this.#outbox.delivered('event', withinMs);
  }

  /** Says goodbye to the fleet and leaves everything so that the next start goes on. Close the pipeline first. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel();
    await this.#reconciler.close();
    this.#answered.tell();
    await this.#sampler.sample();
    this.#announcer.close();
    await this.#publisher.publish('state', { online: false, session: this.session, reason: 'shutdown' });
    await this.#outbox.close();
    await this.#transport.close();
  }

  async #begin(damage: string | undefined): Promise<void> {
    const { clock, machine, log } = this.#ports;
    this.#stateStore.onDisk((problem) => this.#events.diskChanged('memory', problem));
    this.#outbox.onDisk((error) => this.#events.diskChanged('outbox', error?.explain()));
    this.#announcer.board = await machine.board();
    const outboxDamage = await this.#outbox.open();
    if (damage !== undefined)
      void this.reportEvent({
        kind: 'agent.memory-damaged',
        severity: 'error',
        message: `The agent's stored state was unusable (${damage}); it starts without it.`,
      });
    if (this.#stateStore.problem !== undefined) this.#events.diskChanged('memory', this.#stateStore.problem);
    if (outboxDamage !== undefined)
      void this.reportEvent({ kind: 'outbox.damaged', severity: 'error', message: outboxDamage });
    this.#reconciler.onChange(() => this.#announcer.report());
    await this.#reconciler.begin();
    this.#subscribe();
    this.#cancels.push(
      this.#transport.onMessage((message) => this.#receiver.receive(message)),
      this.#transport.onStatus(({ state }) => {
        if (state === 'online') void this.#connected(++this.#connection);
        else this.#outbox.offline();
      }),
      clock.every(this.#options.metricsEverySeconds * 1000, () => void this.#sampler.sample()),
      clock.every(restoreEveryMs, () => this.#restoreLostModel()),
    );
    const { drift, targets, robot } = this.#ports.parts;
    for (const part of [drift, targets, robot]) part?.onChange(() => this.#announcer.reportSoon());
    if (drift !== undefined)
      this.#cancels.push(
        clock.every(learningReportMs, () => {
          if (drift.learning || ++this.#minutes % idleReports === 0) this.#announcer.report();
        }),
      );
    await this.#reconciler.resume();
    this.#transport.start();
    log.info('The agent has started', { device: this.#options.device, session: this.session });
  }

  #subscribe(): void {
    for (const { filter, qos } of deviceSubscriptions(this.#options.device))
      this.#transport.subscribe(filter, qos);
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
    if (this.#publisher.online) this.#reconciler.online();
  }
}

/** What the broker says in the device's place when its connection breaks. */
function willOf({ device, willDelaySeconds }: DeviceAgentOptions, session: number): Will {
  const death = { online: false as const, session, reason: 'connection-lost' as const };
  return {
    topic: topics.state(device),
    payload: encodePayload('state', death),
    delaySeconds: willDelaySeconds,
  };
}

/** Of the zones and lines of a camera. */
function isSeen({ kind }: AgentEvent): boolean {
  return kind.startsWith('zone.') || kind.startsWith('line.');
}
