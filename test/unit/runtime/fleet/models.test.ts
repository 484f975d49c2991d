import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../../src/adapters/filesystem/index.ts';
import { findModel, pushBundle } from '../../../../src/runtime/fleet/models.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyBundleFolder } from '../../../integration/goshawk.ts';

const model = (name: string, version: string, letter: string, uploadedMs: number) => ({
  ...{ name, version, uploadedMs },
  digest: `sha256:${letter.repeat(64)}`,
});
const models = [
  model('street', '1', 'a', 1),
  model('street', '2', 'b', 3),
  model('street', '1', 'c', 2),
  model('yard', '1', 'd', 9),
];

describe('A model of the controller', () => {
  const api = new FakeFleetApi();
  api.answers.set('/models', { models });

  it.each([
    ['its name: the newest upload', 'street', 'b'],
    ['its name and version: the newest upload of it', 'street@1', 'c'],
    ['its digest', models[0]?.digest ?? '', 'a'],
    ['eight digits of its digest', 'dddddddd', 'd'],
    ['the beginning of its digest with its kind', 'sha256:dddd', 'd'],
  ])('is found by %s', async (_, wanted, letter) => {
    expect((await findModel(api, wanted)).digest).toBe(`sha256:${letter.repeat(64)}`);
  });

  it.each(['aaaaaaa', 'street@3', 'stree', ''])(
    'is not found by "%s"; the error says what there is',
    async (wanted) => {
      await expect(findModel(api, wanted)).rejects.toMatchObject({
        code: 'model-unknown',
        remedy: expect.stringContaining('street@1, street@2, street@1, yard@1'),
      });
    },
  );
});

describe('Bringing a bundle to the controller', () => {
  it('sends its files first and the manifest last, and tells how far it is', async () => {
    const folder = await tinyBundleFolder(temporaryFolder());
    const { digest, manifest } = await readBundle(folder);
    const api = new FakeFleetApi();
    const steps: unknown[] = [];
    const pushed = await pushBundle(api, folder, async (what, total) => {
      steps.push([what, total]);
      return { advance: (by, note) => steps.push([by, note]), stop: () => steps.push('stop') };
    });
    const size = manifest.variants[0]?.file.size;
    expect(pushed).toEqual({ name: 'tiny', version: manifest.version, digest, complete: true, missing: [] });
    expect(api.uploads.map(({ path }) => path)).toEqual([
      `/artifacts/${digest}/files/fp32.onnx`,
      `/artifacts/${digest}/manifest`,
    ]);
    expect(JSON.parse(api.uploads[1]?.text ?? '')).toEqual(manifest);
    expect(steps).toEqual([['uploading', size], [size, 'fp32.onnx'], 'stop']);
  });

  it('fails where the controller misses what the manifest names: a file that was changed at the same size', async () => {
    const folder = await tinyBundleFolder(temporaryFolder());
    const api = new FakeFleetApi();
    api.missing = ['fp32.onnx'];
    await expect(pushBundle(api, folder, async () => ({ advance() {}, stop() {} }))).rejects.toMatchObject({
      code: 'push-incomplete',
      message: expect.stringContaining('fp32.onnx'),
    });
  });

  it('takes the bar away where an upload fails', async () => {
    const folder = await tinyBundleFolder(temporaryFolder());
    const api = new FakeFleetApi();
    api.upload = () => Promise.reject(new Error('The controller is gone.'));
    let stopped = 0;
    const push = pushBundle(api, folder, async () => ({ advance() {}, stop: () => stopped++ }));
    await expect(push).rejects.toThrow('gone');
    expect(stopped).toBe(1);
  });
});
