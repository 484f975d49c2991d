import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mosquittoMissing } from '../../contract/brokers.ts';
import { startOpenMosquitto } from '../../fixtures/open-mosquitto.ts';
import { PostgresServer, postgresMissing } from '../../fixtures/postgres-server.ts';
import { SimulatedDevices } from '../../fixtures/simulated-devices.ts';
import { Program } from './program.ts';

export const sharedDatabaseMissing = postgresMissing ?? mosquittoMissing;

/** A broker that lets everyone in. */
export interface OpenBroker {
  readonly url: string;
  /** Further nodes. */
  readonly servers?: readonly string[];
  close(): Promise<void>;
}

/** The devices send more than a device does. */
const quotas = { eventsPerMinute: 1_000_000, messagesPerMinute: 1_000_000 };

export interface StoredTelemetry {
  readonly events: number;
  readonly distinctEvents: number;
  readonly batches: number;
  /** Numbers of the batches, for each device. */
  readonly ranges: readonly string[];
}

/** Controllers on one PostgreSQL and one Mosquitto, and devices that keep what is not acknowledged. */
export class SharedDatabase {
  readonly folder: string;
  readonly server: PostgresServer;
  readonly broker: OpenBroker;
  readonly devices: SimulatedDevices;
  readonly #programs: Program[] = [];
  readonly #devices: number;

  private constructor(
    folder: string,
    { server, broker, devices }: { server: PostgresServer; broker: OpenBroker; devices: number },
  ) {
    this.folder = folder;
    this.server = server;
    this.broker = broker;
    this.#devices = devices;
    this.devices = new SimulatedDevices(broker.url, devices, broker.servers);
  }

  static async start({
    devices = 10,
    startBroker = startOpenMosquitto,
  }: {
    readonly devices?: number;
    readonly startBroker?: (folder: string) => Promise<OpenBroker>;
  } = {}): Promise<SharedDatabase> {
    const folder = mkdtempSync(join(tmpdir(), 'goshawk-controllers-'));
    const server = await PostgresServer.start({ durable: true });
    const broker = await startBroker(folder);
    return new SharedDatabase(folder, { server, broker, devices });
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.server.port}/postgres`;
  }

  /** Of the broker, as settings have them. */
  get addresses(): { readonly url: string; readonly servers: readonly string[] } {
    const { url, servers = [] } = this.broker;
    return { url, servers };
  }

  /** A file of one line, for a secret. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    return path;
  }

  settingsFile(name: string, more: Readonly<Record<string, unknown>> = {}, url = this.url): string {
    const passwordFile = this.file('password', 'long and secret');
    const settings = {
      dataDir: join(this.folder, name),
      database: { url, passwordFile },
      broker: this.addresses,
      http: { port: 0 },
      trust: { mode: 'insecure' },
      quotas,
      ...more,
    };
    const path = join(this.folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(settings));
    return path;
  }

  program(name: string, more: Readonly<Record<string, unknown>> = {}): Program {
    const program = Program.goshawk('controller', '--config', this.settingsFile(name, more));
    this.#programs.push(program);
    return program;
  }

  /** An agent with a camera and no model. */
  agent(device: string): Program {
    const path = join(this.folder, `${device}.json`);
    const settings = {
      ...{ device, dataDir: join(this.folder, device), broker: this.addresses, metricsEverySeconds: 1 },
      ...{ trust: { mode: 'insecure' }, cameras: { front: { source: 'sim', fps: 1 } } },
    };
    writeFileSync(path, JSON.stringify(settings));
    const program = Program.goshawk('agent', '--config', path);
    this.#programs.push(program);
    return program;
  }

  /** The same, of another build. */
  other(name: string, node: string, main: string, more: object): Program {
    const args = [main, 'controller', '--config', this.settingsFile(name, { ...more }), '--json'];
    const program = Program.other(node, args);
    this.#programs.push(program);
    return program;
  }

  /** What the database has of the devices, after all that they sent was acknowledged. */
  async stored(): Promise<StoredTelemetry> {
    await this.devices.drain();
    const [events] = await this.server.sql(
      `SELECT count(*)::int AS all, count(DISTINCT id)::int AS distinct FROM goshawk.event WHERE id LIKE 'sim-%'`,
    );
    const batches = await this.server.sql(
      `SELECT ranges FROM goshawk.received JOIN goshawk.device ON id = device WHERE name LIKE 'sim-%'`,
    );
    // One sample each: none is counted twice in the roll-ups.
    const [raw] = await this.server.sql(
      `SELECT count(*)::int AS all FROM goshawk.raw JOIN goshawk.device ON id = device WHERE name LIKE 'sim-%'`,
    );
    return {
      events: Number(events?.all),
      distinctEvents: Number(events?.distinct),
      batches: Number(raw?.all),
      ranges: batches.map(({ ranges }) => String(ranges)),
    };
  }

  /** As it has to be: each event and each batch once. */
  get expected(): StoredTelemetry {
    const { sent } = this.devices;
    const last = sent / this.#devices - 1;
    return {
      ...{ events: sent, distinctEvents: sent, batches: sent },
      ranges: Array.from({ length: this.#devices }, () => `[[0,${last}]]`),
    };
  }

  async close(): Promise<void> {
    for (const program of this.#programs.splice(0)) {
      program.signal('SIGCONT');
      await program.end('SIGKILL');
    }
    await this.devices.close();
    await this.broker.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
