import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FleetEvent } from '../../src/api/index.ts';
import { FleetClient } from '../../src/runtime/fleet/client.ts';
import { mosquittoMissing } from '../contract/brokers.ts';
import { type OpenMosquitto, startOpenMosquitto } from '../fixtures/open-mosquitto.ts';
import { SimulatedDevices } from '../fixtures/simulated-devices.ts';
import { Program } from './fleet/program.ts';
import { goshawk, jsonLines } from './goshawk.ts';

/** The devices send more than a device does. */
const quotas = { eventsPerMinute: 1_000_000, messagesPerMinute: 1_000_000 };

let folder: string;
let broker: OpenMosquitto;
let devices: SimulatedDevices;
let running: Program | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-backup-'));
  broker = await startOpenMosquitto(folder);
  devices = new SimulatedDevices(broker.url, 10);
});
afterEach(async () => {
  await running?.end('SIGKILL');
  await devices.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

function settingsFile(name: string): string {
  const path = join(folder, `${name}.json`);
  const settings = { dataDir: join(folder, name), broker: { url: broker.url }, http: { port: 0 } };
  writeFileSync(path, JSON.stringify({ ...settings, trust: { mode: 'insecure' }, quotas }));
  return path;
}

async function startController(name: string): Promise<FleetClient> {
  running = Program.goshawk('controller', '--config', settingsFile(name));
  const { url, tokenFile } = await running.line('started');
  return new FleetClient({ url: String(url), token: readFileSync(String(tokenFile), 'utf8').trim() });
}

/** Ids of the events of a fleet, from the oldest. */
async function eventIds(client: FleetClient): Promise<string[]> {
  const ids: string[] = [];
  let before: number | undefined;
  do {
    const page: { events: FleetEvent[]; next?: number } = await client.call('GET /events', {
      query: { limit: 1000, ...(before === undefined ? {} : { before }) },
    });
    ids.push(...page.events.map(({ id }) => id));
    before = page.next;
  } while (before !== undefined);
  return ids.filter((id) => id.startsWith('sim-'));
}

test.skipIf(mosquittoMissing !== undefined)(
  'a backup under load has all that was acknowledged before it, and a controller goes on from it',
  async () => {
    await startController('first');
    await devices.start(500);
    await expect.poll(() => devices.acknowledged.size).toBeGreaterThan(150);

    const before = new Set(devices.acknowledged);
    const backup = join(folder, 'backup');
    const made = await goshawk(
      'controller',
      'backup',
      '--config',
      settingsFile('first'),
      '--to',
      backup,
      '--json',
    );
    expect(made).toMatchObject({ code: 0 });
    expect(jsonLines(made.stdout)[0]).toMatchObject({ type: 'backup', devices: 10 });
    // The controller goes on taking data.
    await expect.poll(() => devices.acknowledged.size).toBeGreaterThan(before.size + 60);

    await running?.end('SIGKILL');

    const restored = await goshawk(
      'controller',
      'restore',
      '--config',
      settingsFile('second'),
      '--from',
      backup,
      '--json',
    );
    expect(restored).toMatchObject({ code: 0 });
    const client = await startController('second');
    const kept = await eventIds(client);
    expect(new Set(kept).size).toBe(kept.length);
    for (const id of before) if (!id.includes('/')) expect(kept).toContain(id);
    await devices.drain();
    const { devices: listed } = await client.call('GET /devices', { query: { limit: 100 } });
    expect(listed.filter(({ id }) => id.startsWith('sim-'))).toHaveLength(10);
  },
);
