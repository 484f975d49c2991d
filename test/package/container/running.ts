/* The image under crun: as strict as an operator may set it, in a network that it shares with servers of this test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, run, until, work } from './programs.ts';

export interface ImageConfig {
  readonly architecture: string;
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Env: readonly string[];
    readonly WorkingDir: string;
    readonly Volumes: Readonly<Record<string, unknown>>;
  };
}

export const state = join(work, 'state');
const id = `goshawk-test-${process.pid}`;
const settings = [
  ...['GOSHAWK_DEVICE=box-7', 'GOSHAWK_PROMETHEUS_PORT=9464'],
  ...['GOSHAWK_BROKER_URL=mqtt://broker.invalid:1883', 'GOSHAWK_ENGINE=onnxruntime', 'GOSHAWK_ISOLATE=true'],
];

/** A network with a loopback address and nothing else. */
export class Network {
  readonly #holder: ChildProcess;

  constructor() {
    this.#holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec sleep inf'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  async up(): Promise<this> {
    await new Promise((resolve) => this.#holder.stdout?.once('data', resolve));
    return this;
  }

  get path(): string {
    return `/proc/${this.#holder.pid}/ns/net`;
  }

  /** A program of this machine in it. */
  spawn(program: string, ...args: readonly string[]): ChildProcess {
    return spawn('nsenter', [`--net=${this.path}`, program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  close(): void {
    this.#holder.kill('SIGKILL');
  }
}

/** Read-only, no capability, no new privilege. */
function runtimeConfig({ config }: ImageConfig, network: Network): unknown {
  const [uid = 0, gid = 0] = config.User.split(':').map(Number);
  const [volume = ''] = Object.keys(config.Volumes);
  const mount = (destination: string, type: string, ...more: string[]) => ({
    ...{ destination, type, source: type },
    options: ['nosuid', ...more],
  });
  const own = (type: string) => ({ type });
  return {
    ociVersion: '1.0.2',
    process: {
      ...{ user: { uid, gid }, cwd: config.WorkingDir, noNewPrivileges: true, capabilities: {} },
      args: [...config.Entrypoint, ...config.Cmd],
      env: [...config.Env, ...settings],
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'box-7',
    mounts: [
      mount('/proc', 'proc', 'nodev', 'noexec'),
      mount('/dev', 'tmpfs', 'mode=755'),
      mount('/dev/shm', 'tmpfs', 'nodev', 'noexec', 'mode=1777'),
      mount('/tmp', 'tmpfs', 'nodev', 'mode=1777'),
      { destination: volume, type: 'bind', source: state, options: ['bind', 'rw', 'nosuid', 'nodev'] },
    ],
    linux: {
      namespaces: [...['pid', 'ipc', 'uts', 'mount'].map(own), { type: 'network', path: network.path }],
    },
  };
}

/** Control groups are of no interest here, and of either version. */
const crun = (...args: readonly string[]) => [
  '--cgroup-manager=disabled',
  '--root',
  join(work, 'runtime'),
  ...args,
];

/** The agent in its container, as it was started; other commands of the image run beside it. */
export class RunningContainer {
  readonly #child: ChildProcess;
  #said = '';
  #ended: number | null | undefined;

  /** `bundle` is what umoci unpacked; its settings are ours. */
  constructor(bundle: string, image: ImageConfig, network: Network) {
    rmSync(state, { recursive: true, force: true });
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const [uid = 0, gid = 0] = image.config.User.split(':').map(Number);
    chownSync(state, uid, gid);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(runtimeConfig(image, network)));
    this.#child = spawn('crun', crun('run', '--bundle', bundle, id), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said = `${this.#said}${chunk.toString()}`.slice(-20_000);
      });
    this.#child.once('close', (code) => {
      this.#ended = code;
    });
  }

  get words(): string {
    return this.#said.slice(-1_500);
  }

  get ended(): number | null | undefined {
    return this.#ended;
  }

  /** Of its first process, as this machine numbers it. */
  get pid(): number {
    return (JSON.parse(run('crun', crun('state', id))) as { readonly pid: number }).pid;
  }

  exec(...command: readonly string[]) {
    return spawnSync('crun', crun('exec', id, ...command), {
      ...{ encoding: 'utf8', maxBuffer: 64 << 20 },
      timeout: 1_800_000,
    });
  }

  /** Throws what the command said where it failed. */
  must(...command: readonly string[]): string {
    const { status, stdout, stderr, error } = this.exec(...command);
    const words = error?.message ?? `${stderr}${stdout}`.trim().slice(-2_000);
    expect(status === 0, `${command.join(' ').slice(0, 200)}: exit status ${status}: ${words}`);
    return stdout;
  }

  /** A command that goes on; `end` ends it. */
  beside(...command: readonly string[]): { readonly text: () => string; readonly end: () => Promise<void> } {
    const pidFile = join(work, 'beside.pid');
    rmSync(pidFile, { force: true });
    const child = spawn('crun', crun('exec', '--pid-file', pidFile, id, ...command), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const end = async () => {
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
      await ended;
    };
    return { text: () => text, end };
  }

  /** How many frames the agent has looked at, asked from inside: its metrics are the container's own. */
  frames(): number {
    if (this.#ended !== undefined) throw new Error(`it ended with ${this.#ended}: ${this.words}`);
    const program =
      "fetch('http://127.0.0.1:9464/metrics').then((a) => a.text()).then((t) => console.log(t))";
    const { stdout } = this.exec('/usr/lib/goshawk-agent/bin/node', '-e', program);
    return Number(/^goshawk_frames_processed_total\S* (\d+)/m.exec(stdout ?? '')?.[1] ?? 0);
  }

  async perceives(since = 0): Promise<void> {
    await until(
      () => `it perceives; it said: ${this.words}`,
      () => this.frames() > since + 5,
    );
  }

  async end(): Promise<void> {
    run('crun', crun('kill', id, 'TERM'));
    await until(
      () => 'it ends',
      () => this.#ended !== undefined,
    );
  }

  remove(): void {
    this.#child.kill('SIGKILL');
    spawnSync('crun', crun('delete', '--force', id));
  }
}
