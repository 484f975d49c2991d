import type { BrowserContextOptions, Page } from 'playwright-core';
import { nodeSecrets } from '../../src/adapters/crypto/node-secrets.ts';
import { FleetServer, type FleetServerOptions } from '../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { FileKeyStore } from '../../src/adapters/x509/index.ts';
import type { Role } from '../../src/api/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FleetController, type FleetControllerPorts } from '../../src/controller/index.ts';
import { formatManifest } from '../../src/model/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import {
  type Birth,
  type Desired,
  decodeMessage,
  encodePayload,
  type Message,
  type Reported,
  topics,
} from '../../src/protocol/index.ts';
import { driftData, driftStatus, frozen } from '../fakes/drift-events.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { drawPreview } from '../fakes/fake-picture.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { FastClock } from '../fakes/fast-clock.ts';
import { admin, birth, slot } from '../fakes/test-fleet.ts';
import { pushBundle } from '../fixtures/push-bundle.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import type { dashboardBrowser } from './browser.ts';

export interface LiveDevice {
  readonly id: string;
  readonly groups?: readonly string[];
  /** Since when its camera shows the same picture again and again. */
  readonly frozenSinceMs?: number;
}

/** What devices answer, by method of the call, and what of their reports is other than usual. */
export interface Work {
  readonly answers?: Readonly<Record<string, (device: string, request: never) => unknown>>;
  readonly reported?: (device: string, desired: Desired | undefined) => Partial<Reported>;
  readonly ports?: Partial<FleetControllerPorts>;
  readonly map?: FleetServerOptions['map'];
  /** How much faster its clock runs, 20 by default: alerts come sooner, and devices have less time to answer. */
  readonly speed?: number;
}

/** The dashboard of a real controller, with devices that report, send pictures and may be blind. */
export class LiveFleet {
  readonly controller: FleetController;
  readonly #devices: FakeTransport;
  readonly #members: readonly LiveDevice[];
  readonly #work: Work;
  readonly #desired = new Map<string, Desired>();
  readonly #clock: FastClock;
  #server: FleetServer | undefined;
  #beat: NodeJS.Timeout | undefined;
  #address = '';
  #sequence = 0;
  /** A picture that is still drawn is sent before the devices leave. */
  #sending = Promise.resolve();
  #isLeaving = false;

