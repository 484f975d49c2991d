import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DamagedBundle, digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { InputError, LimitError, MissingError } from '../../../../src/base/index.ts';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import type { DeviceModels } from '../../../../src/runtime/device/device-models.ts';
import { deviceModels } from '../../../fixtures/device-models.ts';
import { FakeRegistry } from '../../../fixtures/fake-registry.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

// What it promises as a ModelStore is in test/contract/model-store.ts.
describe('The models of a device', () => {
  let registry: FakeRegistry;
  let folder: string;
  let models: DeviceModels;

  beforeEach(async () => {
    registry = await new FakeRegistry().start();
    folder = temporaryFolder();
    models = fetching(folder);
  });
  afterEach(() => registry.close());

  const fetching = (at: string, ports: Parameters<typeof deviceModels>[1] = {}) =>
    deviceModels(at, ports, { registry: () => registry.url });
  const add = (version: string, bytes: number) => registry.add(version, Buffer.alloc(bytes, version));

  const download = (model: DesiredModel, onProgress: () => void = () => {}, abort = new AbortController()) =>
    models.download(model, onProgress, abort.signal);
  const froms = (digest: string) =>
    registry.requests.filter(({ path }) => path.endsWith(digest)).map(({ from }) => from);

  it('goes on where it was stopped', async () => {
    const model = add('1.0.0', 3_000_000);
    const abort = new AbortController();
    await expect(download(model, () => abort.abort(), abort)).rejects.toMatchObject({ code: 'cancelled' });
    models = fetching(folder);
    await download(model);
    const [first, second] = froms(model.file);
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(0);
    expect(await models.verify(model.digest)).toMatchObject({ digest: model.digest });
  });

  it('keeps what it has of one model while another is fetched, as two slots do, and goes on with it', async () => {
    const model = add('1.0.0', 3_000_000);
    const other = add('2.0.0', 10);
    registry.cuts.set(model.file, 500_000);
    await expect(download(model)).rejects.toBeInstanceOf(MissingError);
    await download(other);
    await models.verify(other.digest);
    registry.cuts.clear();
    await download(model);
    expect(froms(model.file)).toEqual([0, 500_000]);
    expect(await models.verify(model.digest)).toMatchObject({ digest: model.digest });
  });

  it('fetches nothing for which the disk has no room, and drops what others left half done for what is wanted now', async () => {
    const left = add('1.0.0', 3_000_000);
    const wanted = add('2.0.0', 1_000);
    let freeBytes = Number.POSITIVE_INFINITY;
    models = fetching(folder, {
      room: async (bytes) => {
        const taken = readdirSync(folder).some((name) => name.startsWith(left.digest.slice(7))) ? 1e6 : 0;
        if (bytes > freeBytes - taken) throw new LimitError('models-disk-full', `${bytes} bytes`, '');
      },
    });
    registry.cuts.set(left.file, 500_000);
    await expect(download(left)).rejects.toBeInstanceOf(MissingError);
    freeBytes = 1_001_000;
    await download(wanted);
    expect(readdirSync(folder)).toEqual([`${wanted.digest.slice(7)}.download`]);
    const asked = registry.requests.length;
    await expect(download(add('3.0.0', 2_000_000))).rejects.toMatchObject({ code: 'models-disk-full' });
    expect(registry.requests.slice(asked).filter(({ path }) => path.includes('blobs'))).toHaveLength(1);
  });

  it('waits for its time in a pause, in which another slot may have fetched it', async () => {
    const model = add('1.0.0', 10);
    models = fetching(folder, { mayFetch: async () => {} });
    const pause = async <T>(wait: () => Promise<T>) => {
      const waited = await wait();
      const before = fetching(folder);
      await before.download(model, () => {}, new AbortController().signal);
      await before.verify(model.digest);
      registry.requests.length = 0;
      return waited;
    };
    await models.download(model, () => {}, new AbortController().signal, pause);
    expect(registry.requests).toEqual([]);
  });

  it('asks nobody for what is on its disk', async () => {
    const model = add('1.0.0', 10);
    await download(model);
    await models.verify(model.digest);
    registry.requests.length = 0;
    await download(model);
    expect(registry.requests).toEqual([]);
  });

  it('sets a model aside that was damaged on its disk, tells, and fetches it anew', async () => {
    const told: DamagedBundle[] = [];
    models = fetching(folder, { onDamage: (damaged) => told.push(damaged) });
    const model = add('1.0.0', 10);
    await download(model);
    const { location } = await models.verify(model.digest);
    const file = join(location, 'fp32.onnx');
    const good = readFileSync(file);
    writeFileSync(file, Buffer.alloc(10, 'x'));
    expect(await models.find(model.digest)).toBeUndefined();
    expect(told).toEqual([
      {
        digest: model.digest,
        reason: expect.stringMatching(/sha256 differs/),
        movedTo: `${location}.damaged`,
      },
    ]);
    await download(model);
    await models.verify(model.digest);
    expect(readFileSync(file).equals(good)).toBe(true);
  });

  it('leaves nothing behind of a download that another order took the place of', async () => {
    const [first, second] = [add('1.0.0', 3_000_000), add('2.0.0', 10)];
    const abort = new AbortController();
    await expect(download(first, () => abort.abort(), abort)).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(folder)).toEqual([`${first.digest.slice(7)}.download`]);
    await download(second);
    expect(readdirSync(folder)).toEqual([`${second.digest.slice(7)}.download`]);
  });

  it('keeps no damaged one beside those that it is told to keep', async () => {
    const model = add('1.0.0', 10);
    await download(model);
    const { location } = await models.verify(model.digest);
    writeFileSync(join(location, 'manifest.json'), '{');
    expect(await models.find(model.digest)).toBeUndefined();
    await models.keepOnly([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('uses a bundle where it lies when the disk does not take it', async () => {
    const base = temporaryFolder();
    const network = Buffer.from('the network');
    const manifest = tinyManifest({
      variants: [
        { kind: 'fp32', file: { path: 'fp32.onnx', digest: digestOf(network), size: network.length } },
      ],
    });
    const bundle = await writeBundle(join(base, 'bundle'), manifest, new Map([['fp32.onnx', network]]));
    writeFileSync(join(base, 'models'), '');
    models = fetching(join(base, 'models'));
    const refusals: string[] = [];
    expect(await models.importFolder(bundle.location, (reason) => refusals.push(reason))).toEqual(bundle);
    expect(refusals).toHaveLength(1);
    expect(await models.find(bundle.digest)).toEqual(bundle);
    // A folder that is damaged itself is no bundle, wherever it lies.
    writeFileSync(join(bundle.location, 'fp32.onnx'), 'The network');
    await expect(models.importFolder(bundle.location, () => {})).rejects.toMatchObject({
      code: 'bundle-digest',
    });
  });

  it('refuses for good a model that it has not where it knows no registry, and needs none for one that it has', async () => {
    const model = add('1.0.0', 10);
    models = deviceModels(folder);
    const refusal = await download(model).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InputError);
    expect(refusal).toMatchObject({ code: 'model-unknown' });
    models = fetching(folder);
    await download(model);
    await models.verify(model.digest);
    await deviceModels(folder).download(model, () => {}, new AbortController().signal);
  });

  it('says whom it could not reach', async () => {
    const model = add('1.0.0', 10);
    await registry.close();
    await expect(download(model)).rejects.toMatchObject({
      code: 'registry-unreachable',
      remedy: expect.stringContaining(new URL(registry.url).host),
    });
  });
});
