import {
  type Cancel,
  type Clock,
  describeError,
  GoshawkError,
  type Log,
  MissingError,
} from '../base/index.ts';
import type { Bundle } from '../model/index.ts';
import type { Detector } from '../perception/index.ts';
import {
  decodeMessage,
  encodePayload,
  type Message,
  type Preview,
  parseTopic,
  type Reported,
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
import { CallDesk, unknownCamera } from './rpc-server.ts';
import { Deployer } from './deployment/deployer.ts';
import { stepOccurrence } from './deployment/deployment-event.ts';
import { EventDesk, type Occurrence } from './event-reporter.ts';
import { Introduction } from './announcer.ts';
import { Letters } from './device-publisher.ts';
import type { MemoryStore } from './agent-state.ts';
import { MetricsDesk } from './metrics-collector.ts';
import { Notebook } from './agent-state-store.ts';
import { OrderDesk } from './desired-state-handler.ts';
import type { DetectorFactory, DriftHost, Machine, ModelCheck, ModelStore, PipelineHost } from './ports.ts';
import { PreviewLeases } from './preview-leases.ts';
import { SelfDescription } from './device-report.ts';

export interface StewardOptions {
  readonly device: string;
  readonly agentVersion: string;
  readonly groups: readonly string[];
  readonly metricsEverySeconds: number;
  readonly outboxBytes: number;
  readonly probationSeconds: number;
  /** How long the broker waits before it tells the fleet that the device is gone. */
  readonly willDelaySeconds: number;
  readonly dispatch?: DispatchPolicy;
}

export interface StewardPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Unique for ever. */
  readonly newId: () => string;
  /** The will carries the session, which is known only when the memory was read. */
  readonly transport: (will: Will) => Transport;
  readonly memory: MemoryStore;
  readonly outbox: OutboxStore;
  readonly machine: Machine;
  readonly models: ModelStore;
  readonly factory: DetectorFactory;
  readonly check?: ModelCheck;
  /** The watch for drift; whoever made it closes it. */
  readonly drift?: DriftHost;
}

/** What runs when the steward starts; the steward closes this detector, and not the pipeline. */
export interface Running {
  readonly pipeline: PipelineHost;
  readonly detector: Detector;
}

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
export class Steward {
  readonly #options: StewardOptions;
  readonly #ports: StewardPorts;
  readonly #running: Running;
  readonly #registry: InstrumentRegistry;
  readonly #notebook: Notebook;
  readonly #outbox: Outbox;
  readonly #transport: Transport;
  readonly #events: EventDesk;
  readonly #metrics: MetricsDesk;
  readonly #batches: BatchBuilder;
  readonly #letters: Letters;
  readonly #deployer: Deployer;
  readonly #orders: OrderDesk;
  readonly #calls: CallDesk;
  readonly #introduction: Introduction;
  readonly #leases = new PreviewLeases();
  readonly #cancels: Cancel[] = [];
  #ticking = false;
  #connection = 0;
  #minutes = 0;

