import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactFolder } from '../../../../src/adapters/artifacts/index.ts';
import { nodeSecrets } from '../../../../src/adapters/crypto/node-secrets.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { LimitError, silentLog } from '../../../../src/base/index.ts';
import { ModelRegistry } from '../../../../src/controller/models/model-registry.ts';
import { OciRegistry } from '../../../../src/controller/registry/oci-registry.ts';
import { formatManifest, packBundle } from '../../../../src/model/index.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

class ShiftedClock extends SystemClock {
  shiftMs = 0;

  override wallMs(): number {
    return super.wallMs() + this.shiftMs;
  }
}

const admin = { tokenId: 't1', name: 'ann', role: 'admin' as const };
const network = Buffer.from('a network');
const manifest = tinyManifest({
  name: 'street',
  variants: [{ kind: 'fp32', file: { path: 'fp32.onnx', digest: digestOf(network), size: network.length } }],
});
const json = Buffer.from(formatManifest(manifest));
const bundle = digestOf(json);
const packed = packBundle(json, manifest, digestOf);
const artifact = packed.manifest.descriptor.digest;

/** Counts what is done to the disk; from the call with this number on nothing is done any more. */
class Cut {
  calls = 0;
  readonly after: number;
  constructor(after: number) {
    this.after = after;
  }
  around<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const writes = !['stat', 'read', 'list', 'load', 'sizeOf'].includes(String(name));
          if (writes) this.calls += 1;
          // The port says of itself that it may fail so.
          if (writes && this.calls > this.after)
            return Promise.reject(new LimitError('artifact-disk-full', 'The disk is full.', ''));
          return value.apply(target, args);
        };
      },
    });
  }
}

/** A life of the controller's registry on a disk. */
async function live(
  root: string,
  clock = new ShiftedClock(),
  cut = new Cut(Number.POSITIVE_INFINITY),
  limits: ConstructorParameters<typeof OciRegistry>[1] = {},
) {
  const folder = artifactFolder(root);
  const blobs = cut.around(folder.blobs);
  const models = new ModelRegistry({ blobs, digestOf, log: silentLog });
  const registry = new OciRegistry(
    {
      ...{ models, clock, digestOf, secrets: nodeSecrets, log: silentLog, bus: eventBus(clock) },
      ...{ blobs, uploads: cut.around(folder.uploads) },
      repositories: cut.around(folder.repositories),
      audit: { record: (_c: unknown, _a: unknown, _t: unknown, run: () => unknown) => run() } as never,
      expectUnneeded: () => {},
      vouchers: { of: () => Promise.reject(new Error('not asked')) as never, isGood: () => false },
      devices: { get: () => undefined, devices: () => [].values() },
    },
    limits,
  );
  await registry.load();
  return { registry, models, cut };
}
type Life = Awaited<ReturnType<typeof live>>;

