import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncodedCamera } from '../../fixtures/cameras/encoded-camera.ts';
import { OnvifCamera } from '../../fixtures/cameras/onvif-camera.ts';
import { eventually, Program } from '../fleet/program.ts';
import { ended, pathWithGoshawk, projectRoot, type Ran, startWith } from '../goshawk.ts';
import { Kit } from './kit.ts';

/** Ended because the fleet wanted it: a service manager starts the agent again. */
const startAgain = 75;

/**
 * The fleet that the pages speak of, one cast of names for all of them: the demo with `gate-north` and `gate-south`, and
 * `cam-7` and `truck-7`, which were enrolled with a claim. `owners`: a second controller, of a fleet whose owners sign.
 */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'goshawk-pages-'));
  readonly #programs: Program[] = [];
  /** Of agents that ended and were not to be started again. */
  readonly lastWords: string[] = [];
  /** Codes its pictures, as clips need it. */
  readonly #camera = new EncodedCamera({ fps: 5, gop: 5 });
  /** One that no settings file has. */
  readonly #unknown = new EncodedCamera({ fps: 5, gop: 5, host: '127.0.0.2' });
  /** What every typed line finds in its environment: a login as admin, and `goshawk` on the PATH. */
  readonly environment: NodeJS.ProcessEnv = this.#login('config');
  readonly owners: NodeJS.ProcessEnv = this.#login('owners');
  url = '';
  /** A camera that tells its streams to ann. */
  #onvif: OnvifCamera | undefined;
  #closing = false;

  static async open(): Promise<Lab> {
    const lab = new Lab();
    try {
      await lab.#open();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  get cameraUrl(): string {
    return this.#camera.url;
  }

  get unknownCameraUrl(): string {
    return this.#unknown.url;
  }

  get onvifAddress(): string {
    return new URL(this.#onvif?.service ?? '').host;
  }

  get adminToken(): string {
    return readFileSync(this.tokenFile, 'utf8').trim();
  }

  get tokenFile(): string {
    return join(this.folder, 'fleet/controller/admin.token');
  }

  /** Data folder of a device. */
  dataOf(device: string): string {
    return join(this.folder, device, 'data');
  }

  /** While it exists, cam-7 may not switch to another model. */
  get lockFile(): string {
    return join(this.folder, 'driving');
  }

  /** Settings of the second controller. */
  get ownersSettings(): string {
    return join(this.folder, 'owners-controller.json');
  }

  /** Runs a command of the lab itself, as admin. */
  async goshawk(...args: readonly string[]): Promise<string> {
    const ran = await this.run(args);
    if (ran.code !== 0) throw new Error(`goshawk ${args.join(' ')}: ${ran.code}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return ended(startWith({ ...this.environment, ...environment }, ...args));
  }

  /** An agent with a claim. It is started again when the fleet restarts it. */
  agent(device: string, claimFile: string, more: object): Program {
    const folder = join(this.folder, device);
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'agent.json');
    const settings = { device, dataDir: this.dataOf(device), enrolment: { claimFile }, ...more };
    writeFileSync(config, JSON.stringify(settings));
    const start = () => {
      const agent = this.start(this.environment, 'agent', '--config', config, '--log', 'warn');
      void agent.exited().then(({ code, stderr }) => {
        if (this.#closing) return;
        if (code === startAgain) start();
        else this.lastWords.push(`${device} ended with ${code}: ${stderr.slice(-1000)}`);
      });
      return agent;
    };
    return start();
  }

  async close(): Promise<void> {
    this.#closing = true;
    // The devices first, so that their goodbyes arrive.
    for (const program of this.#programs.toReversed()) await program.end();
    await this.#camera.stop();
    await this.#unknown.stop();
    await this.#onvif?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #open(): Promise<void> {
    await this.#camera.start();
    await this.#unknown.start();
    this.#onvif = await OnvifCamera.start({ username: 'ann', password: 'secret' });
    const demo = this.start(this.environment, 'demo', '--port', '0', '--data', join(this.folder, 'fleet'));
    await this.#owners();
    this.url = String((await demo.line('started')).controller);
    await this.goshawk('login', this.url, '--token-file', this.tokenFile);
    const kit = new Kit(join(this.folder, 'models'));
    kit.bundle('street-1.9.0', { version: '1.9.0' });
    await this.goshawk('model', 'push', kit.path('street-1.9.0'));
    const sim = { source: 'sim', fps: 2 };
    const truck = { front: { source: this.cameraUrl, clips: {} } };
    await Promise.all([
      this.#member('cam-7', 'canary,west', { front: sim, rear: sim }, { lockFile: this.lockFile }),
      this.#member('truck-7', 'west', truck, {}),
    ]);
    await this.goshawk('device', 'label', 'cam-7', '--set', 'site=west,ring=canary');
  }

  async #member(device: string, groups: string, cameras: object, updates: object): Promise<void> {
    const claimFile = join(this.folder, `${device}.token`);
    await this.goshawk('claim', 'create', '--name', device, '--groups', groups, '--out', claimFile);
    const agent = this.agent(device, claimFile, {
      ...{ model: join(projectRoot, 'models/street-lean'), cameras, updates },
      ...{ metricsEverySeconds: 2, probationSeconds: 2 },
      // The camera of the pages is on this machine.
      remote: { cameras: ['rtsp'], cameraNetworks: ['127.0.0.0/8'], restart: true },
    });
    await eventually(`${device} is online`, async () => {
      const shown = await this.goshawk('device', 'list', '--json');
      return shown.includes(`{"id":"${device}","online":true`) || !agent.alive;
    });
    if (!agent.alive) throw new Error(`${device}: ${agent.stderr}`);
  }

  async #owners(): Promise<void> {
    const broker = this.start(this.owners, 'broker', 'run', '--port', '0');
    const { url } = await broker.line('started');
    const dataDir = join(this.folder, 'owners-data');
    writeFileSync(this.ownersSettings, JSON.stringify({ dataDir, broker: { url }, http: { port: 0 } }));
    const controller = this.start(this.owners, 'controller', '--config', this.ownersSettings);
    const started = await controller.line('started');
    const ran = await this.run(
      ['login', String(started.url), '--token-file', join(dataDir, 'admin.token')],
      this.owners,
    );
    if (ran.code !== 0) throw new Error(ran.stderr);
  }

  #login(name: string): NodeJS.ProcessEnv {
    return {
      ...{
        XDG_CONFIG_HOME: join(this.folder, name),
        GOSHAWK_URL: '',
        GOSHAWK_TOKEN: '',
        GOSHAWK_CONTEXT: '',
      },
      PATH: pathWithGoshawk(this.folder),
    };
  }

  /** One that runs until the lab closes. */
  start(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Program {
    const program = new Program(`goshawk ${args.join(' ')}`, startWith(environment, ...args, '--json'));
    this.#programs.push(program);
    return program;
  }
}