  private constructor(options: StewardOptions, ports: StewardPorts, running: Running, notebook: Notebook) {
    const { clock, log } = ports;
    const { memory } = notebook;
    this.#options = options;
    this.#ports = ports;
    this.#running = running;
    this.#notebook = notebook;
    this.#registry = new InstrumentRegistry(
      memory.catalogue.map((line) => ({ ...line, labels: line.labels ?? {} })),
      () => this.#introduction.catalogueGrew(),
    );
    this.#metrics = new MetricsDesk(this.#registry);
    this.#batches = new BatchBuilder(memory.session);
    this.#outbox = new Outbox(
      {
        maxBytes: options.outboxBytes,
        ...(options.dispatch === undefined ? {} : { dispatch: options.dispatch }),
      },
      {
        store: ports.outbox,
        clock,
        log,
        send: (sending) => this.#letters.send(sending),
        onDisk: (error) => this.#diskChanged('outbox', error?.explain()),
      },
    );
    this.#events = new EventDesk(memory.session, this.#outbox, clock, ports.newId, log);
    const death = { online: false as const, session: memory.session, reason: 'connection-lost' as const };
    this.#transport = ports.transport({
      topic: topics.state(options.device),
      payload: encodePayload('state', death),
      delaySeconds: options.willDelaySeconds,
    });
    this.#letters = new Letters(options.device, this.#transport, log);
    this.#deployer = new Deployer(running.detector, options.probationSeconds * 1000, {
      store: ports.models,
      factory: ports.factory,
      ...(ports.check === undefined ? {} : { check: ports.check }),
      pipeline: running.pipeline,
      notebook,
      clock,
      random: ports.random,
      log,
      onStep: (deployment) => {
        void this.tell(stepOccurrence(deployment, notebook.memory.generation));
        this.#introduction.report();
      },
      onProgress: () => this.#introduction.report(),
    });
    this.#orders = new OrderDesk({
      pipeline: running.pipeline,
      deployer: this.#deployer,
      notebook,
      clock,
      log,
      tell: (occurrence) => this.tell(occurrence),
      drift: (camera, wanted) => ports.drift?.configure(camera, wanted),
      onDone: () => this.#introduction.report(),
    });
    const self = new SelfDescription({
      device: options.device,
      agentVersion: options.agentVersion,
      groups: options.groups,
      notebook,
      pipeline: running.pipeline,
      wallMs: () => clock.wallMs(),
      deployment: () => this.#deployer.report,
      outbox: () => this.#outbox.stats,
      drift: () => ports.drift?.statuses(),
    });
    this.#introduction = new Introduction({
      ...{ self, notebook, clock },
      registry: this.#registry,
      letters: this.#letters,
    });
    this.#calls = new CallDesk(
      options.device,
      {
        rebirth: () => this.#introduction.giveBirth(),
        ack: (entries) => this.#outbox.acknowledge(entries),
        preview: (request) => {
          const { cameras } = running.pipeline;
          if (!cameras.includes(request.camera)) throw unknownCamera(request.camera, cameras);
          this.#leases.lease(request, clock.monotonicMs());
        },
        describe: () => self.full(this.#introduction.board),
        frames: (request) => this.#drift().listFrames(request),
        frame: (request) => this.#drift().framePiece(request),
      },
      (message) => this.#transport.publish(message),
      log,
    );
  }

  /** Reads the memory, opens the outbox, connects, and goes on with what was left unfinished. */
  static async start(options: StewardOptions, ports: StewardPorts, running: Running): Promise<Steward> {
    const disk: { changed?: (problem: string | undefined) => void } = {};
    const { notebook, damage } = await Notebook.open(
      ports.memory,
      ports.clock.wallMs(),
      ports.log,
      (problem) => disk.changed?.(problem),
    );
    const steward = new Steward(options, ports, running, notebook);
    disk.changed = (problem) => steward.#diskChanged('memory', problem);
    await steward.#begin(damage);
    return steward;
  }

  /** Give this to the pipeline as one of its sinks. */
  get sink(): MetricsDesk {
    return this.#metrics;
  }

  get session(): number {
    return this.#notebook.memory.session;
  }

  get deployment(): Reported['deployment'] {
    return this.#deployer.report;
  }

  get outboxStats(): OutboxStats {
    return this.#outbox.stats;
  }

  /** For a scraper on the device itself. */
  readings(): Reading[] {
    return this.#registry.readings();
  }

  /** Something happened on the device that the fleet should know. */
  tell(occurrence: Occurrence): Promise<boolean> {
    return this.#events.tell(occurrence);
  }

  /** The width of the picture to send when somebody watches this camera and the next one is due. */
  previewDue(camera: string): { readonly maxWidth: number } | undefined {
    if (!this.#letters.online || this.#letters.previewUnderWay(camera)) return undefined;
    return this.#leases.take(camera, this.#ports.clock.monotonicMs());
  }

  /** Sends a live picture; lost when there is no connection. */
  sendPreview(camera: string, preview: Preview): Promise<void> {
    return this.#letters.preview(camera, preview);
  }

  /**
   * Puts the model that serves on a better engine, with a probation. False, and it is closed, where another model is
   * wanted meanwhile; rejects with the reason where the engine before it serves again.
   */
  async upgrade(bundle: Bundle, detector: Detector): Promise<boolean> {
    try {
      return await this.#deployer.upgrade(bundle, detector);
    } finally {
      this.#introduction.report();
    }
  }

  #drift(): DriftHost {
    const { drift } = this.#ports;
    if (drift !== undefined) return drift;
    throw new MissingError('drift-off', 'This device does not watch for drift.', 'Update its agent.');
  }

  /** Says goodbye to the fleet and leaves everything so that the next start goes on. Close the pipeline first. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel();
    await this.#deployer.close();
    await this.#orders.idle();
    await this.#sampleAndKeep();
    this.#introduction.close();
    await this.#letters.publish('state', { online: false, session: this.session, reason: 'shutdown' });
    await this.#outbox.close();
    await this.#transport.close();
  }

  async #begin(damage: string | undefined): Promise<void> {
    const { clock, machine, log } = this.#ports;
    const { pipeline } = this.#running;
    this.#introduction.board = await machine.board();
    const outboxDamage = await this.#outbox.open();
    if (damage !== undefined)
      void this.tell({
        kind: 'agent.memory-damaged',
        severity: 'error',
        message: `The agent's memory on the disk could not be used (${damage}); it begins anew.`,
      });
    if (this.#notebook.problem !== undefined) this.#diskChanged('memory', this.#notebook.problem);
    if (outboxDamage !== undefined)
      void this.tell({ kind: 'outbox.damaged', severity: 'error', message: outboxDamage });
    const { model, version, digest } = pipeline.identity;
    if (this.#notebook.memory.committed?.digest !== digest)
      await this.#notebook.update({ committed: { name: model, version, digest } });
    this.#orders.apply(this.#notebook.memory.pipelines);
    this.#transport.subscribe(topics.desired(this.#options.device), 1);
    this.#transport.subscribe(topics.call(this.#options.device, '#'), 1);
    this.#cancels.push(
      this.#transport.onMessage((message) => this.#receive(message)),
      this.#transport.onStatus(({ state }) => {
        if (state === 'online') void this.#connected(++this.#connection);
        else this.#outbox.offline();
      }),
      clock.every(this.#options.metricsEverySeconds * 1000, () => void this.#sampleAndKeep()),
    );
    const { drift } = this.#ports;
    if (drift !== undefined) {
      drift.onChange(() => this.#introduction.reportSoon());
      this.#cancels.push(
        clock.every(learningReportMs, () => {
          if (drift.learning || ++this.#minutes % idleReports === 0) this.#introduction.report();
        }),
      );
    }
    await this.#deployer.resume();
    this.#transport.start();
    log.info('The agent looks after its device', { device: this.#options.device, session: this.session });
  }

  async #connected(connection: number): Promise<void> {
    await this.#introduction.giveBirth();
    this.#introduction.report();
    // Gone again, or here anew, while the birth was on its way: the later call does the rest.
    if (connection === this.#connection && this.#letters.online) this.#outbox.online();
  }

  async #sampleAndKeep(): Promise<void> {
    // A sensor that hangs must not let ticks pile up.
    if (this.#ticking) return;
    this.#ticking = true;
    try {
      const { machine, clock, drift } = this.#ports;
      const { pipeline } = this.#running;
      this.#metrics.samplePipeline(pipeline);
      this.#metrics.sampleProcess(machine.readProcess(), pipeline.identity);
      this.#metrics.sampleOutbox(this.#outbox.stats);
      this.#metrics.sampleBoard(await machine.readBoard());
      // Last: short aliases go to what is sent most often.
      if (drift !== undefined)
        this.#metrics.sampleDrift(drift.readings(), drift.answered, clock.monotonicMs());
      const batches = this.#batches.build(this.#registry.collect(), Math.max(0, clock.wallMs()));
      await this.#introduction.refresh();
      for (const batch of batches)
        await this.#outbox.accept('metrics', batch.session, (entry) =>
          encodePayload('metrics', { ...batch, entry, historical: false }),
        );
    } catch (error) {
      this.#ports.log.warn('A batch of metrics was not kept', { reason: describeError(error) });
    } finally {
      this.#ticking = false;
    }
  }

  #receive(message: Message): void {
    try {
      const decoded = decodeMessage(message.topic, message.payload);
      if (decoded.device !== this.#options.device) return;
      if (decoded.kind === 'call') void this.#calls.take(decoded, message);
      else if (decoded.kind === 'desired') this.#orders.take(decoded.payload);
    } catch (error) {
      const kind = parseTopic(message.topic)?.kind ?? 'unknown';
      this.#metrics.refusedPayload(kind);
      this.#ports.log.warn('A payload was refused', { topic: message.topic, reason: describeError(error) });
      if (kind === 'call' && error instanceof GoshawkError) void this.#calls.refuse(message, error);
    }
  }

  #diskChanged(what: 'outbox' | 'memory', problem: string | undefined): void {
    void this.tell(
      problem === undefined
        ? { kind: `${what}.disk-recovered`, severity: 'info', message: `The ${what} is on the disk again.` }
        : { kind: `${what}.disk-failed`, severity: 'error', message: problem },
    );
  }
}
