import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ModelRegistry } from '../../../../src/controller/models/model-registry.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import { FakeArtifacts } from '../../../fakes/fake-artifacts.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const network = 'the network';
const path = 'onnx/fp32.onnx';
const bundle = (version = '1.0.0', content = network) => {
  const file = { path, digest: digestOf(content), size: content.length };
  const manifest = Buffer.from(formatManifest(tinyManifest({ version, variants: [{ kind: 'fp32', file }] })));
  return { manifest, digest: digestOf(manifest) };
};

let artifacts: FakeArtifacts;
let models: ModelRegistry;
beforeEach(() => {
  artifacts = new FakeArtifacts();
  models = new ModelRegistry(artifacts);
});

async function* bytes(...chunks: string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );
const thrown = (run: () => void) => {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('The models of a fleet', () => {
  it.each([
    ['the manifest first', true],
    ['the files first', false],
  ])('are complete when everything came, %s', async (_, manifestFirst) => {
    const { manifest, digest } = bundle();
    const steps = [
      () => models.putManifest(digest, manifest, 5),
      () => models.putFile(digest, path, bytes('the ', 'network'), 6),
    ];
    if (!manifestFirst) steps.reverse();
    const first = await steps[0]!();
    expect(first).toEqual({ complete: false, missing: [manifestFirst ? path : 'manifest.json'] });
    expect(models.isComplete(digest)).toBe(false);
    expect(await steps[1]!()).toEqual({ complete: true, missing: [] });
    expect(models.isComplete(digest)).toBe(true);
    expect(models.list(() => 3)).toMatchObject([
      {
        name: 'tiny',
        version: '1.0.0',
        digest,
        complete: true,
        missing: [],
        devices: 3,
        sizeBytes: network.length,
      },
    ]);
  });

  it('are not complete with a file that is another one than the manifest says', async () => {
    const { manifest, digest } = bundle();
    await models.putFile(digest, path, bytes('another one'), 5);
    expect(await models.putManifest(digest, manifest, 5)).toEqual({ complete: false, missing: [path] });
    expect(await codeOf(models.putFile(digest, path, bytes('wrong again'), 5))).toBe('digest-mismatch');
    expect(await models.putFile(digest, path, bytes(network), 5)).toEqual({ complete: true, missing: [] });
  });

  it('take parts that come at the same time, and lose none where one of them breaks off', async () => {
    const { manifest, digest } = bundle();
    async function* broken() {
      yield Buffer.from('x');
      throw new Error('The connection was reset.');
    }
    const parts = [
      models.putFile(digest, path, bytes(...network), 5),
      models.putFile(digest, 'labels.txt', broken(), 5),
      models.putManifest(digest, manifest, 5),
    ];
    const [file, refused] = await Promise.allSettled(parts);
    expect([file?.status, refused?.status]).toEqual(['fulfilled', 'rejected']);
    expect(models.isComplete(digest)).toBe(true);
  });

  it('lose no file that is on its way while the manifest is written', async () => {
    const { manifest, digest } = bundle();
    const described = models.putManifest(digest, manifest, 5);
    const uploaded = models.putFile(digest, path, bytes(network), 5);
    await Promise.all([described, uploaded]);
    expect(models.isComplete(digest)).toBe(true);
  });

  it('lose no file where another of the same bundle breaks off before the manifest is there', async () => {
    const { manifest, digest } = bundle();
    let goOn = () => {};
    const waits = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slow() {
      await waits;
      yield Buffer.from(network);
    }
    const uploaded = models.putFile(digest, path, slow(), 5);
    async function* broken() {
      yield Buffer.from('x');
      throw new Error('The connection was reset.');
    }
    await expect(models.putFile(digest, 'labels.txt', broken(), 5)).rejects.toThrow();
    goOn();
    await uploaded;
    expect(await models.putManifest(digest, manifest, 5)).toEqual({ complete: true, missing: [] });
  });

  it.each(['', '..', 'a/../b', 'a//b', '/etc/passwd', 'a b', 'manifest.json', './a', 'x'.repeat(201)])(
    'have no file "%s"',
    async (wrong) => {
      const { manifest, digest } = bundle();
      await models.putManifest(digest, manifest, 5);
      expect(await codeOf(models.putFile(digest, wrong, bytes('x'), 5))).toBe('file-unknown');
    },
  );

  it('take no file that the manifest does not name, none beyond its size, and no manifest that is none', async () => {
    const { manifest, digest } = bundle();
    await models.putManifest(digest, manifest, 5);
    expect(await codeOf(models.putFile(digest, 'other.onnx', bytes('x'), 5))).toBe('file-unknown');
    expect(await codeOf(models.putFile(digest, path, bytes(network, 'and more'), 5))).toBe('file-too-large');
    for (const wrong of ['{}', 'no JSON', Uint8Array.of(0xff, 0xfe)])
      expect(await codeOf(models.putManifest(digestOf(wrong), Buffer.from(wrong), 5))).toMatch(/^manifest-/);
    expect(await codeOf(models.putManifest(digestOf('other'), manifest, 5))).toBe('digest-mismatch');
    expect(models.list(() => 0)).toHaveLength(1);
  });

  it('are not begun without end: files without a manifest fill no disk', async () => {
    models = new ModelRegistry(artifacts, { maxFileBytes: 100, maxLoose: 2 });
    const digests = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`);
    await models.putFile(digests[0]!, 'x', bytes('x'), 5);
    await models.putFile(digests[1]!, 'x', bytes('x'), 5);
    expect(await codeOf(models.putFile(digests[2]!, 'x', bytes('x'), 5))).toBe('too-many-uploads');
    // One that failed from the start holds no place.
    await models.delete(digests[1]!);
    expect(await codeOf(models.putFile(digests[1]!, 'x', bytes('x'.repeat(101)), 5))).toBe('file-too-large');
    expect(await codeOf(models.putFile(digests[2]!, 'x', bytes('x'), 5))).toBe('done');
    // A manifest that is refused holds none either.
    await models.delete(digests[2]!);
    expect(await codeOf(models.putManifest(digests[1]!, bundle().manifest, 5))).toBe('digest-mismatch');
    expect(await codeOf(models.putFile(digests[2]!, 'x', bytes('x'), 5))).toBe('done');
  });

  it('are not begun without end: so many bundles, and so many files before the manifest of one', async () => {
    models = new ModelRegistry(artifacts, { maxLooseFiles: 2, maxBundles: 2 });
    const digests = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`);
    for (const file of ['x', 'y', 'y'])
      expect(await codeOf(models.putFile(digests[0]!, file, bytes('x'), 5))).toBe('done');
    expect(await codeOf(models.putFile(digests[0]!, 'z', bytes('x'), 5))).toBe('too-many-uploads');
    expect(await codeOf(models.putFile(digests[1]!, 'x', bytes('x'), 5))).toBe('done');
    expect(await codeOf(models.putFile(digests[2]!, 'x', bytes('x'), 5))).toBe('too-many-uploads');
    await models.delete(digests[1]!);
    expect(await codeOf(models.putFile(digests[2]!, 'x', bytes('x'), 5))).toBe('done');
  });

  it('can be chosen when they are complete, under their own name and version', async () => {
    const { manifest, digest } = bundle();
    const choice = { name: 'tiny', version: '1.0.0', digest };
    expect(thrown(() => models.expectChoice(choice))).toBe('model-unknown');
    await models.putFile(digest, 'labels.txt', bytes('car'), 5);
    expect(thrown(() => models.expectChoice(choice))).toBe('model-unknown');
    await models.putManifest(digest, manifest, 5);
    expect(thrown(() => models.expectChoice(choice))).toBe('model-incomplete');
    await models.putFile(digest, path, bytes(network), 5);
    expect(thrown(() => models.expectChoice(choice))).toBe('nothing');
    expect(thrown(() => models.expectChoice({ ...choice, name: 'other' }))).toBe('model-mismatch');
    expect(thrown(() => models.expectChoice({ ...choice, version: '2.0.0' }))).toBe('model-mismatch');
  });

  it('give out what is there, file by file', async () => {
    const { manifest, digest } = bundle();
    const present = (file: string) => thrown(() => models.fileOf(digest, file));
    expect(present('manifest.json')).toBe('model-unknown');
    await models.putManifest(digest, manifest, 5);
    expect([present('manifest.json'), present(path)]).toEqual(['nothing', 'file-unknown']);
    await models.putFile(digest, path, bytes(network), 5);
    expect(present(path)).toBe('nothing');
    await models.delete(digest);
    expect(present('manifest.json')).toBe('model-unknown');
    expect(await codeOf(models.delete(digest))).toBe('model-unknown');
  });

  it('are listed by name, the newest version first', async () => {
    for (const [version, nowMs] of [
      ['1.0.0', 5],
      ['3.0.0', 7],
      ['2.0.0', 6],
    ] as const) {
      const { manifest, digest } = bundle(version);
      await models.putManifest(digest, manifest, nowMs);
    }
    expect(models.list(() => 0).map(({ version }) => version)).toEqual(['3.0.0', '2.0.0', '1.0.0']);
  });

  it('are there again after a restart; one whose manifest can not be read any more is told and left alone', async () => {
    const { manifest, digest } = bundle();
    await models.putManifest(digest, manifest, 5);
    await models.putFile(digest, path, bytes(network), 5);
    const odd = Buffer.from('{"schema":99}');
    await artifacts.putManifest(digestOf(odd), odd);
    models = new ModelRegistry(artifacts);
    expect(await models.load()).toMatchObject([
      { name: 'InputError', code: expect.stringMatching(/^manifest-/) },
    ]);
    expect(models.list(() => 0).map((one) => [one.digest, one.complete])).toEqual([[digest, true]]);
  });
});
