import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mosquittoMissing } from '../../contract/brokers.ts';
import { type OpenMosquitto, startOpenMosquitto } from '../../fixtures/open-mosquitto.ts';
import { PostgresServer, postgresMissing } from '../../fixtures/postgres-server.ts';
import { SimulatedDevices } from '../../fixtures/simulated-devices.ts';
import { Program } from './program.ts';

export const sharedDatabaseMissing = postgresMissing ?? mosquittoMissing;

/** The devices send more than a device does. */
const quotas = { eventsPerMinute: 1_000_000, messagesPerMinute: 1_000_000 };

/** Controllers on one PostgreSQL and one Mosquitto, and devices that keep what is not acknowledged. */
export class SharedDatabase {
  readonly folder: string;
  readonly server: PostgresServer;
  readonly broker: OpenMosquitto;
  readonly devices: SimulatedDevices;
  readonly #programs: Program[] = [];
  readonly #devices: number;

  private constructor(
    folder: string,
    { server, broker, devices }: { server: PostgresServer; broker: OpenMosquitto; devices: number },
  ) {
    this.folder = folder;
    this.server = server;
    this.broker = broker;
    this.#devices = devices;
    this.devices = new SimulatedDevices(broker.url, devices);
  }

  static async start({ devices = 10 } = {}): Promise<SharedDatabase> {
    const folder = mkdtempSync(join(tmpdir(), 'goshawk-controllers-'));
    const server = await PostgresServer.start({ durable: true });
    const broker = await startOpenMosquitto(folder);
    return new SharedDatabase(folder, { server, broker, devices });
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.server.port}/postgres`;
  }

  settingsFile(name: string, more: Readonly<Record<string, unknown>> = {}, url = this.url): string {
    const passwordFile = join(this.folder, 'password');
    writeFileSync(passwordFile, 'long and secret\n', { mode: 0o600 });
    const settings = {
      dataDir: join(this.folder, name),
      database: { url, passwordFile },
      broker: { url: this.broker.url },
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

  /** What was acknowledged is in the database, once. */
  async expectAllOnce(): Promise<void> {
    const { devices, server } = this;
    await devices.drain();
    const events = await server.sql('SELECT id FROM goshawk.event ORDER BY seq');
    const ids = events.map(({ id }) => String(id)).filter((id) => id.startsWith('sim-'));
    expect(ids).toHaveLength(devices.sent);
    expect(new Set(ids).size).toBe(ids.length);
    const batches = await server.sql(
      `SELECT name, ranges FROM goshawk.received JOIN goshawk.device ON id = device WHERE name LIKE 'sim-%'`,
    );
    expect(batches).toHaveLength(this.#devices);
    const last = devices.sent / this.#devices - 1;
    for (const { ranges } of batches) expect(ranges).toBe(`[[0,${last}]]`);
    // One sample each: none is counted twice in the roll-ups.
    const raw = await server.sql('SELECT count(*)::int AS rows FROM goshawk.raw');
    expect(raw[0]?.rows).toBe(devices.sent);
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
