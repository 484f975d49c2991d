import { nodeSecrets } from '../../src/adapters/crypto/node-secrets.ts';
import { silentLog } from '../../src/base/index.ts';
import {
  type AlertChannels,
  type Caller,
  FleetController,
  type FleetControllerOptions,
  type SecretBox,
} from '../../src/controller/index.ts';
import {
  type Birth,
  type DeviceEvent,
  decodeCall,
  encodePayload,
  type Message,
  type MetricsBatch,
  metricNames,
  type Reported,
  type ReportedSlot,
  topics,
} from '../../src/protocol/index.ts';
import { FakeAlertChannel } from './fake-alert-channel.ts';
import { fakeArtifacts } from './fake-artifacts.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { FakeReferences } from './fake-references.ts';
import { FakeStore } from './fake-store.ts';
import { FakeBroker, FakeTransport } from './fake-transport.ts';

export const digest = `sha256:${'a'.repeat(64)}`;
export const otherDigest = `sha256:${'b'.repeat(64)}`;
export const admin: Caller = { tokenId: 't1', name: 'ann', role: 'admin' };

/** An controller with everything around it in memory, and a device that a test plays. */
export class TestFleet {
  readonly clock = new FakeClock();
  readonly broker = new FakeBroker(this.clock);
  readonly store: FakeStore;
  readonly webhooks = new FakeAlertChannel();
  readonly alertChannels: AlertChannels = {
    ...{ webhook: this.webhooks, slack: this.webhooks },
    ...{ alertmanager: this.webhooks, pagerduty: this.webhooks },
  };
  /** Of the next life of the controller, where it is set. */
  artifacts = fakeArtifacts();
  readonly references = new FakeReferences();
  /** Of the next life of the controller. */
  secretBox: SecretBox | undefined;
  controller: FleetController;
  transport: FakeTransport;
  readonly device: FakeTransport;
  readonly calls: { device: string; method: string; message: Message }[] = [];

  private constructor(store: FakeStore, options: FleetControllerOptions) {
    this.store = store;
    this.device = new FakeTransport(this.broker, 'devices');
    this.transport = new FakeTransport(this.broker, 'controller');
    this.controller = this.#controller(options);
    this.device.onMessage((message) => {
      const [, , device, kind, method] = message.topic.split('/');
      if (kind === 'call' && device !== undefined && method !== undefined)
        this.calls.push({ device, method, message });
    });
    this.device.subscribe('goshawk/1/+/call/#', 1);
    this.device.subscribe('goshawk/1/+/desired', 1);
  }

  static async open(options: FleetControllerOptions = {}, store = new FakeStore()): Promise<TestFleet> {
    const fleet = new TestFleet(store, options);
    fleet.device.start();
    await fleet.controller.start();
    await fleet.clock.pass(3_000);
    return fleet;
  }

  /** Another life of the controller on the same disk and broker. */
  async restart(options: FleetControllerOptions = {}): Promise<void> {
    await this.stop();
    this.store.reopen();
    this.transport = new FakeTransport(this.broker, 'controller');
    this.controller = this.#controller(options);
    await this.controller.start();
    await this.clock.pass(3_000);
  }

  async stop(): Promise<void> {
    const closing = this.controller.close();
    await this.clock.pass(0);
    await closing;
  }

  async send(topic: string, payload: Uint8Array, retain = false): Promise<void> {
    await this.device.publish({ topic, payload, qos: 1, retain, contentType: 'application/json' });
  }

  async birth(id: string, change: Partial<Birth> = {}): Promise<void> {
    await this.send(topics.state(id), encodePayload('state', { ...birth, ...change }), true);
  }

  async metrics(id: string, change: Partial<MetricsBatch> = {}): Promise<void> {
    const batch = {
      session: 1,
      sequence: 0,
      entry: 0,
      historical: false,
      samples: [[this.clock.wallMs(), 1, 30]] as MetricsBatch['samples'],
      ...change,
    };
    await this.send(topics.metrics(id), encodePayload('metrics', batch));
  }

  async event(id: string, change: Partial<DeviceEvent> = {}): Promise<void> {
    const event: DeviceEvent = {
      id: 'event-0001',
      entry: 1,
      session: 1,
      timeMs: this.clock.wallMs(),
      kind: 'camera.lost',
      severity: 'error',
      message: 'The camera is gone.',
      ...change,
    };
    await this.send(topics.events(id), encodePayload('events', event));
  }

  async reported(id: string, change: Partial<Reported> = {}): Promise<void> {
    const reported: Reported = {
      generation: 0,
      session: 1,
      timeMs: this.clock.wallMs(),
      slots: {},
      pipelines: {},
      ...change,
    };
    await this.send(topics.reported(id), encodePayload('reported', reported), true);
  }

  /** Entries acknowledged so far. */
  acked(id: string): number[] {
    return this.calls
      .filter((call) => call.device === id && call.method === 'ack')
      .flatMap(({ message }) => decodeCall('ack', message.payload, message.topic).entries);
  }

  count(id: string, method: string): number {
    return this.calls.filter((call) => call.device === id && call.method === method).length;
  }

  settle(): Promise<void> {
    return settle();
  }

  #controller(options: FleetControllerOptions): FleetController {
    const { store, clock, transport, alertChannels } = this;
    const ports = {
      store,
      clock,
      alertChannels,
      transport,
      log: silentLog,
      secrets: nodeSecrets,
      artifacts: this.artifacts,
      references: this.references,
      ...(this.secretBox === undefined ? {} : { secretBox: this.secretBox }),
    };
    return new FleetController(ports, options);
  }
}

export const birth: Birth = {
  online: true,
  session: 1,
  timeMs: 1_790_000_000_000,
  startedMs: 1_790_000_000_000,
  reportsEverySeconds: 10,
  agentVersion: '0.1.0',
  board: { name: 'test board', arch: 'x64', os: 'linux', cores: 2, memoryBytes: 1e9 },
  cameras: ['front'],
  catalogue: [
    { alias: 1, name: metricNames.fps, unit: '1', kind: 'gauge', labels: { camera: 'front' } },
    { alias: 2, name: metricNames.latency, unit: 'seconds', kind: 'histogram', labels: { camera: 'front' } },
    { alias: 3, name: metricNames.temperature, unit: 'celsius', kind: 'gauge', labels: { zone: 'gpu' } },
  ],
};

export const loaded = {
  name: 'street',
  version: '1.0.0',
  digest,
  engine: 'onnxruntime-node',
  precision: 'fp32',
};

/** A slot that runs `loaded` on the camera of `birth`. */
export function slot(change: Partial<ReportedSlot> = {}): ReportedSlot {
  return { deployment: { state: 'committed' }, loaded, role: 'serve', cameras: ['front'], ...change };
}
