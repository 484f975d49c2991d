import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SmallDisk, smallDiskMissing } from '../fixtures/small-disk.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { bundleIn } from '../integration/fleet/models.ts';
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

const flip = (file: string, at: number) => {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
};

describe('A controller whose database was damaged', () => {
  beforeEach(openFleet);
  afterEach(() => fleet.close());

  const damages: readonly (readonly [string, (file: string) => void])[] = [
    ['is cut in half', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['has another first page', (file) => writeFileSync(file, readFileSync(file).fill(0x5a, 0, 4096))],
    ['is a text', (file) => writeFileSync(file, 'this is no database, and long enough to be looked at')],
    [
      'has a folder in its place',
      (file) => {
        rmSync(file);
        writeFileSync(`${file}.x`, '');
      },
    ],
    ...[1, 2, 3].map(
      (page) =>
        [
          `has a flipped byte on page ${page}`,
          (file: string) => flip(file, Math.min(statSync(file).size - 1, 8192 * page + 5)),
        ] as const,
    ),
  ];

  test.each(damages)(
    '%s: it starts or says what is wrong, and begins anew when the file is moved away',
    async (_, damage) => {
      await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1' });
      await fleet.online('cam-1');
      await fleet.controller.end();
      for (const suffix of ['-wal', '-shm']) rmSync(`${database()}${suffix}`, { force: true });
      damage(database());

      const next = tryController();
      await eventually(
        'it starts or ends',
        () => !next.alive || next.lines.some(({ type }) => type === 'started'),
      );
      if (next.alive) {
        const health = await fetch(`${fleet.url}/healthz`);
        expect([200, 503]).toContain(health.status);
        expect(next.stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
      } else {
        const { code, stderr } = await next.exited();
        expect(code).not.toBe(0);
        expect(stderr).toContain(database());
        expect(stderr).toMatch(/->/);
        expect(stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
      }
      await next.end('SIGKILL');
      for (const name of readdirSync(fleet.controllerFolder).filter((one) => one.startsWith('controller.db')))
        renameSync(join(fleet.controllerFolder, name), join(fleet.folder, `aside-${name}`));
      rmSync(join(fleet.controllerFolder, 'admin.token'), { force: true });

      await fleet.startController();
      await fleet.online('cam-1');
      await eventually(
        'what it says is stored',
        async () => (await fleet.device('cam-1')).metrics.length > 0,
      );
      expect(await agent.end()).toMatchObject({ code: 0 });
    },
  );

  test('while it runs says so in its health and goes on', async () => {
    await fleet.startController();
    await fleet.startAgent({ device: 'cam-1', pictures: fleet.tornPictures() });
    await fleet.online('cam-1');
    await eventually('events are stored', async () => (await fleet.events('cam-1')).length > 20);
    const size = statSync(database()).size;
    const bytes = readFileSync(database());
    bytes.fill(0x5a, 8192, size);
    writeFileSync(database(), bytes);
    rmSync(`${database()}-wal`, { force: true });
    await eventually('it is noticed, or nothing of it is needed', async () => {
      const response = await fetch(`${fleet.url}/healthz`);
      const { storage } = (await response.json()) as { storage: string };
      return storage !== 'ok' || (await fetch(`${fleet.url}/healthz`)).status === 200;
    });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(fleet.controller.alive).toBe(true);
    expect(fleet.controller.stderr).not.toMatch(/uncaught|unhandled/i);
  });
});

describe('A controller whose bundles were damaged', () => {
  beforeEach(openFleet);
  afterEach(() => fleet.close());

  test.each(['files/fp32.onnx', 'manifest.json', 'received.json'])(
    'in %s starts, gives no device a wrong byte, and takes the bundle again',
    async (name) => {
      await fleet.startController();
      const next = await bundleIn(fleet.folder, '2.0.0');
      expect(await fleet.command('push', next.location)).toMatchObject({ code: 0 });
      await fleet.controller.end();
      const file = join(models(), next.digest.slice(7), name);
      expect(existsSync(file)).toBe(true);
      flip(file, Math.floor(statSync(file).size / 2));

      await fleet.startController();
      const agent = await fleet.startAgent({ device: 'cam-1' });
      await fleet.online('cam-1');
      const order = () =>
        fleet.command('set-model', 'tiny@2.0.0', '--device', 'cam-1', '--wait', '--timeout', '60s');
      const first = await order();
      expect(first.code).not.toBe(0);
      expect((await fleet.device('cam-1')).reported?.models).toMatchObject([{ digest: fleet.model.digest }]);
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
                body: new Uint8Array(8 * 1024 * 1024),
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
        expect(stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
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
