import {
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { SmallDisk, smallDiskMissing } from '../fixtures/small-disk.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { bundleIn, otherNetwork } from '../integration/fleet/models.ts';
import { eventually, Program } from '../integration/fleet/program.ts';
import { AttackedController, all } from './attacked-controller.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

// What lies on the controller's disk is cut off, flipped, gone; or the disk is full, or takes nothing.

let fleet: TestFleet;
const database = () => join(fleet.controllerFolder, 'controller.db');
const models = () => join(fleet.controllerFolder, 'artifacts');

async function openFleet(): Promise<void> {
  const [aedes] = brokerKinds;
  if (aedes === undefined) throw new Error('There is no broker to test with.');
  fleet = await TestFleet.open(aedes);
  await fleet.broker.start();
}

/** A controller on what lies in its folder, which may not start. */
function tryController(): Program {
  return Program.goshawk('controller', '--config', join(fleet.folder, 'controller.json'));
}

/** Of an error that was not foreseen. */
const stack = /\n\s+at .+:\d+:\d+/;
const flip = (file: string, at: number) => {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
};

describe('A controller whose database was damaged', () => {
  let good: string;
  let device: MqttjsTransport;

  beforeAll(async () => {
    await openFleet();
    const { url, username = '', passwordFile = '' } = fleet.broker.access('cam-1');
    device = new MqttjsTransport(
      { url, clientId: username, username, password: readFileSync(passwordFile, 'utf8').trim() },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    device.start();
    await fleet.startController();
    await eventually('the device is in', () => device.status().state === 'online');
    await device.publish({
      ...{ topic: topics.state('cam-1'), payload: encodePayload('state', birth), qos: 1, retain: true },
    });
    await eventually('the controller is in', async () => {
      const response = await fetch(`${fleet.url}/healthz`);
      return ((await response.json()) as { broker: string }).broker === 'online';
    });
    await tellEvents(0, 300);
    await eventually('it is stored', async () => (await fleet.events('cam-1')).length === 300);
    await fleet.controller.end();
    good = join(fleet.folder, 'good');
    cpSync(fleet.controllerFolder, good, { recursive: true });
  });
  afterAll(async () => {
    await device.close();
    await fleet.close();
  });

  /** Events of a device that perceives. */
  async function tellEvents(from: number, count: number): Promise<void> {
    for (let entry = from; entry < from + count; entry++)
      await device.publish({
        ...{ topic: topics.events('cam-1'), qos: 1, retain: false },
        payload: encodePayload('events', {
          ...{ id: `the-event-${entry}`, entry, session: 1, timeMs: Date.now(), kind: 'camera.lost' },
          ...{ severity: 'error', message: 'The camera is gone. '.repeat(20) },
        }),
      });
  }

  const damages: readonly (readonly [string, (file: string) => void])[] = [
    ['is cut in half', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['has another first page', (file) => writeFileSync(file, readFileSync(file).fill(0x5a, 0, 4096))],
    ['is a text', (file) => writeFileSync(file, 'this is no database, and long enough to be looked at')],
    ['is empty', (file) => truncateSync(file, 0)],
    ['has flipped bytes on a page', (file) => flip(file, 8192 * 2 + 5)],
    ['has flipped bytes in its middle', (file) => flip(file, Math.floor(statSync(file).size / 2))],
  ];

  test.each(damages)(
    '%s: it starts or says what is wrong, and begins anew when the file is moved away',
    async (_, damage) => {
      rmSync(fleet.controllerFolder, { recursive: true });
      cpSync(good, fleet.controllerFolder, { recursive: true });
      damage(database());
      const next = tryController();
      await eventually(
        'it starts or ends',
        () => !next.alive || next.lines.some(({ type }) => type === 'started'),
      );
      if (next.alive) {
        const health = await fetch(`${fleet.url}/healthz`);
        expect([200, 503]).toContain(health.status);
      } else {
        const { code, stderr } = await next.exited();
        expect(code).not.toBe(0);
        expect(stderr).toContain(database());
        expect(stderr).toMatch(/->/);
      }
      expect(next.stderr).not.toMatch(stack);
      await next.end('SIGKILL');
      rmSync(fleet.controllerFolder, { recursive: true });

      await fleet.startController();
      await fleet.online('cam-1');
      await fleet.controller.end('SIGKILL');
    },
  );

  test('while it runs goes on, and says so as soon as it meets the damage', async () => {
    rmSync(fleet.controllerFolder, { recursive: true });
    cpSync(good, fleet.controllerFolder, { recursive: true });
    await fleet.startController();
    await fleet.online('cam-1');
    const bytes = readFileSync(database());
    writeFileSync(database(), bytes.fill(0x5a, 8192, bytes.length));
    await tellEvents(1_000, 200);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const health = await fetch(`${fleet.url}/healthz`);
    const { storage } = (await health.json()) as { storage: string };
    expect([health.status, storage]).toEqual(
      storage === 'ok' ? [200, 'ok'] : [503, expect.stringMatching(/^database-/)],
    );
    expect(fleet.controller.alive).toBe(true);
    expect(fleet.controller.stderr).not.toMatch(/uncaught|unhandled/i);
    await fleet.controller.end('SIGKILL');
  });
});

describe('A controller whose bundles were damaged', () => {
  beforeEach(openFleet);
  afterEach(() => fleet.close());

  // What is known of a bundle is known twice: its artifact in the registry says what manifest.json and received.json did.
  test.each([
    ['a blob', 'fails until it is pushed again'],
    ['manifest.json', 'is right'],
    ['received.json', 'is right'],
  ])(
    'in %s starts, gives no device a wrong byte, and takes the bundle again; the order %s',
    async (name, outcome) => {
      await fleet.startController();
      const next = await bundleIn(fleet.folder, '2.0.0', otherNetwork());
      expect(await fleet.command('push', next.location)).toMatchObject({ code: 0 });
      await fleet.controller.end();
      const hex = next.manifest.variants[0]?.file.digest.slice(7) ?? '';
      const file =
        name === 'a blob'
          ? join(models(), 'blobs', 'sha256', hex.slice(0, 2), hex)
          : join(models(), next.digest.slice(7), name);
      expect(existsSync(file)).toBe(true);
      flip(file, Math.floor(statSync(file).size / 2));

      await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1' });
      await fleet.online('cam-1');
      const order = () =>
        fleet.command('set-model', 'tiny@2.0.0', '--device', 'cam-1', '--wait', '--timeout', '60s');
      const first = await order();
      const running = (await fleet.device('cam-1')).reported?.models;
      if (outcome === 'is right') {
        expect(first.code).toBe(0);
        expect(running).toMatchObject([{ digest: next.digest }]);
      } else {
        expect(first.code).not.toBe(0);
        expect(running).toMatchObject([{ digest: fleet.model.digest }]);
      }
      expect(await fleet.command('push', next.location)).toMatchObject({ code: 0 });
      expect(await order()).toMatchObject({ code: 0 });
      expect((await fleet.device('cam-1')).reported?.models).toMatchObject([{ digest: next.digest }]);
      expect(agent.alive).toBe(true);
    },
  );
});

describe('A controller whose key of secrets', () => {
  beforeEach(openFleet);
  afterEach(() => fleet.close());
  const key = () => join(fleet.controllerFolder, 'secrets.key');

  test('is gone starts with a new one, and its rules are there', async () => {
    await fleet.startController();
    const rule = {
      ...{ name: 'away', when: { kind: 'offline' as const } },
      webhook: { url: 'https://example.invalid/hook', secret: 'a secret of sixteen' },
    };
    await fleet.client.call('POST /alert-rules', { body: rule });
    await fleet.controller.end();
    rmSync(key());
    await fleet.startController();
    const { rules } = await fleet.client.call('GET /alert-rules');
    expect(rules.filter(({ name }) => name === 'away')).toMatchObject([{ webhook: { signed: true } }]);
    expect((statSync(key()).mode & 0o077) === 0).toBe(true);
    expect(fleet.controller.stderr).not.toContain('a secret of sixteen');
  });

  test('is damaged does not start, says which file and what to do, and starts with the copy of it', async () => {
    await fleet.startController();
    await fleet.controller.end();
    copyFileSync(key(), join(fleet.folder, 'copy.key'));
    writeFileSync(key(), 'zz');
    const { code, stderr } = await tryController().exited();
    expect(code).toBe(3);
    expect(stderr).toContain(key());
    expect(stderr).toMatch(/-> Restore it/);
    copyFileSync(join(fleet.folder, 'copy.key'), key());
    await fleet.startController();
  });
});

describe.skipIf(smallDiskMissing !== undefined)(
  `A controller whose disk${smallDiskMissing === undefined ? '' : ` (skipped: ${smallDiskMissing})`}`,
  () => {
    let disk: SmallDisk;

    test('is filled by uploads keeps room for its database: the uploads are refused, nothing else is', async () => {
      const attacked = await AttackedController.open(20, {}, (made) => {
        disk = new SmallDisk(made.controllerFolder, '64m');
      });
      const answers: number[] = [];
      try {
        await attacked.survives(async () => {
          await all(
            Array.from({ length: 40 }, (_, i) => i),
            4,
            async (i) => {
              const digest = `sha256:${(i % 30).toString(16).padStart(64, '0')}`;
              const response = await attacked.fetch(`/api/v1/artifacts/${digest}/files/f${i}`, 'operator', {
                method: 'PUT',
                // Bytes that are there already would take no room.
                body: new Uint8Array(8 * 1024 * 1024).fill(i),
                headers: { 'content-type': 'application/octet-stream' },
              });
              answers.push(response.status);
              await response.arrayBuffer();
            },
          );
        });
        expect([...new Set(answers)].sort()).toEqual([200, 507]);
      } finally {
        await attacked.fleet.stopPrograms();
        disk.remove();
        await attacked.close();
      }
    });

    test('takes nothing at the start says so and ends, and starts when it does', async () => {
      await openFleet();
      try {
        disk = new SmallDisk(fleet.controllerFolder, '32m');
        await fleet.startController();
        await fleet.controller.end();
        expect(disk.setReadOnly(true)).toBe(true);
        const { code, stderr } = await tryController().exited();
        expect(code).not.toBe(0);
        expect(stderr).toMatch(/can't be|read-only|EROFS/);
        expect(stderr).toMatch(/->/);
        expect(stderr).not.toMatch(stack);
        disk.setReadOnly(false);
        await fleet.startController();
      } finally {
        await fleet.stopPrograms();
        disk.remove();
        await fleet.close();
      }
    });
  },
);
