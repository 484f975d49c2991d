import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/adapters/aedes/index.ts';
import { answers, freePort, mosquittoMissing } from '../../contract/brokers.ts';
import { projectRoot } from '../goshawk.ts';
import { eventually, Program } from './program.ts';

/** The part of the settings that says how to reach the broker. */
export interface BrokerAccess {
  readonly url: string;
  readonly servers?: string[];
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** A broker that knows who may come: stopped and started again it is at the same address. */
export interface FleetBroker {
  start(): Promise<void>;
  stop(): Promise<void>;
  access(name: string): BrokerAccess;
  /** For the same name, and refused. */
  badAccess(name: string): BrokerAccess;
}

export const clients = ['controller', 'cam-1', 'cam-2', 'cam-3', 'stranger'];

export interface BrokerKind {
  readonly title: string;
  /** Why it can't be had here. */
  readonly missing: string | undefined;
  /** Remembers retained messages over a stop. */
  readonly persistent: boolean;
  make(folder: string): FleetBroker;
}

const opensslMissing =
  spawnSync('openssl', ['version']).error === undefined ? undefined : 'openssl is not installed';

export const brokerKinds: readonly BrokerKind[] = [
  {
    title: 'aedes with passwords',
    missing: undefined,
    persistent: false,
    make: (folder) => new AedesBroker(folder),
  },
  {
    title: 'Mosquitto with deploy/broker and client certificates',
    missing: mosquittoMissing ?? opensslMissing,
    persistent: true,
    make: (folder) => new MosquittoBroker(folder),
  },
];

class AedesBroker implements FleetBroker {
  readonly #folder: string;
  #port = 0;
  #broker: Broker | undefined;

  constructor(folder: string) {
    this.#folder = join(folder, 'aedes');
    mkdirSync(this.#folder);
    for (const name of clients)
      writeFileSync(join(this.#folder, name), `password of ${name}\n`, { mode: 0o600 });
    writeFileSync(join(this.#folder, 'wrong'), 'not the password', { mode: 0o600 });
  }

  async start(): Promise<void> {
    this.#broker = await startBroker({
      port: this.#port,
      users: clients.map((username) => ({
        username,
        password: `password of ${username}`,
        role: username === 'controller' || username === 'stranger' ? 'controller' : 'device',
      })),
    });
    this.#port = this.#broker.port;
  }

  async stop(): Promise<void> {
    await this.#broker?.close();
    this.#broker = undefined;
  }

  access(name: string): BrokerAccess {
    const url = `mqtt://127.0.0.1:${this.#port}`;
    return { url, username: name, passwordFile: join(this.#folder, name) };
  }

  badAccess(name: string): BrokerAccess {
    return { ...this.access(name), passwordFile: join(this.#folder, 'wrong') };
  }
}

/** Debian's Mosquitto with the configuration and the access list that Goshawk ships; only paths and port are changed. */
class MosquittoBroker implements FleetBroker {
  readonly #folder: string;
  #port = 0;
  #process: Program | undefined;

  constructor(folder: string) {
    this.#folder = join(folder, 'mosquitto');
    mkdirSync(this.#folder);
    for (const authority of ['ca', 'stranger']) this.#authority(authority);
    this.#certificate('broker', 'ca', 'subjectAltName=IP:127.0.0.1');
    for (const name of clients) this.#certificate(name, 'ca', 'extendedKeyUsage=clientAuth');
    this.#certificate('imposter', 'stranger', 'extendedKeyUsage=clientAuth');
  }

  async start(): Promise<void> {
    if (this.#port === 0) {
      this.#port = await freePort();
      this.#configure();
    }
    const program = Program.other('mosquitto', ['-c', this.#file('mosquitto.conf')]);
    this.#process = program;
    await eventually('Mosquitto listens', async () => !program.alive || (await answers(this.#port)));
    if (!program.alive) throw new Error(`Mosquitto ended: ${program.stderr}`);
  }

  async stop(): Promise<void> {
    await this.#process?.end();
    this.#process = undefined;
  }

  access(name: string): BrokerAccess {
    return {
      url: `mqtts://127.0.0.1:${this.#port}`,
      caFile: this.#file('ca.crt'),
      certFile: this.#file(`${name}.crt`),
      keyFile: this.#file(`${name}.key`),
    };
  }

  badAccess(name: string): BrokerAccess {
    return {
      ...this.access(name),
      certFile: this.#file('imposter.crt'),
      keyFile: this.#file('imposter.key'),
    };
  }

  #configure(): void {
    const shipped = (name: string) => readFileSync(join(projectRoot, 'deploy/broker', name), 'utf8');
    const conf = shipped('mosquitto.conf')
      .replace(/^listener .*$/m, `listener ${this.#port} 127.0.0.1`)
      .replaceAll('/etc/mosquitto/goshawk', this.#folder)
      .replaceAll('#persistence', 'persistence')
      .replaceAll('/var/lib/mosquitto', this.#folder);
    const owner = process.getuid?.() === 0 ? 'user root\n' : '';
    writeFileSync(this.#file('mosquitto.conf'), `${owner}${conf}`);
    writeFileSync(this.#file('acl'), shipped('acl'), { mode: 0o600 });
  }

  #authority(name: string): void {
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes'];
    const files = ['-keyout', this.#file(`${name}.key`), '-out', this.#file(`${name}.crt`)];
    openssl('req', '-x509', ...curve, ...subject, ...files);
  }

  #certificate(name: string, by: string, extension: string): void {
    writeFileSync(this.#file('extension'), `${extension}\n`);
    const request = ['-keyout', this.#file(`${name}.key`), '-out', this.#file('request')];
    openssl('req', '-new', ...curve, '-nodes', '-subj', `/CN=${name}`, ...request);
    const signer = ['-CA', this.#file(`${by}.crt`), '-CAkey', this.#file(`${by}.key`), '-CAcreateserial'];
    const signed = ['-days', '2', '-extfile', this.#file('extension'), '-out', this.#file(`${name}.crt`)];
    openssl('x509', '-req', '-in', this.#file('request'), ...signer, ...signed);
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args);
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