  constructor(members: readonly LiveDevice[], work: Work = {}) {
    this.#members = members;
    this.#work = work;
    this.#clock = new FastClock(work.speed ?? 20);
    const broker = new FakeBroker(this.#clock);
    this.#devices = new FakeTransport(broker, 'devices');
    this.controller = new FleetController(
      {
        ...{ clock: this.#clock, log: silentLog, store: new FakeStore(), secrets: nodeSecrets },
        ...{ transport: new FakeTransport(broker, 'controller'), artifacts: fakeArtifacts() },
        ...work.ports,
      },
      { usualRules: true },
    );
  }

  async start(dashboard: string): Promise<void> {
    const { controller } = this;
    await controller.start();
    this.#server = new FleetServer(
      { controller, metrics: new FleetMetrics(controller), clock: this.#clock, log: silentLog },
      {
        host: '127.0.0.1',
        port: 0,
        dashboard,
        version: '0.0.0',
        ...(this.#work.map && { map: this.#work.map }),
      },
    );
    this.#address = await this.#server.listen();
    this.#devices.onMessage((message) => {
      const decoded = decodeMessage(message.topic, message.payload);
      if (decoded.kind === 'desired') this.#desired.set(decoded.device, decoded.payload);
      else if (decoded.kind === 'call' && decoded.method === 'preview' && !this.#isLeaving)
        this.#sending = this.#sending.then(() => this.#sendPicture(decoded.device, decoded.payload.camera));
      else if (decoded.kind === 'call')
        void this.#answer(decoded.device, decoded.method, decoded.payload, message);
    });
    this.#devices.subscribe('goshawk/1/+/call/#', 1);
    this.#devices.subscribe('goshawk/1/+/desired', 1);
    this.#devices.start();
    await new Promise<void>((resolve) => {
      const seen = () => this.#devices.status().state === 'online' && resolve();
      this.#devices.onStatus(seen);
      seen();
    });
    for (const one of this.#members) await this.#appear(one);
    this.#beat = setInterval(() => this.#report(), 250);
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    this.#isLeaving = true;
    await this.#sending;
    await this.#devices.close();
    await this.#server?.close();
    await this.controller.close();
  }

  get address(): string {
    return this.#address;
  }

  /** A page, signed in with a token of its own. */
  async open(
    browser: ReturnType<typeof dashboardBrowser>,
    path: string,
    role: Role,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<void> = async () => {},
  ): Promise<{ readonly page: Page; readonly faults: string[] }> {
    const { token } = await this.controller.access.createToken(admin, { name: `${role} of the test`, role });
    const opened = await browser.open({ viewport: { width: 1440, height: 900 }, ...options });
    await prepare(opened.page);
    await opened.page.goto(`${this.#address}/#token=${token}&to=${encodeURIComponent(path)}`);
    return opened;
  }

  /** A version of the model `street`, complete. */
  async pushModel(version: string): Promise<void> {
    const content = `tiny ${version}`;
    const path = 'onnx/fp32.onnx';
    const file = { path, digest: digestOf(Buffer.from(content)), size: content.length };
    const manifest = tinyManifest({ name: 'street', version, variants: [{ kind: 'fp32', file }] });
    const json = Buffer.from(formatManifest(manifest));
    await pushBundle(this.controller, admin, json, { [path]: Buffer.from(content) });
  }

  /** Gives a device a certificate, as an admin who approves it. */
  async enrol(device: string, keyFile: string): Promise<void> {
    const { claims, enrolments } = this.controller.enrolment;
    const { id: claim } = await claims.create(admin, { name: `for ${device}` });
    const keys = new FileKeyStore(keyFile);
    await keys.ensure();
    await enrolments.enrol(claim, { csr: await keys.request({ device }), address: '10.0.0.4' });
    for (const { id, device: asks } of enrolments.list().enrolments)
      if (asks === device) await enrolments.approve(admin, id);
  }

  async publish(topic: string, payload: Uint8Array, retain = false): Promise<void> {
    await this.#devices.publish({ topic, payload, qos: 1, retain, contentType: 'application/json' });
  }

  async #appear({ id, groups = [], frozenSinceMs }: LiveDevice): Promise<void> {
    const born: Birth = { ...birth, groups: [...groups], timeMs: Date.now() };
    await this.publish(topics.state(id), encodePayload('state', born), true);
    if (frozenSinceMs === undefined) return;
    await this.publish(
      topics.events(id),
      encodePayload('events', {
        ...{ id: 'event-0001', entry: 9000, session: 1, timeMs: frozenSinceMs, camera: 'front' },
        ...{ kind: 'drift.alarm', severity: 'error', message: 'sensor fault: frozen' },
        data: { ...driftData(frozen, 60) },
      }),
    );
  }

  #report(): void {
    const sequence = this.#sequence++;
    for (const { id, frozenSinceMs } of this.#members) {
      const samples: [number, number, number][] = [[this.#clock.wallMs(), 1, 29]];
      const batch = { session: 1, sequence, entry: sequence, historical: false, samples };
      void this.publish(topics.metrics(id), encodePayload('metrics', batch));
      if (sequence % 8 !== 0) continue;
      const incident =
        frozenSinceMs === undefined
          ? {}
          : { incident: { number: 1, verdict: frozen, sinceMs: frozenSinceMs, grade: 'alarm' as const } };
      const reported: Reported = {
        ...{ generation: 0, session: 1, timeMs: this.#clock.wallMs(), pipelines: {} },
        slots: { main: slot() },
        cameras: { front: { targetFps: 30 } },
        drift: { front: driftStatus(incident) },
        ...this.#work.reported?.(id, this.#desired.get(id)),
      };
      void this.publish(topics.reported(id), encodePayload('reported', reported), true);
    }
  }

  async #answer(id: string, method: string, request: unknown, message: Message): Promise<void> {
    const { responseTopic, correlationData } = message;
    const answer = this.#work.answers?.[method];
    if (answer === undefined || responseTopic === undefined || correlationData === undefined) return;
    const payload = encodePayload('response', { ok: true, result: await answer(id, request as never) });
    const contentType = 'application/json';
    await this.#devices.publish({
      ...{ topic: responseTopic, payload, qos: 1, retain: false, contentType, correlationData },
    });
  }

  async #sendPicture(id: string, camera: string): Promise<void> {
    const { jpeg, ...frame } = await drawPreview(this.#clock.wallMs(), { name: 'street', version: '1.0.0' });
    const bytes = new Uint8Array(Buffer.from(jpeg, 'base64'));
    await this.publish(topics.preview(id, camera), encodePayload('preview', { ...frame, jpeg: bytes }));
  }
}
