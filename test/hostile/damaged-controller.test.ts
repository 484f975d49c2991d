import { copyFileSync, cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import type { Bundle } from '../../src/model/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { SmallDisk, smallDiskMissing } from '../fixtures/small-disk.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { bundleIn, otherNetwork } from '../integration/fleet/models.ts';
import { eventually, Program } from '../integration/fleet/program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

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

  /** As it was when all was well. */
  function restore(): void {
    rmSync(fleet.controllerFolder, { recursive: true, force: true });
    cpSync(good, fleet.controllerFolder, { recursive: true });
  }

  test.each(damages)('%s: it starts or says what is wrong', async (_, damage) => {
    restore();
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
  });

  test('begins anew when its folder is moved away', async () => {
    restore();
    truncateSync(database(), 4096);
    expect((await tryController().exited()).code).not.toBe(0);
    rmSync(fleet.controllerFolder, { recursive: true });
    await fleet.startController();
    await fleet.online('cam-1');
    await fleet.controller.end('SIGKILL');
  });

  test('while it runs goes on, and says so as soon as it meets the damage', async () => {
    restore();
    await fleet.startController();
    await fleet.online('cam-1');
    const bytes = readFileSync(database());
    writeFileSync(database(), bytes.fill(0x5a, 8192, bytes.length));
    await tellEvents(1_000, 200);
    let health = await fetch(`${fleet.url}/healthz`);
    let storage = '';
    await eventually('they are stored, or the damage was met', async () => {
      health = await fetch(`${fleet.url}/healthz`);
      ({ storage } = (await health.json()) as { storage: string });
      return storage !== 'ok' || (await fleet.events('cam-1')).length === 500;
    });
    expect([health.status, storage]).toEqual(
      storage === 'ok' ? [200, 'ok'] : [503, expect.stringMatching(/^database-/)],
    );
    expect(fleet.controller.alive).toBe(true);
    expect(fleet.controller.stderr).not.toMatch(/uncaught|unhandled/i);
    await fleet.controller.end('SIGKILL');
  });
});

describe('A controller whose bundles were damaged', () => {
  interface OciManifest {
    readonly config: { readonly digest: string };
    readonly layers: readonly { readonly digest: string; readonly size: number }[];
  }
  /** `needless`: a device asks for the bundle's manifest.json by its digest, and for the files which that names. */
  interface Damage {
    readonly name: string;
    readonly version: string;
    readonly needless?: boolean;
    readonly digest: (manifest: string, image: OciManifest, bundle: Bundle) => string;
  }
  const damages: readonly Damage[] = [
    { name: 'the manifest', version: '2.0.0', needless: true, digest: (manifest) => manifest },
    {
      ...{ name: 'the config', version: '3.0.0', needless: true },
      digest: (_, { config }) => config.digest,
    },
    {
      ...{ name: 'the manifest.json', version: '4.0.0' },
      digest: (_, { layers }, { digest }) => layers.find((layer) => layer.digest === digest)?.digest ?? '',
    },
    {
      ...{ name: 'the weights', version: '5.0.0' },
      digest: (_, { layers }) => [...layers].sort((a, b) => b.size - a.size)[0]?.digest ?? '',
    },
  ];
  const repository = () => join(models(), 'repositories', 'tiny.json');
  const blob = (digest: string) => join(models(), 'blobs', 'sha256', digest.slice(7, 9), digest.slice(7));
  const bundles = new Map<string, Bundle>();
  let agent: Program;
  let before: string;

  beforeAll(async () => {
    await openFleet();
    before = fleet.model.digest;
    await fleet.startController();
    for (const [at, { version }] of damages.entries()) {
      const bundle = await bundleIn(fleet.folder, version, otherNetwork(0.8 - at / 10));
      bundles.set(version, bundle);
      await fleet.push(bundle.location);
    }
    await fleet.controller.end();
    const { tags } = JSON.parse(readFileSync(repository(), 'utf8')) as { tags: Record<string, string> };
    // First all of them are found: a manifest that was damaged names no other.
    const files = damages.map(({ version, digest }) => {
      const manifest = tags[version] ?? '';
      const image = JSON.parse(readFileSync(blob(manifest), 'utf8')) as OciManifest;
      return blob(digest(manifest, image, bundles.get(version) as Bundle));
    });
    for (const file of files) flip(file, Math.floor(statSync(file).size / 2));
    await fleet.startController();
    agent = await fleet.startAgent({ device: 'cam-1' });
    await fleet.online('cam-1');
  });
  afterAll(() => fleet.close());

  test.each(damages)(
    'in $name starts, gives no device a wrong byte, and takes the bundle again',
    async ({ version, needless = false }) => {
      const next = bundles.get(version) as Bundle;
      const order = () =>
        fleet.command(
          'model',
          'deploy',
          `tiny@${version}`,
          '--device',
          'cam-1',
          '--wait',
          '--timeout',
          '60s',
        );
      const running = async () => (await fleet.device('cam-1')).reported?.slots.main?.loaded;
      const first = await order();
      if (needless) {
        expect(first.code).toBe(0);
        expect(await running()).toMatchObject({ digest: next.digest });
      } else {
        expect(first.code).not.toBe(0);
        expect(await running()).toMatchObject({ digest: before });
      }
      await fleet.push(next.location);
      expect(await order()).toMatchObject({ code: 0 });
      expect(await running()).toMatchObject({ digest: next.digest });
      expect(agent.alive).toBe(true);
      before = next.digest;
    },
  );

  test('in the record of a repository starts without it, says which file, and takes the bundles again', async () => {
    await fleet.controller.end();
    writeFileSync(repository(), readFileSync(repository()).subarray(0, 200));
    await fleet.startController();
    expect(fleet.controller.stderr).toContain(repository());
    expect(fleet.controller.stderr).not.toMatch(stack);
    await fleet.online('cam-1');
    const next = bundles.get('2.0.0') as Bundle;
    const order = () =>
      fleet.command('model', 'deploy', 'tiny@2.0.0', '--device', 'cam-1', '--wait', '--timeout', '60s');
    expect((await order()).code).not.toBe(0);
    expect((await fleet.device('cam-1')).reported?.slots.main?.loaded).toMatchObject({ digest: before });
    await fleet.push(next.location);
    expect(await order()).toMatchObject({ code: 0 });
  });
});

describe('A controller whose key of secrets', () => {
  beforeAll(async () => {
    await openFleet();
    await fleet.startController();
  });
  afterAll(() => fleet.close());
  const key = () => join(fleet.controllerFolder, 'secrets.key');

  test('is gone starts with a new one, and its rules are there', async () => {
    const rule = {
      ...{ name: 'away', when: { kind: 'offline' as const } },
      notify: { to: 'https://example.invalid/hook', secret: 'a secret of sixteen' },
    };
    await fleet.client.call('POST /alert-rules', { body: rule });
    await fleet.controller.end();
    rmSync(key());
    await fleet.startController();
    const { rules } = await fleet.client.call('GET /alert-rules');
    expect(rules.filter(({ name }) => name === 'away')).toMatchObject([{ notify: { signed: true } }]);
    expect((statSync(key()).mode & 0o077) === 0).toBe(true);
    expect(fleet.controller.stderr).not.toContain('a secret of sixteen');
  });

  test('is damaged does not start, says which file and what to do, and starts with the copy of it', async () => {
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
    test('takes nothing at the start says so and ends, and starts when it does', async () => {
      await openFleet();
      const disk = new SmallDisk(fleet.controllerFolder, '32m');
      try {
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
