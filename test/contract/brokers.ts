import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, type BrokerUser, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { root, type Transport, type Will } from '../../src/protocol/index.ts';
import { mosquittoFiles } from '../../src/runtime/broker/mosquitto.ts';
import { LateTransport } from '../../src/runtime/device/late-transport.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { Relay } from './relay.ts';

/** One client of the broker under test, with a network that can be cut. */
export interface TestClient {
  readonly transport: Transport;
  /** Breaks the connection as a pulled cable does and keeps the client away for `forMs`. */
  cut(forMs: number): Promise<void>;
}

export interface TestBroker {
  start(): Promise<void>;
  stop(): Promise<void>;
  client(id: string, options?: { will?: Will; password?: string }): Promise<TestClient>;
  /** Lets real or pretended time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const users: readonly BrokerUser[] = [
  { username: 'controller', password: 'long and secret', role: 'controller' },
  { username: 'd1', password: 'one', role: 'device' },
  { username: 'd2', password: 'two', role: 'device' },
];

export const passwordOf = (id: string) => users.find(({ username }) => username === id)?.password ?? 'none';

/** What aedes and Mosquitto share: clients over mqtt.js through a relay each. */
export abstract class RealBroker implements TestBroker {
  readonly #open: { transport: Transport; relay: Relay }[] = [];
  port = 0;

  abstract start(): Promise<void>;
  abstract stop(): Promise<void>;

  async client(id: string, options: { will?: Will; password?: string } = {}): Promise<TestClient> {
    const relay = new Relay(() => this.port);
    await relay.listen();
    const transport = new MqttjsTransport(
      {
        url: `mqtt://127.0.0.1:${relay.port}`,
        clientId: id,
        username: id,
        password: options.password ?? passwordOf(id),
        ...(options.will === undefined ? {} : { will: options.will }),
        backoff: { firstMs: 100, maxMs: 200 },
        refusedBackoff: { firstMs: 60_000, maxMs: 60_000 },
      },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    this.#open.push({ transport, relay });
    return { transport, cut: async (forMs) => relay.cut(forMs) };
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async close(): Promise<void> {
    for (const { transport, relay } of this.#open.splice(0)) {
      await transport.close();
      relay.close();
    }
    await this.stop();
  }
}

export class AedesTestBroker extends RealBroker {
  #broker: Broker | undefined;

  async start(): Promise<void> {
    this.#broker = await startBroker({ port: this.port, users });
    this.port = this.#broker.port;
  }

  async stop(): Promise<void> {
    await this.#broker?.close();
    this.#broker = undefined;
  }
}

export const mosquittoMissing =
  spawnSync('mosquitto', ['-h']).error === undefined
    ? undefined
    : 'Mosquitto is not installed (apt-get install mosquitto)';

export class MosquittoTestBroker extends RealBroker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'goshawk-mosquitto-'));
  #process: ChildProcess | undefined;

  async start(): Promise<void> {
    if (this.port === 0) {
      this.port = await freePort();
      this.#configure();
    }
    const child = spawn('mosquitto', ['-c', join(this.#folder, 'mosquitto.conf')], { stdio: 'ignore' });
    this.#process = child;
    for (let attempt = 0; attempt < 4_800; attempt++) {
      if (child.exitCode !== null) throw new Error(`Mosquitto ended with ${child.exitCode}`);
      if (await answers(this.port)) return;
      await this.pass(50);
    }
    throw new Error('Mosquitto did not start');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  override async close(): Promise<void> {
    await super.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The access list that `goshawk broker config` writes; passwords in place of certificates. */
  #configure(): void {
    const file = (name: string) => join(this.#folder, name);
    const [, acl] = mosquittoFiles({
      ...{
        port: this.port,
        folder: this.#folder,
        controller: 'controller',
        revocations: undefined,
        clients: [],
      },
    });
    writeFileSync(file('acl'), acl?.text ?? '', { mode: 0o600 });
    writeFileSync(
      file('users'),
      users.map(({ username, password }) => `${username}:${password}\n`).join(''),
      {
        mode: 0o600,
      },
    );
    const hashed = spawnSync('mosquitto_passwd', ['-U', file('users')]);
    if (hashed.status !== 0) throw new Error(`mosquitto_passwd failed: ${hashed.stderr}`);
    const owner = process.getuid?.() === 0 ? ['user root'] : [];
    const lines = [
      ...owner,
      `listener ${this.port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${file('users')}`,
      `acl_file ${file('acl')}`,
      'persistence false',
    ];
    writeFileSync(file('mosquitto.conf'), `${lines.join('\n')}\n`);
  }
}

export class FakeTestBroker implements TestBroker {
  readonly #clock = new FakeClock();
  readonly #broker = new FakeBroker(this.#clock);

  async start(): Promise<void> {
    this.#broker.mayPublish = (clientId, topic) =>
      clientId === 'controller' || topic.startsWith(`${root}/${clientId}/`);
    this.#broker.restart();
  }

  async stop(): Promise<void> {
    this.#broker.stop();
  }

  async client(id: string, options: { will?: Will; password?: string } = {}): Promise<TestClient> {
    if (options.password !== undefined && options.password !== passwordOf(id)) this.#broker.refused.add(id);
    const transport = new FakeTransport(this.#broker, id, options.will);
    return { transport, cut: async (forMs) => transport.cut(forMs) };
  }

  async pass(ms: number): Promise<void> {
    await settle();
    await this.#clock.pass(ms);
  }

  async close(): Promise<void> {
    this.#broker.stop();
  }
}

/** Clients that are told of their broker only when they were started already, as those of a device that enrols. */
export class LateTestBroker extends FakeTestBroker {
  override async client(id: string, options: { will?: Will; password?: string } = {}): Promise<TestClient> {
    const { transport, cut } = await super.client(id, options);
    const late = new LateTransport(() => 'Not enrolled yet.');
    const start = late.start.bind(late);
    late.start = () => {
      start();
      late.use(transport);
    };
    return { transport: late, cut };
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
