import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rabbitmqFiles } from '../../../src/runtime/broker/rabbitmq.ts';
import { answers, freePort } from '../../contract/brokers.ts';
import { eventually } from './program.ts';

/** Debian's: what is in the path wants to be another user. */
const programs = '/usr/lib/rabbitmq/bin';

export const rabbitmqMissing = existsSync(join(programs, 'rabbitmq-server'))
  ? undefined
  : 'RabbitMQ is not installed (apt-get install rabbitmq-server)';

const nodeName = (port: number) => `goshawk-${port}@localhost`;

/** A RabbitMQ of its own, with the files that `goshawk broker config` wrote into its folder. */
export class RabbitmqProcess {
  readonly #port: number;
  readonly amqpPort: number;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number, amqpPort: number, environment: NodeJS.ProcessEnv) {
    this.#port = port;
    this.amqpPort = amqpPort;
    this.#folder = folder;
    this.#environment = environment;
  }

  static async start(folder: string, port: number, devices: readonly string[]): Promise<RabbitmqProcess> {
    const [amqp, amqps] = [await freePort(), await freePort()];
    // Only what belongs to this machine is changed.
    const conf = readFileSync(join(folder, 'goshawk.conf'), 'utf8')
      .replace('127.0.0.1:5672', `127.0.0.1:${amqp}`)
      .replace('listeners.ssl.default = 5671', `listeners.ssl.default = ${amqps}`);
    return RabbitmqProcess.#started(folder, { port, conf, devices, amqp: amqps });
  }

  /** Without certificates; anyone on this machine may do everything. Its queues of telemetry are those that are printed. */
  static async open(folder: string): Promise<RabbitmqProcess> {
    const [only] = await RabbitmqProcess.openCluster(folder, 1);
    if (only === undefined) throw new Error('No node was started.');
    return only;
  }

  /** So many nodes of one cluster, made in the same way when all are there: each queue of telemetry has a member on three. */
  static async openCluster(folder: string, size: number): Promise<readonly RabbitmqProcess[]> {
    mkdirSync(folder);
    const names = await freePort();
    const ports = [];
    for (let node = 0; node < size; node++) ports.push([await freePort(), await freePort()] as const);
    const nodes = ports.map(
      ([port], at) => `cluster_formation.classic_config.nodes.${at + 1} = ${nodeName(port)}`,
    );
    const client = { name: 'ingest-1', updates: [], results: [], ingest: true };
    const cluster = await Promise.all(
      ports.map(async ([port, amqp]) => {
        const own = join(folder, String(port));
        mkdirSync(own);
        const facts = { port, folder: own, controller: 'controller', revocations: undefined };
        for (const { name, text } of rabbitmqFiles({ ...facts, clients: [client] }))
          writeFileSync(join(own, name), text);
        const conf = [
          ...[`listeners.tcp.default = 127.0.0.1:${amqp}`, `mqtt.listeners.tcp.default = 127.0.0.1:${port}`],
          ...['mqtt.allow_anonymous = true', 'anonymous_login_user = guest', 'anonymous_login_pass = guest'],
          ...['cluster_formation.peer_discovery_backend = classic_config', ...nodes, ''],
        ].join('\n');
        const node = await RabbitmqProcess.#made(own, { port, conf, amqp, names, home: folder });
        await node.begin();
        return node;
      }),
    );
    cluster[0]?.permit();
    return cluster;
  }

  get name(): string {
    return nodeName(this.#port);
  }

  /** By MQTT. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  static async #started(
    folder: string,
    { devices, ...ports }: { port: number; conf: string; devices: readonly string[]; amqp: number },
  ): Promise<RabbitmqProcess> {
    const broker = await RabbitmqProcess.#made(folder, { ...ports, names: await freePort(), home: folder });
    await broker.begin();
    broker.permit(...devices);
    return broker;
  }

  static async #made(
    folder: string,
    {
      port,
      conf,
      amqp,
      names,
      home,
    }: { port: number; conf: string; amqp: number; names: number; home: string },
  ): Promise<RabbitmqProcess> {
    const file = (name: string) => join(folder, name);
    const distribution = await freePort();
    const [, plugins = ''] =
      /rabbitmq-plugins enable (.*)/.exec(readFileSync(file('goshawk.conf'), 'utf8')) ?? [];
    writeFileSync(file('goshawk.conf'), conf);
    writeFileSync(file('plugins'), `[${plugins.split(' ').join(',')}].`);
    return new RabbitmqProcess(folder, port, amqp, {
      ...process.env,
      // Nodes of a cluster have one cookie, which is in the home folder, and one service of names.
      ...{ PATH: `${programs}:${process.env.PATH}`, HOME: home, ERL_EPMD_PORT: String(names) },
      ...{ RABBITMQ_NODENAME: nodeName(port), RABBITMQ_DIST_PORT: String(distribution) },
      ...{ RABBITMQ_CONFIG_FILE: file('goshawk.conf'), RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins') },
      ...{
        RABBITMQ_MNESIA_BASE: file('data'),
        RABBITMQ_LOG_BASE: file('log'),
        RABBITMQ_PID_FILE: file('pid'),
      },
    });
  }

  /** Resolves when it answers by MQTT. */
  async begin(): Promise<void> {
    const child = spawn(join(programs, 'rabbitmq-server'), [], {
      ...{ env: this.#environment, stdio: 'ignore', detached: true },
    });
    this.#child = child;
    await eventually('RabbitMQ listens', async () => child.exitCode !== null || (await answers(this.#port)));
    if (child.exitCode !== null) throw new Error(`RabbitMQ ended with ${child.exitCode}`);
  }

  /** With the script that was printed. */
  permit(...devices: readonly string[]): void {
    execFileSync('sh', [join(this.#folder, 'permissions.sh'), ...devices], {
      ...{ env: this.#environment, stdio: 'pipe' },
    });
  }

  control(...args: readonly string[]): string {
    return execFileSync(join(programs, 'rabbitmqctl'), args, { env: this.#environment, encoding: 'utf8' });
  }

  async restart(): Promise<void> {
    await this.end();
    await this.begin();
  }

  /** In order, as its package does. */
  async stop(): Promise<void> {
    await promisify(execFile)(join(programs, 'rabbitmqctl'), ['stop'], { env: this.#environment });
    await this.end();
  }

  /** With the service of names that Erlang has started beside it. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await gone;
    }
    try {
      execFileSync('epmd', ['-kill'], { env: this.#environment, stdio: 'ignore' });
    } catch {
      // It has ended by itself.
    }
  }
}
