import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mosquittoMissing } from '../contract/brokers.ts';
import { type OpenMosquitto, startOpenMosquitto } from '../fixtures/open-mosquitto.ts';
import { PostgresServer, postgresMissing } from '../fixtures/postgres-server.ts';
import { SimulatedDevices } from '../fixtures/simulated-devices.ts';
import { eventually, Program } from './fleet/program.ts';
import { goshawk } from './goshawk.ts';

const missing = postgresMissing ?? mosquittoMissing;
/** The devices send more than a device does. */
const quotas = { eventsPerMinute: 1_000_000, messagesPerMinute: 1_000_000 };

let folder: string;
let server: PostgresServer;
let broker: OpenMosquitto;
let devices: SimulatedDevices;
const programs: Program[] = [];

beforeEach(async () => {
  if (missing !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'goshawk-controllers-'));
  server = await PostgresServer.start({ durable: true });
  broker = await startOpenMosquitto(folder);
  devices = new SimulatedDevices(broker.url, 10);
});
afterEach(async () => {
  if (missing !== undefined) return;
  for (const program of programs.splice(0)) {
    program.signal('SIGCONT');
    await program.end('SIGKILL');
  }
  await devices.close();
  await broker.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function settingsFile(name: string, url = `postgres://postgres@127.0.0.1:${server.port}/postgres`): string {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'long and secret\n', { mode: 0o600 });
  const settings = {
    dataDir: join(folder, name),
    database: { url, passwordFile },
    broker: { url: broker.url },
    http: { port: 0 },
    trust: { mode: 'insecure' },
    quotas,
  };
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

function start(name: string): Program {
  const program = Program.goshawk('controller', '--config', settingsFile(name));
  programs.push(program);
  return program;
}

const standsBy = (program: Program) =>
  eventually('it stands by', () => program.log.some(({ msg }) => msg?.includes('standing by')));

/** What was acknowledged is in the database, once. */
async function expectAllOnce(): Promise<void> {
  await devices.drain();
  const events = await server.sql('SELECT id FROM goshawk.event ORDER BY seq');
  const ids = events.map(({ id }) => String(id)).filter((id) => id.startsWith('sim-'));
  expect(ids).toHaveLength(devices.sent);
  expect(new Set(ids).size).toBe(ids.length);
  const batches = await server.sql(
    `SELECT name, ranges FROM goshawk.received JOIN goshawk.device ON id = device WHERE name LIKE 'sim-%'`,
  );
  expect(batches).toHaveLength(10);
  const last = devices.sent / 10 - 1;
  for (const { ranges } of batches) expect(ranges).toBe(`[[0,${last}]]`);
  // One sample each: none is counted twice in the roll-ups.
  const raw = await server.sql('SELECT count(*)::int AS rows FROM goshawk.raw');
  expect(raw[0]?.rows).toBe(devices.sent);
}

test.skipIf(missing !== undefined)(
  'nothing that was acknowledged is lost or doubled while PostgreSQL crashes and restarts',
  async () => {
    const controller = start('first');
    await controller.line('started');
    await devices.start(500);
    for (const how of ['immediate', 'fast', 'immediate'] as const) {
      const before = devices.acknowledged.size;
      await eventually('data is taken', () => devices.acknowledged.size > before + 60);
      await server.end(how);
      await eventually('it says what is wrong', () => controller.stderr.includes("can't be reached"));
      await server.begin();
    }
    await expectAllOnce();
    expect(controller.alive).toBe(true);
  },
);

test.skipIf(missing !== undefined)(
  'a second controller stands by, and takes over from one that is killed and from one that is stopped',
  async () => {
    const first = start('first');
    await first.line('started');
    const second = start('second');
    await standsBy(second);
    await devices.start(500);
    await eventually('data is taken', () => devices.acknowledged.size > 60);
    await first.end('SIGKILL');
    await second.line('started');
    const third = start('third');
    await standsBy(third);
    const before = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > before + 60);
    second.signal('SIGSTOP');
    await third.line('started');
    second.signal('SIGCONT');
    expect(await second.end('SIGCONT')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Another controller has taken the database over'),
    });
    await expectAllOnce();
    expect(await server.sql(`SELECT value::int FROM goshawk.state WHERE name = 'leader'`)).toEqual([
      { value: 3 },
    ]);
  },
);

test.skipIf(missing !== undefined)('--check tries the database and says what is wrong with it', async () => {
  const check = (config: string) => goshawk('controller', '--config', config, '--check');
  expect(await check(settingsFile('fine'))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^database: postgres at 127\.0\.0\.1:\d+, PostgreSQL \d+\.\d+.*, empty\nok\n$/,
    ),
  });
  const wrong = async (url: string) => (await check(settingsFile('wrong', url))).stderr;
  expect(await wrong('postgres://postgres@127.0.0.1:1/postgres')).toContain("can't be reached");
  expect(await wrong(`postgres://nobody@127.0.0.1:${server.port}/postgres`)).toContain(
    'does not let this controller in',
  );
  expect(await wrong(`postgres://postgres@127.0.0.1:${server.port}/none`)).toContain('no such database');
  expect(await wrong(`postgres://postgres:x@127.0.0.1:${server.port}/postgres`)).toContain(
    'holds a password',
  );
  expect(readFileSync(join(folder, 'wrong.json'), 'utf8')).toContain('passwordFile');
});
