import {
  type AgentParts,
  type AgentState,
  type AgentStateStorage,
  type BudgetHost,
  type DetectorFactory,
  DeviceAgent,
  type DeviceAgentOptions,
  type DriftHost,
  type Machine,
  type ModelStore,
  type Progress,
  type RobotHost,
  type SafetyCheck,
  type SumMember,
  type TrustGate,
} from '../../src/agent/index.ts';
import { type Cancel, type Clock, defined, type Log, MissingError, silentLog } from '../../src/base/index.ts';
import type { Bundle, Manifest } from '../../src/model/index.ts';
import {
  type DesiredModel,
  type DeviceEvent,
  decodePayload,
  type MetricsBatch,
  type PayloadKind,
  type PayloadOf,
  topics,
} from '../../src/protocol/index.ts';
import type { OutboxStore } from '../../src/telemetry/index.ts';
import { type FakeClock, settle } from './fake-clock.ts';
import { FakeOutboxStore } from './fake-outbox-store.ts';
import { FakeDetector, FakePipeline } from './fake-pipeline.ts';
import { type FakeBroker, FakeTransport } from './fake-transport.ts';

export const modelOf = (letter: string, version = '1'): DesiredModel => ({
  name: 'street',
  version,
  digest: `sha256:${letter.repeat(64)}`,
});

export function bundleOf({ digest, name, version }: DesiredModel, budgets?: Manifest['budgets']): Bundle {
  const manifest = { name, version, ...(budgets === undefined ? {} : { budgets }) } as Manifest;
  return { digest, manifest, location: `/models/${digest}` };
}

export class FakeMemoryStore implements AgentStateStorage {
  stored: unknown;
  fail: Error | undefined;
  readonly saved: AgentState[] = [];

  async load(): Promise<unknown> {
    return structuredClone(this.stored);
  }

  async save(memory: AgentState): Promise<void> {
    if (this.fail !== undefined) throw this.fail;
    this.stored = structuredClone(memory);
    this.saved.push(memory);
  }
}

/** Steps of a deployment, each of which a test may let fail, wait or do something. */
export class FakeModels implements ModelStore {
  readonly there = new Map<string, Bundle>();
  readonly downloads: string[] = [];
  readonly kept: (readonly string[])[] = [];
  onDownload: (
    model: DesiredModel,
    progress: Progress,
    signal: AbortSignal,
    pause: <T>(wait: () => Promise<T>) => Promise<T>,
  ) => Promise<void> = async () => {};
  onVerify: (digest: string) => Promise<void> = async () => {};
  /** Digests that come packed, until they were unpacked. */
  readonly comesPacked = new Set<string>();
  onUnpack: (digest: string, signal: AbortSignal) => Promise<void> = async () => {};
  /** Digests whose files lie encrypted. */
  readonly liesSealed = new Set<string>();
  onDecrypt: (bundle: Bundle, signal: AbortSignal) => Promise<void> = async () => {};
  budgets: Manifest['budgets'];

  async decrypt(bundle: Bundle, _progress: Progress, signal: AbortSignal): Promise<void> {
    await this.onDecrypt(bundle, signal);
  }

  packed(digest: string): boolean {
    return this.comesPacked.has(digest) && this.#staged.has(digest);
  }

  async unpack(digest: string, _progress: Progress, signal: AbortSignal): Promise<void> {
    await this.onUnpack(digest, signal);
  }

  async find(digest: string): Promise<Bundle | undefined> {
    return this.there.get(digest);
  }

  async download(
    model: DesiredModel,
    progress: Progress,
    signal: AbortSignal,
    pause: <T>(wait: () => Promise<T>) => Promise<T> = (wait) => wait(),
  ): Promise<void> {
    if (this.there.has(model.digest)) return;
    this.downloads.push(model.digest);
    await this.onDownload(model, progress, signal, pause);
    this.#staged.set(model.digest, bundleOf(model, this.budgets));
  }

  async verify(digest: string): Promise<Bundle> {
    const known = this.there.get(digest);
    if (known !== undefined) return known;
    await this.onVerify(digest);
    const plain = this.#staged.get(digest);
    if (plain === undefined) throw new MissingError('bundle-missing', 'It is not there.', 'Fetch it.');
    const bundle = this.liesSealed.has(digest) ? { ...plain, sealed: new Map() } : plain;
    this.#staged.delete(digest);
    this.there.set(digest, bundle);
    return bundle;
  }

