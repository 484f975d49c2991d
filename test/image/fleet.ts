import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './guest.ts';
import { projectRoot } from './places.ts';

/*
 * A fleet as docs/enrolment.md says it, on this loopback: an authority, Mosquitto that knows devices by it, a controller. Its ports
 * are fixed: it runs in a network of its own.
 */

const program = join(projectRoot, 'dist/src/cli/main.js');

export function goshawk(...args: readonly string[]): string {
  return commanded(args, process.env);
}

function commanded(args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`goshawk ${args.join(' ')}: ${stderr}`);
  return stdout;
}

interface Device {
  readonly id: string;
  readonly online: boolean;
  readonly groups: readonly string[];
  readonly model?: string;
}

export class Fleet {
  readonly #folder: string;
  #programs: ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `address`: where devices find it. */
  static async start(folder: string, address = '127.0.0.1'): Promise<Fleet> {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const file = (...names: readonly string[]) => join(folder, ...names);
    const ca = file('controller', 'ca');
    goshawk('controller', 'ca', 'init', '--dir', ca, '--root-out', file('safe'));
    const issue = ['controller', 'ca', 'issue', '--dir', ca, '--out', file('broker')];
    const names = [...new Set(['127.0.0.1', address])].flatMap((name) => ['--name', name]);
    goshawk(...issue, '--as', 'server', ...names, '--file', 'broker');
    goshawk(...issue, '--as', 'client', '--name', 'controller');
    copyFileSync(join(ca, 'root.crt'), file('broker', 'ca.crt'));
    const [caFile, certFile, keyFile] = ['ca.crt', 'controller.crt', 'controller.key'].map((name) =>
      file('broker', name),
    );
    const settings = {
      dataDir: file('controller'),
      broker: { url: 'mqtts://127.0.0.1:8883', caFile, certFile, keyFile },
      http: { port: 8080 },
      devices: {
        names: [address],
        host: '127.0.0.1',
        port: 8443,
        brokerUrl: `mqtts://${address}:8883`,
      },
    };
    writeFileSync(file('controller.json'), JSON.stringify(settings));
    goshawk(
      'broker',
      'config',
      '--for',
      'mosquitto',
      '--config',
      file('controller.json'),
      '--folder',
      file('broker'),
      '--out',
      file('broker'),
    );
    const fleet = new Fleet(folder);
    fleet.#startController();
    const revoked = join(ca, 'devices.crl');
    await until('the list of revoked certificates', 60_000, async () => existsSync(revoked));
    copyFileSync(revoked, file('broker', 'devices.crl'));
    const conf = file('broker', 'goshawk.conf');
    // Nothing is kept where Debian's Mosquitto would keep it; root is the user of this test.
    writeFileSync(conf, `user root\n${readFileSync(conf, 'utf8').replace(/^persistence.*$/gm, '')}`);
    fleet.#startBroker();
    await until('the controller answers', 60_000, async () => (await fleet.devices()).length === 0);
    return fleet;
  }

  /** Neither broker nor controller can be reached. */
  async gone(): Promise<void> {
    const ended = this.#programs.map((one) => new Promise((resolve) => one.on('exit', resolve)));
    this.close();
    await Promise.all(ended);
    this.#programs = [];
  }

  async back(): Promise<void> {
    this.#startController();
    this.#startBroker();
    await until('the controller answers', 60_000, async () => (await this.devices()).length >= 0);
  }

  #startController(): void {
    this.#run(process.execPath, program, 'controller', '--config', join(this.#folder, 'controller.json'));
  }

  #startBroker(): void {
    this.#run('mosquitto', '-c', join(this.#folder, 'broker', 'goshawk.conf'));
  }

  #run(command: string, ...args: readonly string[]): void {
    const log = openSync(join(this.#folder, 'log'), 'a');
    this.#programs.push(spawn(command, args, { stdio: ['ignore', log, log] }));
  }

  /** Of the dashboard. */
  get token(): string {
    return readFileSync(join(this.#folder, 'controller/admin.token'), 'utf8').trim();
  }

  /** A claim that lets so many devices in, by rule. */
  claim(file: string, count = 1): void {
    goshawk(
      'claim',
      'create',
      '--name',
      'image',
      '--rule',
      'auto',
      '--groups',
      'flashed',
      '--count',
      String(count),
      '--out',
      file,
      '--token',
      this.token,
    );
  }

  /** A command to the controller. */
  goshawk(...args: readonly string[]): string {
    return commanded(args, { ...process.env, GOSHAWK_TOKEN: this.token });
  }

  /** All that a command says, also where it fails; what else this process does goes on. */
  async says(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, GOSHAWK_TOKEN: this.token };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk));
    await once(child, 'close');
    return text;
  }

  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:8080/api/v1/${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    return (await answer.json()) as T;
  }

  async devices(): Promise<readonly Device[]> {
    return (await this.ask<{ readonly devices: readonly Device[] }>('devices')).devices;
  }

  close(): void {
    for (const one of this.#programs) one.kill();
  }
}
