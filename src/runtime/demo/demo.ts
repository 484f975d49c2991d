import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../adapters/aedes/index.ts';
import { authorityExists, authorityFiles } from '../../adapters/x509/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { metricNames } from '../../protocol/index.ts';
import {
  adminTokenFile,
  createSystemToken,
  ensureFirstToken,
  systemCaller,
} from '../controller/first-token.ts';
import { controllerClientId, type RunningController, startController } from '../controller/start.ts';
import type { AgentSummary } from '../device/summary.ts';
import { issueCertificate, makeAuthority } from '../enrolment-authority.ts';
import { FleetClient } from '../fleet/client.ts';
import { freePort } from '../free-port.ts';
import { AgentSettings } from '../settings/agent.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { checkSettings } from '../settings/read.ts';
import { DeviceProcess } from './device-process.ts';
import { type KeptPorts, keptPorts } from './kept-ports.ts';
import { demoProblems } from './verdict.ts';

/** The two devices of the demo, each with a street of its own. */
const devices = [
  { id: 'gate-north', camera: 'north', seed: 11 },
  { id: 'gate-south', camera: 'south', seed: 23 },
] as const;

const framesPerSecond = 15;
/** Of broker and controller; every start issues them anew. */
const certificateDays = 30;
/** Long enough to see the camera in order first. */
const scenarioAfter = '15s';

export interface DemoOptions {
  /** Port of the dashboard; another free one is taken when it is in use. */
  readonly port: number;
  /** Bundle folder of the model that the devices begin with. */
  readonly model: string;
  /** Other bundles that the controller offers. */
  readonly offered: readonly string[];
  /** Weather or fault of the second device's camera, e.g. `frozen`, some seconds after the start. */
  readonly scenario?: string;
  /** Keeps everything there; without it the demo leaves nothing behind. */
  readonly dataDir?: string;
  /** Program and arguments that `--config FILE ...` is added to: `goshawk agent`. */
  readonly agentCommand: readonly string[];
  readonly push: PushBundle;
}

/** Pushes the bundle of a folder to a controller. */
export type PushBundle = (
  folder: string,
  controller: { readonly url: string; readonly token: string },
) => Promise<unknown>;

export interface DemoStatus {
  readonly online: number;
  readonly framesPerSecond: number;
  readonly messages: number;
}

export interface DemoReport {
  readonly devices: readonly (AgentSummary & {
    readonly framesKnownToController: number;
    readonly ok: boolean;
  })[];
  readonly controller: {
    readonly messagesReceived: number;
    readonly sequenceGaps: number;
    readonly malformed: number;
    readonly devicesOnline: number;
  };
  /** True only if every device perceived and the controller received metrics of each. */
  readonly ok: boolean;
  /** Why it is not ok, a sentence each. */
  readonly problems: readonly string[];
}