  async keepOnly(digests: readonly string[]): Promise<void> {
    this.kept.push(digests);
    for (const bundles of [this.there, this.#staged])
      for (const digest of bundles.keys()) if (!digests.includes(digest)) bundles.delete(digest);
  }

  readonly #staged = new Map<string, Bundle>();
}

const machine: Machine = {
  board: async () => ({ name: 'Fake', arch: 'x64', os: 'Linux', cores: 2, memoryBytes: 1e9 }),
  readBoard: async () => ({
    temperatures: [{ zone: 'cpu', celsius: 51.5 }],
    power: [{ rail: 'VDD_IN', watts: 7.25 }],
  }),
  readProcess: () => ({ memory: 1.5e8, cpu: 0.4, eventLoopDelay: 0.0015 }),
  readDisk: () => ({ freeBytes: 2e10, sizeBytes: 6.4e10 }),
};

export const deviceOptions: DeviceAgentOptions = {
  device: 'd1',
  agentVersion: '0.1.0',
  groups: () => ['north'],
  metricsEverySeconds: 10,
  outboxBytes: 1_000_000,
  probationSeconds: 30,
  willDelaySeconds: 5,
};

/** One run of the agent: when it ends, its timers and its disk calls end with it. */
class Life {
  readonly #cancels = new Set<Cancel>();
  #over = false;

  end(): void {
    this.#over = true;
    for (const cancel of this.#cancels) cancel();
  }

  clock(clock: Clock): Clock {
    const kept = (cancel: Cancel): Cancel => {
      this.#cancels.add(cancel);
      return cancel;
    };
    return {
      wallMs: () => clock.wallMs(),
      wallNs: () => clock.wallNs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, run) => kept(this.#over ? () => {} : clock.after(delayMs, run)),
      every: (periodMs, run) => kept(this.#over ? () => {} : clock.every(periodMs, run)),
    };
  }

  /** After the end a call is never answered and does nothing. */
  disk<T extends object>(store: T): T {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => (this.#over ? new Promise(() => {}) : member.apply(target, args));
      },
    });
  }
}

/** A whole device with a disk that survives `kill`, in front of a fake broker. */
export class FakeDevice {
  readonly memory = new FakeMemoryStore();
  readonly outbox = new FakeOutboxStore();
  readonly models = new FakeModels();
  readonly broker: FakeBroker;
  readonly clock: FakeClock;
  readonly detectors: FakeDetector[] = [];
  log: Log = silentLog;
  random = () => 0.5;
  /** Whatever the disk says was committed. */
  startsWith: DesiredModel | undefined;
  onCreate: (bundle: Bundle, signal: AbortSignal) => Promise<void> = async () => {};
  onCheck: (bundle: Bundle) => Promise<void> = async () => {};
  /** Whether what was made was built by another device, and is set aside now. */
  onSetAside: (reason: string) => Promise<boolean> = async () => false;
  /** Digests of what served when a deployment had ended. */
  readonly settled: string[] = [];
  /** Slots that are gone, in order. */
  readonly removed: string[] = [];
  /** Models of slots that the device's own settings name. */
  readonly local = new Map<string, DesiredModel>();
  /** A slot whose model the next start can't bring up. */
  lose: string | undefined;
  /** Memory that a model may still take. */
  freeMemoryBytes: number | undefined;
  /** In place of fake detectors. */
  factory: DetectorFactory | undefined;
  drift: DriftHost | undefined;
  safety: SafetyCheck | undefined;
  /** Absent: it runs whatever it is told to. */
  trust: TrustGate | undefined;
  /** Absent: the device does not ask over MQTT. */
  updates: AgentParts['updates'] | undefined;
  budget: BudgetHost | undefined;
  sums: SumMember | undefined;
  /** Absent: there is no robot. */
  robot: RobotHost | undefined;
  transport!: FakeTransport;
  pipeline!: FakePipeline;
  agent!: DeviceAgent;
  #ids = 0;
  #life = new Life();

  readonly id: string;

  constructor(broker: FakeBroker, clock: FakeClock, id = 'd1') {
    this.broker = broker;
    this.clock = clock;
    this.id = id;
  }

  /** Starts with the model that the disk says was committed, or `a`. */
  async start(options: Partial<DeviceAgentOptions> = {}): Promise<DeviceAgent> {
    this.#life = new Life();
    const life = this.#life;
    const { slots = {} } = (this.memory.stored ?? {}) as Partial<AgentState>;
    const { digest, version } = this.startsWith ?? slots.main?.committed ?? modelOf('a');
    const detector = new FakeDetector(digest, version);
    this.pipeline = new FakePipeline(detector);
    const detectors = new Map([['main', detector]]);
    for (const [slot, one] of Object.entries(slots)) {
      if (one.committed === undefined || one.desired === undefined || slot === 'main' || slot === this.lose)
        continue;
      detectors.set(slot, new FakeDetector(one.committed.digest, one.committed.version));
      this.pipeline.addSlot(slot, detectors.get(slot)!);
    }
    for (const [slot, { digest: own, version: of }] of this.local) {
      if (detectors.has(slot)) continue;
      detectors.set(slot, new FakeDetector(own, of));
      this.pipeline.addSlot(slot, detectors.get(slot)!);
    }
    this.detectors.push(...detectors.values());
    const factory: DetectorFactory = this.factory ?? {
      create: async (bundle, _progress, signal) => {
        await this.onCreate(bundle, signal);
        const made = new FakeDetector(bundle.digest, bundle.manifest.version);
        this.detectors.push(made);
        return made;
      },
      setAside: (_bundle, reason) => this.onSetAside(reason),
      settled: ({ digest }) => this.settled.push(digest),
    };
    this.agent = await DeviceAgent.start(
      { ...deviceOptions, device: this.id, ...options },
      {
        clock: life.clock(this.clock),
        log: this.log,
        random: () => this.random(),
        newId: () => `event-${String(++this.#ids).padStart(6, '0')}`,
        transport: (will) => {
          this.transport = new FakeTransport(this.broker, this.id, will);
          return this.transport;
        },
        memory: life.disk<AgentStateStorage>(this.memory),
        outbox: life.disk<OutboxStore>(this.outbox),
        machine: { ...machine, freeMemoryBytes: () => this.freeMemoryBytes },
        deployment: {
          models: this.models,
          factory: () => factory,
          onSlotRemoved: (slot) => this.removed.push(slot),
          check: { check: (bundle) => this.onCheck(bundle) },
          ...defined({ trust: this.trust, safety: this.safety }),
        },
        parts: defined({
          ...{ drift: this.drift, budget: this.budget, sums: this.sums, robot: this.robot },
          updates: this.updates,
        }),
      },
      { pipeline: this.pipeline, detectors },
    );
    await settle();
    return this.agent;
  }

  /** SIGKILL or a power cut: what is not on the disk is gone; nobody says goodbye. */
  kill(): void {
    this.#life.end();
    this.transport.cut(1e12);
  }

  /** Everything that arrived on one topic. */
  sent<K extends PayloadKind>(kind: K): PayloadOf<K>[] {
    const topic = `goshawk/1/${this.id}/${kind}`;
    return this.broker.log
      .filter((message) => message.topic === topic)
      .map((message) => decodePayload(kind, message.payload, topic));
  }

  events(): DeviceEvent[] {
    return this.sent('events');
  }

  batches(): MetricsBatch[] {
    return this.sent('metrics');
  }

  order(desired: object): void {
    this.broker.publish('controller', {
      topic: topics.desired(this.id),
      payload: new TextEncoder().encode(JSON.stringify(desired)),
      qos: 1,
      retain: true,
    });
  }
}

/** Acknowledges everything as a controller does, as long as it `commits`, and keeps what it has seen. */
export class FakeController {
  readonly #broker: FakeBroker;
  #calls = 0;
  commits = true;
  readonly transport: FakeTransport;
  readonly eventIds: string[] = [];
  readonly responses: unknown[] = [];

  constructor(broker: FakeBroker) {
    this.#broker = broker;
    this.transport = new FakeTransport(broker, 'controller');
    this.transport.subscribe('goshawk/1/#', 1);
    this.transport.onMessage(({ topic, payload }) => {
      if (topic.endsWith('/response')) this.responses.push(JSON.parse(new TextDecoder().decode(payload)));
      if (topic.endsWith('/events')) {
        const { id, entry } = decodePayload('events', payload, topic);
        if (!this.eventIds.includes(id)) this.eventIds.push(id);
        this.#ack(entry);
      }
      if (topic.endsWith('/metrics')) this.#ack(decodePayload('metrics', payload, topic).entry);
    });
    this.transport.start();
  }

  /** `number`: the same one again is what a broker delivers twice. */
  call(
    method: string,
    request: unknown,
    responseTopic: string | undefined = topics.response('d1'),
    number = ++this.#calls,
  ): void {
    this.#broker.publish('controller', {
      topic: topics.call('d1', method),
      payload: new TextEncoder().encode(JSON.stringify(request)),
      qos: 1,
      retain: false,
      correlationData: Uint8Array.from([number >> 8, number & 255]),
      ...(responseTopic === undefined ? {} : { responseTopic }),
    });
  }

  #ack(entry: number): void {
    if (this.commits) this.call('ack', { entries: [entry] }, undefined);
  }
}
