import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DamagedBundle, digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { InputError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import type { DeviceModels } from '../../../../src/runtime/device/device-models.ts';
import { deviceModels } from '../../../fixtures/device-models.ts';
import { type ServedModels, serveModels } from '../../../fixtures/served-models.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

// What it promises as a ModelStore is in test/contract/model-store.ts.
describe('The models of a device', () => {
  let served: ServedModels;
  let folder: string;
  let models: DeviceModels;

  beforeEach(async () => {
    served = await serveModels();
    folder = temporaryFolder();
    models = deviceModels(folder);
  });
  afterEach(() => served.close());

  const download = (model: DesiredModel, onProgress: () => void = () => {}, abort = new AbortController()) =>
    models.download(model, onProgress, abort.signal);
  const paths = () => served.requests.map(({ path }) => path);

  it('fetches the manifest first, then the files that it names, with its token', async () => {
    await download(served.add('1.0.0', 10));
    expect(paths()).toEqual(['/1.0.0/manifest.json', '/1.0.0/onnx/fp32.onnx']);
    expect(served.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer a token',
      'Bearer a token',
    ]);
  });

  it('goes on where it was stopped', async () => {
    const model = served.add('1.0.0', 3_000_000);
    const abort = new AbortController();
    await expect(download(model, () => abort.abort(), abort)).rejects.toMatchObject({ code: 'cancelled' });
    models = deviceModels(folder);
    await download(model);
    const [first, second] = served.requests.filter(({ path }) => path.endsWith('.onnx'));
    expect(first?.from).toBe(0);
    expect(second?.from).toBeGreaterThan(0);
    expect(await models.verify(model.digest)).toMatchObject({ digest: model.digest });
  });

  it('keeps what it has of one model while another is fetched, as two slots do, and goes on with it', async () => {
    const model = served.add('1.0.0', 3_000_000);
    const other = served.add('2.0.0', 10);
    served.cut('/1.0.0/onnx/fp32.onnx', 500_000);
    await expect(download(model)).rejects.toBeInstanceOf(MissingError);
    await download(other);
    await models.verify(other.digest);
    served.cut('/1.0.0/onnx/fp32.onnx', undefined);
    await download(model);
    const froms = served.requests
      .filter(({ path }) => path === '/1.0.0/onnx/fp32.onnx')
      .map(({ from }) => from);
    expect(froms[0]).toBe(0);
    expect(froms.at(-1)).toBe(500_000);
    expect(await models.verify(model.digest)).toMatchObject({ digest: model.digest });
  });

  it('waits for its time in a pause, in which another slot may have fetched it', async () => {
    const model = served.add('1.0.0', 10);
    models = deviceModels(folder, { mayFetch: async () => {} });
    const pause = async <T>(wait: () => Promise<T>) => {
      const waited = await wait();
      const before = deviceModels(folder);
      await before.download(model, () => {}, new AbortController().signal);
      await before.verify(model.digest);
      served.requests.length = 0;
      return waited;
    };
    await models.download(model, () => {}, new AbortController().signal, pause);
    expect(served.requests).toEqual([]);
  });

  it('asks nobody for what is on its disk', async () => {
    const model = served.add('1.0.0', 10);
    await download(model);
    await models.verify(model.digest);
    served.requests.length = 0;
    await download(model);
    expect(served.requests).toEqual([]);
  });

  it('sets a model aside that was damaged on its disk, tells, and fetches it anew', async () => {
    const told: DamagedBundle[] = [];
    models = deviceModels(folder, { onDamage: (damaged) => told.push(damaged) });
    const model = served.add('1.0.0', 10);
    await download(model);
    const { location } = await models.verify(model.digest);
    const file = join(location, 'onnx/fp32.onnx');
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
    const [first, second] = [served.add('1.0.0', 3_000_000), served.add('2.0.0', 10)];
    const abort = new AbortController();
    await expect(download(first, () => abort.abort(), abort)).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(folder)).toEqual([`${first.digest.slice(7)}.download`]);
    await download(second);
    expect(readdirSync(folder)).toEqual([`${second.digest.slice(7)}.download`]);
  });

  it('keeps no damaged one beside those that it is told to keep', async () => {
    const model = served.add('1.0.0', 10);
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
    models = deviceModels(join(base, 'models'));
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

  it('refuses for good a manifest that is another one than ordered', async () => {
    const { url } = served.add('1.0.0', 10);
    const other = served.add('2.0.0', 10);
    await expect(download({ ...other, url: url! })).rejects.toMatchObject({
      code: 'download-mismatch',
      message: expect.stringContaining(other.digest),
    });
  });

  it.each([
    [404, InputError, 'download-missing'],
    [401, RefusedError, 'download-refused'],
    [403, RefusedError, 'download-refused'],
    // These are tried again.
    [500, MissingError, 'download-failed'],
    [503, MissingError, 'download-failed'],
    [429, MissingError, 'download-failed'],
  ])('takes the answer %i for %o', async (status, kind, code) => {
    const model = served.add('1.0.0', 10);
    served.answer(status);
    const refusal = await download(model).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(kind);
    expect(refusal).toMatchObject({ code, remedy: expect.stringMatching(/./) });
    served.answer(undefined);
    await download(model);
    expect(await models.verify(model.digest)).toMatchObject({ digest: model.digest });
  });

  it('says whom it could not reach', async () => {
    const model = served.add('1.0.0', 10);
    await served.close();
    await expect(download(model)).rejects.toMatchObject({
      code: 'download-failed',
      remedy: expect.stringContaining(new URL(model.url!).host),
    });
  });
});
