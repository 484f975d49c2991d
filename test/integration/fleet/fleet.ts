import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceDetail, FleetEvent } from '../../../src/api/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import type { Bundle } from '../../../src/model/index.ts';
import { FleetClient } from '../../../src/runtime/fleet/client.ts';
import { noProgress } from '../../../src/runtime/progress.ts';
import { pushModel } from '../../../src/workbench/artifact/push-model.ts';
import { freePort } from '../../contract/brokers.ts';
import { ended, pictureFolder, type Ran, start } from '../goshawk.ts';
import type { BrokerAccess, BrokerKind, FleetBroker } from './brokers.ts';
import { bundleIn } from './models.ts';
import { eventually, Program } from './program.ts';

export interface AgentOptions {
  /** Name at the broker, and the device id. */
  readonly device: string;
  readonly groups?: readonly string[];
  readonly broker?: BrokerAccess;
  /** Where it fetches models; the controller's by default. */
  readonly registry?: string;
  /** Folder of pictures; sound ones by default. */
  readonly pictures?: string;
  /** Of the folder; many models refuse to begin with. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * Broker, `goshawk controller` and any number of `goshawk agent`, each a process of its own with accounts, tokens and
 * disks of its own. The broker is not started by `open`: some tests want to see what happens without.
 */
export class TestFleet {
  readonly folder: string;
  readonly broker: FleetBroker;
  /** What every device begins with. */
  readonly model: Bundle;
  readonly #pictures: string;
  readonly #port: number;
  readonly #programs: Program[] = [];
  #controller: Program | undefined;

  private constructor(folder: string, broker: FleetBroker, model: Bundle, pictures: string, port: number) {
    this.folder = folder;
    this.broker = broker;
    this.model = model;
    this.#pictures = pictures;
    this.#port = port;
  }

  static async open(kind: BrokerKind): Promise<TestFleet> {
    const folder = mkdtempSync(join(tmpdir(), 'goshawk-fleet-'));
    const broker = kind.make(folder);
    const model = await bundleIn(folder, '1.0.0');
    return new TestFleet(folder, broker, model, await pictureFolder(folder, 3), await freePort());
  }

  /** Ends everything, the hard way where needed, and leaves nothing. */
  async close(): Promise<void> {
    await this.stopPrograms();
    await this.broker.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** All but the broker. */
  async stopPrograms(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.end('SIGKILL')));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get controllerFolder(): string {
    return join(this.folder, 'controller');
  }

  get adminToken(): string {
    return readFileSync(join(this.controllerFolder, 'admin.token'), 'utf8').trim();
  }

  get client(): FleetClient {
    return new FleetClient({ url: this.url, token: this.adminToken });
  }

  get controller(): Program {
    if (this.#controller === undefined) throw new Error('The controller was not started.');
    return this.#controller;
  }

  startController(settings: Readonly<Record<string, unknown>> = {}): Promise<Program> {
    return this.leads(this.launchController(settings));
  }

  /** One with the same files, which stands by where another has the database. */
  launchController(settings: Readonly<Record<string, unknown>> = {}): Program {
    const config = this.#write('controller.json', {
      dataDir: this.controllerFolder,
      broker: this.broker.access('controller'),
      http: { port: this.#port },
      ...settings,
    });
    return this.#keep(Program.goshawk('controller', '--config', config));
  }

  /** Resolves when it has started; it is the controller from now on. */
  async leads(program: Program): Promise<Program> {
    this.#controller = program;
    await program.line('started');
    return program;
  }

  deviceFolder(device: string): string {
    return join(this.folder, `data-${device}`);
  }

  /** Resolves when it perceives; with the session it is in. */
  async startAgent(options: AgentOptions): Promise<Program> {
    const { device, broker = this.broker.access(device), groups = [], pictures = this.#pictures } = options;
    const { registry = this.url } = options;
    const config = this.#write(`${device}.json`, {
      device,
      groups,
      broker,
      dataDir: this.deviceFolder(device),
      model: this.model.location,
      engine: 'onnxruntime-node',
      cameras: { front: { source: pictures, fps: 8 } },
      metricsEverySeconds: 1,
      probationSeconds: 2,
      ...(this.#controller === undefined
        ? {}
        : { artifacts: { tokenFile: await this.#deviceToken(), registry } }),
      ...options.settings,
    });
    const agent = this.#keep(Program.goshawk('agent', '--config', config));
    await agent.line('started');
    return agent;
  }

  /** `goshawk ...` as an administrator types it. */
  command(...args: readonly string[]): Promise<Ran> {
    return ended(start(...args, '--url', this.url, '--token', this.adminToken, '--json'));
  }

  /** Brings a bundle to the controller, as `goshawk model push` does. */
  async push(folder: string): Promise<void> {
    const stop = new AbortController();
    const ports = { log: silentLog, startProgress: noProgress, signal: stop.signal };
    await pushModel(folder, undefined, { url: this.url, token: this.adminToken }, ports);
  }

  device(id: string): Promise<DeviceDetail> {
    return this.client.call('GET /devices/:id', { params: { id } });
  }

  async online(id: string): Promise<void> {
    await eventually(`${id} is online`, async () => (await this.device(id)).summary.online);
  }

  /** Every event of a device that the controller has, page by page. */
  async events(id: string): Promise<FleetEvent[]> {
    const all: FleetEvent[] = [];
    let before: number | undefined;
    do {
      const query = { limit: 200, before };
      const page = await this.client.call('GET /devices/:id/events', { params: { id }, query });
      all.push(...page.events);
      before = page.next;
    } while (before !== undefined);
    return all;
  }

  /** A folder with two sound pictures around a torn one: each time round a fault and a recovery, which are events. */
  tornPictures(): string {
    const folder = join(this.folder, 'torn');
    mkdirSync(folder, { recursive: true });
    const sound = readFileSync(join(this.#pictures, '0.png'));
    for (const [name, bytes] of [
      ['0.png', sound],
      ['1.png', sound.subarray(0, sound.length / 2)],
      ['2.png', sound],
    ] as const)
      writeFileSync(join(folder, name), bytes);
    return folder;
  }

  async #deviceToken(): Promise<string> {
    const file = join(this.folder, 'device.token');
    const body = { name: 'devices', role: 'device' } as const;
    const { token } = await this.client.call('POST /tokens', { body });
    writeFileSync(file, token, { mode: 0o600 });
    return file;
  }

  #keep(program: Program): Program {
    this.#programs.push(program);
    return program;
  }

  #write(name: string, value: unknown): string {
    const path = join(this.folder, name);
    writeFileSync(path, JSON.stringify(value), { mode: 0o600 });
    return path;
  }
}