async function* once(bytes: Uint8Array) {
  yield bytes;
}
async function pushBlob({ registry }: Life, name: string, bytes: Uint8Array): Promise<string> {
  const id = await registry.uploads.begin(name, 't1');
  await registry.uploads.finish(name, id, digestOf(bytes), once(bytes), undefined);
  return digestOf(bytes);
}
async function push(life: Life, name = 'site/street'): Promise<void> {
  for (const bytes of [network, json, packed.config.bytes]) await pushBlob(life, name, bytes);
  await life.registry.putManifest(admin, name, '1.0.0', async () => packed.manifest.bytes, {});
}
async function whole({ registry }: Life, digest: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await registry.read(digest)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
/** Whatever a tag names is there to its last byte, and a model is one that devices can be given. */
async function expectWhole(life: Life): Promise<void> {
  for (const name of life.registry.repositories())
    for (const tag of life.registry.tags(name)) {
      const { digest, blobs } = life.registry.manifest(name, tag);
      for (const one of [digest, ...blobs]) expect(digestOf(await whole(life, one))).toBe(one);
    }
  for (const { digest } of life.models.list(() => 0)) {
    expect(life.models.isComplete(digest)).toBe(true);
    expect(life.registry.manifest('street', '1.0.0').bundle).toBe(digest);
  }
}

describe('A push that ends in the middle', () => {
  it('at each of its steps, leaves nothing that is half there, and goes through when it is tried again', async () => {
    let done = false;
    for (let after = 0; !done; after += 1) {
      const root = temporaryFolder();
      const first = await live(root, new ShiftedClock(), new Cut(after));
      const failed = await push(first).then(
        () => false,
        () => true,
      );
      done = !failed;
      // The same process goes on, and another one begins on what lies there.
      await expectWhole(await live(root));
      const second = await live(root);
      await push(second);
      await expectWhole(second);
      expect(second.models.isComplete(bundle)).toBe(true);
      expect(digestOf(await whole(second, artifact))).toBe(artifact);
      expect(after).toBeLessThan(60);
    }
  });
});

it('A client that abandons uploads loses its own oldest ones, and no other client loses any', async () => {
  const { registry } = await live(temporaryFolder(), new ShiftedClock(), undefined, {
    ...{ maxUploads: 5, maxUploadsPerToken: 3 },
  });
  const begin = (token: string) => registry.uploads.begin('street', token);
  const size = (id: string) => registry.uploads.sizeOf('street', id);
  const [first, second] = [await begin('t1'), await begin('t1')];
  await begin('t1');
  const other = await begin('t2');
  const fourth = await begin('t1');
  await expect(size(first)).rejects.toMatchObject({ code: 'upload-unknown' });
  expect([await size(second), await size(other), await size(fourth)]).toEqual([0, 0, 0]);
  await begin('t2');
  await expect(begin('t3')).rejects.toMatchObject({ code: 'registry-full' });
});

describe('A bundle whose bytes are gone from the disk', () => {
  const fileOf = (digest: string) => join('blobs/sha256', digest.slice(7, 9), digest.slice(7));

  it.each([
    ['a network', digestOf(network)],
    ['its manifest.json', bundle],
  ])('is not whole without %s, and is when it is pushed again', async (_title, digest) => {
    const root = temporaryFolder();
    await push(await live(root), 'street');
    rmSync(join(root, fileOf(digest)));
    const life = await live(root);
    expect(life.models.isComplete(bundle)).toBe(false);
    await push(life, 'street');
    await expectWhole(life);
    expect(life.models.isComplete(bundle)).toBe(true);
    expect((await live(root)).models.isComplete(bundle)).toBe(true);
  });

  it('is not taken where its manifest.json is another than its digest says', async () => {
    const root = temporaryFolder();
    await push(await live(root), 'street');
    writeFileSync(join(root, fileOf(bundle)), JSON.stringify({ ...manifest, licence: 'MIT' }));
    expect((await live(root)).models.list(() => 0)).toEqual([]);
  });
});

describe('Unreferenced blobs', () => {
  const day = 86_400_000;
  const filesOf = (root: string) =>
    readdirSync(join(root, 'blobs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  it('is swept away a day later, and what somebody needs is not', async () => {
    const root = temporaryFolder();
    const clock = new ShiftedClock();
    const life = await live(root, clock);
    await push(life, 'street');
    const loose = await pushBlob(life, 'street', Buffer.from('a blob without a manifest'));
    const left = await life.registry.uploads.begin('street', 't1');
    await life.registry.uploads.append('street', left, once(Buffer.from('half')), undefined);
    expect(await life.registry.sweep()).toEqual({ blobs: 0, bytes: 0, links: 0, uploads: 0 });
    clock.shiftMs = day + 60_000;
    expect(await life.registry.sweep()).toEqual({ blobs: 1, bytes: 25, links: 1, uploads: 1 });
    await expect(life.registry.blob('street', loose)).rejects.toMatchObject({ code: 'blob-unknown' });
    await expect(life.registry.uploads.sizeOf('street', left)).rejects.toMatchObject({
      code: 'upload-unknown',
    });
    await expectWhole(life);
    await life.registry.deleteManifest(admin, 'street', artifact);
    expect(life.models.isComplete(bundle)).toBe(false);
    clock.shiftMs = 2 * day + 120_000;
    expect((await life.registry.sweep()).blobs).toBe(4);
    expect(filesOf(root)).toEqual([]);
    expect(life.registry.repositories()).toEqual([]);
    expect((await live(root)).models.list(() => 0)).toEqual([]);
  });
});

it('A version is one bundle: other bytes under it are refused while the first is there, and taken when it is deleted', async () => {
  const life = await live(temporaryFolder());
  await push(life, 'street');
  const other = Buffer.from(formatManifest({ ...manifest, licence: 'MIT' }));
  const again = packBundle(other, { ...manifest, licence: 'MIT' }, digestOf);
  const pushOther = async () => {
    for (const bytes of [other, again.config.bytes]) await pushBlob(life, 'elsewhere', bytes);
    await life.registry.uploads.mount('elsewhere', digestOf(network), 'street');
    await life.registry.putManifest(admin, 'elsewhere', 'x', async () => again.manifest.bytes, {});
  };
  await expect(pushOther()).rejects.toMatchObject({
    code: 'model-version-taken',
    message: `street 1.0.0 is in the registry with other content (${bundle}).`,
  });
  expect(life.registry.manifest('street', '1.0.0').bundle).toBe(bundle);
  // The same bytes again are no other bundle.
  await push(life, 'street');
  await life.registry.deleteManifest(admin, 'street', artifact);
  await pushOther();
  expect(life.registry.manifest('street', '1.0.0').bundle).toBe(digestOf(other));
});

describe('The tag of a version', () => {
  const packedAs = (over: Partial<typeof manifest>) => {
    const bytes = Buffer.from(formatManifest({ ...manifest, ...over }));
    return { bytes, packed: packBundle(bytes, { ...manifest, ...over }, digestOf) };
  };
  const putBlobs = async (life: Life, { bytes, packed: one }: ReturnType<typeof packedAs>) => {
    for (const blob of [network, bytes, one.config.bytes]) await pushBlob(life, 'street', blob);
  };
  const put = (life: Life, { packed: one }: ReturnType<typeof packedAs>, tag: string) =>
    life.registry.putManifest(admin, 'street', tag, async () => one.manifest.bytes, {});

  it('is given to one of two bundles that are pushed at the same time', async () => {
    const life = await live(temporaryFolder());
    const both = [packedAs({ licence: 'MIT' }), packedAs({ licence: 'Apache-2.0' })];
    for (const one of both) await putBlobs(life, one);
    const answers = await Promise.allSettled(both.map((one) => put(life, one, '1.0.0')));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'model-version-taken' },
    });
    expect(life.models.list(() => 0)).toHaveLength(1);
  });

  it('does not move to another version, and a tag that is no version does', async () => {
    const life = await live(temporaryFolder());
    await push(life, 'street');
    const next = packedAs({ version: '2.0.0' });
    await putBlobs(life, next);
    await expect(put(life, next, '1.0.0')).rejects.toMatchObject({ code: 'model-version-taken' });
    expect(life.registry.manifest('street', '1.0.0').bundle).toBe(bundle);
    await life.registry.putManifest(admin, 'street', 'latest', async () => packed.manifest.bytes, {});
    await put(life, next, 'latest');
    expect(life.registry.manifest('street', 'latest').bundle).toBe(digestOf(next.bytes));
  });
});
