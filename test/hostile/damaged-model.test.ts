import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { digestOf, writeBundle } from '../../src/adapters/filesystem/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { serveBundle, startDevice, until, Watcher } from './watched-device.ts';

vi.setConfig({ testTimeout: 600_000 });

async function bundleIn(folder: string, version: string) {
  const bytes = tinyOnnx();
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }] });
  const { digest } = await writeBundle(folder, manifest, new Map([['fp32.onnx', bytes]]));
  return { name: manifest.name, version, digest };
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe('A device whose model was damaged on its disk', () => {
  it.each(['fp32.onnx', 'manifest.json'])(
    'takes the pristine bundle of its settings again when a byte of %s changed',
    async (file) => {
      const base = temporaryFolder();
      const watcher = await Watcher.start();
      const dataDir = join(base, 'data');
      const model = await bundleIn(join(base, 'bundle'), '1.0.0');
      const settings = { dataDir, broker: { url: watcher.broker.url }, model: join(base, 'bundle') };
      const first = await startDevice(base, settings);
      await watcher.serves(model.digest);
      await first.close();

      const stored = join(dataDir, 'models', model.digest.slice(7));
      flipByte(join(stored, file));
      await startDevice(base, settings);
      await watcher.event('model.damaged');
      await watcher.serves(model.digest);
      expect(readdirSync(join(dataDir, 'models')).sort()).toEqual([
        model.digest.slice(7),
        `${model.digest.slice(7)}.damaged`,
      ]);
      expect(watcher.kinds()).not.toContain('model.lost');
    },
  );

  it('serves the bundle of its settings meanwhile, tells, and fetches what the fleet had ordered', async () => {
    const base = temporaryFolder();
    const watcher = await Watcher.start();
    const dataDir = join(base, 'data');
    const own = await bundleIn(join(base, 'bundle'), '1.0.0');
    const ordered = await bundleIn(join(base, 'ordered'), '2.0.0');
    const { model, artifacts } = await serveBundle(join(base, 'ordered'));
    const settings = { dataDir, artifacts, broker: { url: watcher.broker.url }, model: join(base, 'bundle') };
    await watcher.order({ slots: { main: { model } } });
    const first = await startDevice(base, settings);
    await watcher.serves(ordered.digest);
    await watcher.event('deployment.committed');
    await first.close();

    flipByte(join(dataDir, 'models', ordered.digest.slice(7), 'fp32.onnx'));
    watcher.events.length = 0;
    await startDevice(base, settings);
    expect(await watcher.event('model.lost')).toMatchObject({
      severity: 'error',
      message: expect.stringMatching(/tiny 2\.0\.0 .*tiny 1\.0\.0 serves meanwhile/),
      data: { digest: ordered.digest, serving: own.digest },
    });
    await watcher.event('deployment.committed');
    await watcher.serves(ordered.digest);
  });

  it('connects without any model, tells that its cameras wait, and takes one', async () => {
    const base = temporaryFolder();
    const watcher = await Watcher.start();
    const dataDir = join(base, 'data');
    const ordered = await bundleIn(join(base, 'ordered'), '2.0.0');
    const { model, artifacts } = await serveBundle(join(base, 'ordered'));
    const settings = {
      dataDir,
      artifacts,
      broker: { url: watcher.broker.url },
      model: join(base, 'nowhere'),
    };
    await startDevice(base, settings);
    expect(await watcher.event('model.missing')).toMatchObject({
      severity: 'critical',
      message: expect.stringMatching(/nowhere.*camera front wait/),
    });
    expect(await watcher.event('camera.fault')).toMatchObject({
      camera: 'front',
      data: { code: 'model-missing' },
    });
    expect((await watcher.serves(undefined)).slots.main).not.toHaveProperty('loaded');
    await watcher.order({ slots: { main: { model } } });
    await watcher.event('deployment.committed');
    await watcher.event('camera.recovered');
    await watcher.serves(ordered.digest);
  });
});

describe('A device whose data folder refuses', () => {
  it('perceives, connects and tells, each start with a session of its own', async () => {
    const base = temporaryFolder();
    const watcher = await Watcher.start();
    const model = await bundleIn(join(base, 'bundle'), '1.0.0');
    // Root may write anywhere, so no mode refuses; a file in the folder's place does.
    const dataDir = join(base, 'disk', 'data');
    writeFileSync(join(base, 'disk'), '');
    const settings = { dataDir, broker: { url: watcher.broker.url }, model: join(base, 'bundle') };
    for (const life of [1, 2]) {
      const device = await startDevice(base, settings);
      await watcher.event('outbox.disk-failed');
      await watcher.event('memory.disk-failed');
      await watcher.serves(model.digest);
      await until(
        'frames are processed',
        () => (device.runtime.stats().cameras[0]?.frames.processed ?? 0) > 0,
      );
      expect(device.log.at('error').map(([message]) => message)).toEqual(
        expect.arrayContaining([expect.stringMatching(/data folder/), expect.stringMatching(/outbox/)]),
      );
      await until('the birth', () => watcher.sessions.length >= life);
      await device.close();
      watcher.events.length = 0;
    }
    const sessions = new Set(watcher.sessions);
    expect(sessions.size).toBe(2);
  });

  it('has its entries on the disk once it takes them', async () => {
    const base = temporaryFolder();
    const watcher = await Watcher.start();
    await bundleIn(join(base, 'bundle'), '1.0.0');
    const dataDir = join(base, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'outbox'), '');
    const settings = { dataDir, broker: { url: watcher.broker.url }, model: join(base, 'bundle') };
    const device = await startDevice(base, settings);
    await watcher.event('outbox.disk-failed');
    await device.close();
    rmSync(join(dataDir, 'outbox'));
    watcher.events.length = 0;
    const next = await startDevice(base, settings);
    await watcher.event('engine.chosen');
    expect(watcher.kinds()).not.toContain('outbox.disk-failed');
    await next.close();
  });
});

describe('A device whose memory was damaged', () => {
  it('begins anew, keeps the damaged one, and the fleet hears of it', async () => {
    const base = temporaryFolder();
    const watcher = await Watcher.start();
    await bundleIn(join(base, 'bundle'), '1.0.0');
    const dataDir = join(base, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'memory.json'), '{"version":1,"sess');
    await startDevice(base, { dataDir, broker: { url: watcher.broker.url }, model: join(base, 'bundle') });
    expect(await watcher.event('agent.memory-damaged')).toMatchObject({ severity: 'error' });
    expect(readFileSync(join(dataDir, 'memory.json.damaged'), 'utf8')).toBe('{"version":1,"sess');
  });
});