/** Broker, controller and two devices on this machine, with accounts as in a real fleet. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #ports: { readonly clock: Clock; readonly log: Log };
  #folder = '';
  /** PEM file of the root. */
  #ca = '';
  #broker: Broker | undefined;
  #controller: RunningController | undefined;
  #devices: DeviceProcess[] = [];
  #token = '';

  constructor(options: DemoOptions, ports: { readonly clock: Clock; readonly log: Log }) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Where the dashboard is, with an operator's token in the fragment, which no server sees. */
  get dashboardUrl(): string {
    return `${this.#controller?.url ?? ''}/#token=${this.#token}`;
  }

  get controllerUrl(): string {
    return this.#controller?.url ?? '';
  }

  get token(): string {
    return this.#token;
  }

  /** Undefined in a folder that was kept without it. */
  get adminTokenFile(): string | undefined {
    const file = adminTokenFile(join(this.#folder, 'controller'));
    return existsSync(file) ? file : undefined;
  }

  /** The port that was wanted, where another had to be taken. */
  get portInUse(): number | undefined {
    const { port } = this.#options;
    return port === 0 || new URL(this.controllerUrl).port === String(port) ? undefined : port;
  }

  /** Broker, controller, models, devices, in this order. */
  async start(): Promise<void> {
    const { dataDir } = this.#options;
    if (dataDir !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 });
    this.#folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'goshawk-demo-')));
    const ports = await keptPorts(this.#folder);
    await this.#startBroker(ports);
    await this.#startController(ports);
    await this.#claim();
    for (const device of devices) this.#devices.push(await this.#device(device));
    await Promise.all(this.#devices.map((device) => device.start()));
  }

  /** As in a real fleet: an authority, a broker that knows everybody by its certificates, and one of them for the controller. */
  async #startBroker({ broker: port }: KeptPorts): Promise<void> {
    const dir = join(this.#folder, 'controller', 'ca');
    const rootDir = join(this.#folder, 'root');
    if (!(await authorityExists(dir))) await makeAuthority({ dir, rootDir, name: 'demo' });
    const issue = { dir, days: certificateDays, out: join(this.#folder, 'certificates') };
    const server = await issueCertificate({ ...issue, as: 'server', names: ['127.0.0.1'], file: 'broker' });
    const names = [controllerClientId];
    await issueCertificate({ ...issue, as: 'client', names, file: controllerClientId });
    this.#ca = join(dir, authorityFiles.root);
    this.#broker = await startBroker({
      ...{ port, log: this.#ports.log, controllerNames: names },
      tls: {
        ...{ cert: await readFile(server.certFile), key: await readFile(server.keyFile) },
        ca: await readFile(this.#ca),
      },
      isRevoked: (one) => this.#controller?.controller.enrolment.revocations.isRevoked(one) ?? false,
    });
  }

  async #startController({ devices: devicesPort }: KeptPorts): Promise<void> {
    const port = await freePort(this.#options.port);
    const settings = checkSettings(
      ControllerSettings,
      {
        dataDir: join(this.#folder, 'controller'),
        broker: {
          ...this.#brokerSettings(),
          certFile: join(this.#folder, 'certificates', `${controllerClientId}.crt`),
          keyFile: join(this.#folder, 'certificates', `${controllerClientId}.key`),
        },
        http: { host: '127.0.0.1', port },
        // Whoever clicks Add can bring a device of this computer.
        // Keys that this computer makes itself: the way of a signed fleet, without an owner.
        trust: { mode: 'throw-away' },
        devices: { names: ['127.0.0.1'], host: '127.0.0.1', port: devicesPort },
      },
      'demo',
    );
    this.#controller = await startController(settings, this.#ports);
    const { controller, url } = this.#controller;
    // An address is copied and shown to others: what only an admin may do needs the token in the file.
    await ensureFirstToken(controller, settings.dataDir);
    this.#token = (await createSystemToken(controller, { name: 'demo', role: 'operator' })).token;
    await this.#offerModels(url);
  }

  /** The two devices come as any other does. One that has its certificate from the last time needs no claim. */
  async #claim(): Promise<void> {
    const { claims } = this.#controller!.controller.enrolment;
    const request = { name: 'demo', count: devices.length, days: 1 };
    const { claim } = await claims.create(systemCaller, request);
    await writeFile(this.#claimFile, `${claim}\n`, { mode: 0o600 });
  }

  get #claimFile(): string {
    return join(this.#folder, 'claim.token');
  }

  async #offerModels(url: string): Promise<void> {
    const { push, model, offered } = this.#options;
    for (const folder of [model, ...offered]) await push(folder, { url, token: this.#token });
  }

  async #device({ id, camera, seed }: (typeof devices)[number]): Promise<DeviceProcess> {
    const settings = checkSettings(
      AgentSettings,
      {
        device: id,
        groups: ['demo'],
        dataDir: join(this.#folder, id),
        // The broker, and the root of what is signed, are told to a member.
        enrolment: { claimFile: this.#claimFile },
        trust: { mode: 'throw-away' },
        model: this.#options.model,
        cameras: { [camera]: { source: this.#source(id), fps: framesPerSecond, seed } },
        metricsEverySeconds: 2,
        probationSeconds: 10,
      },
      'demo',
    );
    const config = join(this.#folder, `${id}.json`);
    await writeFile(config, JSON.stringify(settings, null, 2), { mode: 0o600 });
    return new DeviceProcess(id, [
      ...this.#options.agentCommand,
      ...['--config', config, '--json', '--log', 'warn'],
    ]);
  }

  /** What the devices do now, for a status line. */
  status(): DemoStatus {
    const fleet = this.#controller?.controller.summary.current();
    return {
      online: fleet?.online ?? 0,
      framesPerSecond: fleet?.fps ?? 0,
      messages: fleet?.messagesReceived ?? 0,
    };
  }

  /** The devices that ended by themselves, with the end of their log. */
  failures(): readonly string[] {
    return this.#devices.filter(({ alive }) => !alive).map(({ device, logTail }) => `${device}: ${logTail}`);
  }

  /** Devices first, so that their goodbyes arrive; then the controller, then the broker. */
  async stop(): Promise<DemoReport> {
    const devicesOnline = this.#controller?.controller.summary.current().online ?? 0;
    const summaries = await Promise.all(this.#devices.map((device) => device.stop()));
    await this.#controller?.controller.flush();
    const outcomes = await Promise.all(
      this.#devices.map(async ({ device, logTail }, index) => ({
        device,
        summary: summaries[index],
        framesKnown: await this.#framesKnown(device).catch(() => 0),
        modelProblem: await this.#modelProblem(device).catch(() => undefined),
        lastWords: logTail,
      })),
    );
    const fleet = this.#controller?.controller.summary.current();
    await this.#controller?.close();
    await this.#broker?.close();
    if (this.#options.dataDir === undefined) await rm(this.#folder, { recursive: true, force: true });
    const problems = demoProblems(outcomes);
    const reported = outcomes.flatMap((outcome) =>
      outcome.summary === undefined
        ? []
        : [
            {
              ...outcome.summary,
              ok: demoProblems([outcome]).length === 0,
              framesKnownToController: outcome.framesKnown,
            },
          ],
    );
    return {
      devices: reported,
      controller: {
        messagesReceived: fleet?.messagesReceived ?? 0,
        sequenceGaps: fleet?.sequenceGaps ?? 0,
        malformed: fleet?.malformed ?? 0,
        devicesOnline,
      },
      ok: reported.length === devices.length && problems.length === 0,
      problems,
    };
  }

  /** Frames that the controller was told of by a device, asked as anybody would: proof that its metrics came through. */
  async #framesKnown(device: string): Promise<number> {
    const client = new FleetClient({ url: this.controllerUrl, token: this.#token });
    const { metrics } = await client.call('GET /devices/:id', { params: { id: device } });
    return metrics
      .filter(({ name }) => name === metricNames.processed)
      .reduce((sum, { value }) => sum + (value ?? 0), 0);
  }

  /** What the device told the fleet of its model last, when that was an error. */
  async #modelProblem(device: string): Promise<string | undefined> {
    const client = new FleetClient({ url: this.controllerUrl, token: this.#token });
    const { events } = await client.call('GET /devices/:id/events', {
      params: { id: device },
      query: { kind: 'model', severity: 'error', limit: 1 },
    });
    return events[0]?.message;
  }

  #source(device: string): string {
    const { scenario } = this.#options;
    return scenario === undefined || device !== devices[1].id
      ? 'sim'
      : `sim?${scenario}=5&after=${scenarioAfter}`;
  }

  #brokerSettings() {
    return { url: this.#broker?.url ?? '', caFile: this.#ca };
  }
}
