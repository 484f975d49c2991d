import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stepsOf, type Way } from '../../src/dashboard/enrolment/ways.ts';
import { printedLines } from './printed/lines.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
const waitMs = 180_000;

/** A fleet of `goshawk demo`, and what its dashboard would show an admin who adds a device. */
class Demo {
  readonly #child: ChildProcess;
  #stdout = '';
  #url = '';
  #token = '';

  constructor(folder: string) {
    const args = ['--import', 'tsx', 'src/cli/main.ts', 'demo', '--json', '--port', '0', '--data', folder];
    this.#child = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
  }

  async started(): Promise<void> {
    await until('the demo runs', () => this.#stdout.includes('\n'));
    const [line = ''] = this.#stdout.split('\n');
    const { controller, adminTokenFile } = JSON.parse(line) as Record<string, string>;
    this.#url = controller ?? '';
    this.#token = readFileSync(adminTokenFile ?? '', 'utf8').trim();
  }

  async claim(): Promise<string> {
    return ((await this.#ask('claims', { name: 'printed' })) as { claim: string }).claim;
  }

  async isOnline(device: string): Promise<boolean> {
    const { devices } = (await this.#ask('devices')) as { devices: { id: string; online: boolean }[] };
    return devices.some(({ id, online }) => id === device && online);
  }

  /** Orders a model for a device, and gives what was said when it was committed, or went back. */
  async order(device: string, model: string): Promise<string> {
    const words = ['model', 'deploy', model, '--device', device, '--wait'];
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], {
      cwd: projectRoot,
      env: { ...process.env, GOSHAWK_URL: this.#url, GOSHAWK_TOKEN: this.#token },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0 || !said.includes('committed'))
      throw new Error(`${words.join(' ')}: ${status}: ${said}`);
    return said;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const asked = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${this.#url}/api/v1/${path}`, asked)).json();
  }
}

/** Podman's own things stay in the folder that has the image. */
function podmanEnvironment(folder: string, name: string): NodeJS.ProcessEnv {
  const place = join(folder, `podman-${name}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const storage = join(place, 'storage.conf');
  const roots = `graphroot = "${place}/root"\nrunroot = "${place}/run"`;
  writeFileSync(storage, `[storage]\ndriver = "vfs"\n${roots}\n`);
  const containers = join(place, 'containers.conf');
  writeFileSync(containers, '[containers]\ncgroups = "disabled"\n[engine]\ncgroup_manager = "cgroupfs"\n');
  return { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers };
}

/** Types what Add a device prints for a container, in the folder that has the image. */
export async function containerAsPrinted(folder: string): Promise<string> {
  return asPrinted('container', {
    folder,
    device: 'box-7',
    environment: podmanEnvironment(folder, 'dashboard'),
  });
}

/** Types `podman run` of docs/quick-starts.md. The image comes from its folder and the broker is here: there is no other. */
export async function quickStartOfContainer(folder: string, image: string, tag: string): Promise<string> {
  const line = printedLines('quick-starts').find(({ typed }) => typed.startsWith('podman run'));
  if (line === undefined) throw new Error('docs/quick-starts.md starts no container');
  const broker = new Beside(
    process.execPath,
    ['--import', 'tsx', 'src/cli/main.ts', 'broker', 'run', '--port', '0', '--json'],
    {
      cwd: projectRoot,
    },
  );
  let container: Beside | undefined;
  try {
    await broker.says('"url"');
    const url = /"url":"([^"]+)"/.exec(broker.said)?.[1] ?? '';
    const typed = line.typed
      .replace('podman run', 'podman run --network host')
      .replace('mqtt://broker.example:1883', url)
      .replace(/registry\.example\S+/, `oci:${image}:${tag}`);
    container = new Beside('sh', ['-ec', `exec ${typed}`], {
      cwd: folder,
      env: { ...process.env, ...podmanEnvironment(folder, 'quick-start') },
    });
    await container.says('Connected to the broker');
    const status = await container.end();
    if (status !== 0) throw new Error(`it ended with ${status}: ${container.said}`);
    return `quick-starts.md:${line.line}`;
  } finally {
    await container?.end();
    await broker.end();
  }
}

/** Types what Add a device prints for this way; the last command runs until the device took a model from the fleet. */
export async function asPrinted(
  way: Way,
  { folder, device, environment = {} }: { folder: string; device: string; environment?: NodeJS.ProcessEnv },
): Promise<string> {
  const demo = new Demo(join(folder, 'demo'));
  let last: ChildProcess | undefined;
  let said = '';
  try {
    await demo.started();
    const commands = stepsOf(way, await demo.claim()).map(({ command }) => command);
    const options = { cwd: folder, env: { ...process.env, ...environment } };
    for (const command of commands.slice(0, -1)) {
      const { status, stderr } = spawnSync('sh', ['-ec', command], { ...options, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${command}: ${stderr}`);
    }
    last = spawn('sh', ['-ec', `exec ${commands.at(-1)}`], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [last.stdout, last.stderr])
      stream?.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString()}`.slice(-4_000);
      });
    const beganMs = performance.now();
    await until(
      () => `${device} is online; it said ${said}`,
      async () => {
        if (last?.exitCode !== null) throw new Error(`it ended with ${last?.exitCode}: ${said}`);
        return demo.isOnline(device);
      },
    );
    const online = `online ${((performance.now() - beganMs) / 1000).toFixed(1)} s after the last command`;
    await demo.order(device, 'street@1.1.0');
    return `${online}; a model of the fleet is committed`;
  } finally {
    if (last !== undefined && last.exitCode === null) {
      const ended = new Promise((resolve) => last?.once('close', resolve));
      last.kill('SIGTERM');
      await ended;
    }
    await demo.end();
  }
}

/** A program beside the test: its words, and its end. */
class Beside {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #said = '';

  constructor(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) {
    this.#child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said = `${this.#said}${chunk.toString()}`.slice(-4_000);
      });
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  get said(): string {
    return this.#said;
  }

  says(words: string): Promise<void> {
    return until(
      () => `"${words}"; it said ${this.#said}`,
      () => {
        if (this.#child.exitCode !== null)
          throw new Error(`it ended with ${this.#child.exitCode}: ${this.#said}`);
        return this.#said.includes(words);
      },
    );
  }

  /** Its exit status. */
  end(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }
}

async function until(what: string | (() => string), holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + waitMs;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`${typeof what === 'string' ? what : what()}: not within ${waitMs / 1000} s`);
    await sleep(300);
  }
}
