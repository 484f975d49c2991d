import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { packer } from '../../../../src/adapters/zstd/index.ts';
import { makeForms } from '../../../../src/workbench/index.ts';
import { deviceModels } from '../../../fixtures/device-models.ts';
import { FakeRegistry } from '../../../fixtures/fake-registry.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const never = new AbortController().signal;
const without = (await packer()) === undefined ? ' (skipped: no program zstd)' : '';

describe.skipIf(without !== '')(`Smaller forms of a bundle${without}`, () => {
  const folder = () => temporaryFolder();
  let registry: FakeRegistry | undefined;
  afterEach(() => registry?.close());

  async function bundle(at: string, version: string, s8: Buffer, u8: Buffer) {
    const variant = (kind: 'qdq-s8' | 'qdq-u8', bytes: Buffer) => ({
      kind,
      file: { path: `${kind}.onnx`, digest: digestOf(bytes), size: bytes.length },
    });
    const manifest = tinyManifest({ version, variants: [variant('qdq-s8', s8), variant('qdq-u8', u8)] });
    await writeBundle(
      at,
      manifest,
      new Map([
        ['qdq-s8.onnx', s8],
        ['qdq-u8.onnx', u8],
      ]),
    );
    return at;
  }

  it('are made against earlier versions and within the bundle, and a device gets the whole bundle from them', async () => {
    const work = folder();
    const weights = randomBytes(200_000);
    const changed = Buffer.concat([weights.subarray(0, 150_000), randomBytes(20), weights.subarray(150_000)]);
    const likeIt = (bytes: Buffer) => Buffer.concat([Buffer.from('u8'), bytes]);
    const old = await bundle(join(work, 'old'), '1.0.0', weights, likeIt(weights));
    const next = await bundle(join(work, 'next'), '2.0.0', changed, likeIt(changed));
    const forms = (await makeForms({ bundle: next, bases: [old], out: join(work, 'forms'), signal: never }))!;
    // Noise does not pack.
    expect(forms.every(({ form }) => form === 'zstd-delta')).toBe(true);
    const inside = forms.find(({ base }) => base === digestOf(changed));
    expect(inside?.size).toBeLessThan(300);

    registry = await new FakeRegistry().start();
    const model = await registry.addFolder(next);
    for (const { digest, path } of forms) registry.blobs.set(digest, readFileSync(path));
    registry.addForms(model, forms);
    const { url } = registry;
    const models = deviceModels(join(work, 'device'), {}, { registry: () => url });
    // Without the earlier version: the first network as it is, the other one from it.
    await models.download(model, () => {}, never);
    expect(models.packed(model.digest)).toBe(true);
    await models.unpack(model.digest, () => {}, never);
    const { location } = await models.verify(model.digest);
    expect(readFileSync(join(location, 'qdq-u8.onnx')).equals(likeIt(changed))).toBe(true);
    const asked = registry.requests.flatMap(({ path }) => /blobs\/(sha256:\w+)/.exec(path)?.[1] ?? []);
    expect(asked).toEqual([model.digest, digestOf(changed), inside?.digest]);
  });

  it('are listed for what packs, and not for what does not', async () => {
    const work = folder();
    const text = Buffer.alloc(100_000, 'the same again ');
    const next = await bundle(join(work, 'next'), '2.0.0', text, randomBytes(100_000));
    const forms = await makeForms({ bundle: next, bases: [], out: join(work, 'forms'), signal: never });
    expect(forms).toMatchObject([{ form: 'zstd', blob: digestOf(text) }]);
  });

  it('are not looked for in a release, whose file is packed already', async () => {
    const work = folder();
    const deb = Buffer.alloc(100_000, 'the same again ');
    const file = { path: 'agent.deb', digest: digestOf(deb), size: deb.length };
    await writeBundle(
      join(work, 'release'),
      {
        ...{
          schema: 1,
          name: 'goshawk-agent-amd64',
          version: '0.2.0',
          task: 'release',
          licence: 'Apache-2.0',
        },
        package: { format: 'deb', name: 'goshawk-agent', architecture: 'amd64', file },
        provenance: { sourceDigest: file.digest, createdBy: 'goshawk 1', createdAt: '2026-11-30T00:00:00Z' },
      },
      new Map([[file.path, deb]]),
    );
    const options = { bundle: join(work, 'release'), bases: [], out: join(work, 'forms'), signal: never };
    expect(await makeForms(options)).toEqual([]);
  });
});
