import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArtifactFolder } from '../../../../src/adapters/artifacts/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const manifest = Buffer.from('{"name":"street"}');
const digest = digestOf(manifest);

async function* pieces(...texts: readonly (string | Error)[]) {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

async function text(bytes: Promise<AsyncIterable<Uint8Array>>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Every file by its path; nothing may be left over beside what was put. */
function stored(root: string): readonly string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort((a, b) => (a < b ? -1 : 1));
}

describe('Bundles of the controller', () => {
  it('are what came, with size and digest, and are there after a restart', async () => {
    const root = temporaryFolder();
    const folder = new ArtifactFolder(root);
    await folder.putManifest(digest, manifest);
    const expected = { path: 'a/model.onnx', size: 7, digest: digestOf('one two') };
    const limits = { maxBytes: 7, expected };
    expect(await folder.putFile(digest, 'a/model.onnx', pieces('one', ' two'), limits)).toEqual(expected);
    expect(await text(folder.read(digest, expected))).toBe('one two');
    mkdirSync(join(root, 'incoming'), { recursive: true });
    writeFileSync(join(root, 'incoming', 'of-a-crash'), 'half');
    expect(await new ArtifactFolder(root).list()).toMatchObject([{ digest, files: [expected] }]);
    expect(existsSync(join(root, 'incoming'))).toBe(false);
  });

  it('whose manifest was damaged on the disk say so, and are whole again when it is uploaded', async () => {
    const root = temporaryFolder();
    await new ArtifactFolder(root).putManifest(digest, manifest);
    const file = join(root, digest.slice(7), 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('street', 'strees'));
    const [found] = await new ArtifactFolder(root).list();
    expect(found).toMatchObject({ digest, damaged: true });
    expect(found).not.toHaveProperty('manifest');
    await new ArtifactFolder(root).putManifest(digest, manifest);
    const [again] = await new ArtifactFolder(root).list();
    expect(Buffer.from(again?.manifest ?? [])).toEqual(manifest);
    expect(again).not.toHaveProperty('damaged');
  });

  it.each([
    ['other bytes', pieces('one too'), 'digest-mismatch'],
    ['fewer bytes', pieces('one'), 'digest-mismatch'],
    ['more bytes', pieces('one two', ' three'), 'file-too-large'],
    ['a cut connection', pieces('one', new InputError('cut', 'It was cut.', 'Again.')), 'cut'],
  ])('refuse %s, and keep the file that was there before', async (_, bytes, code) => {
    const root = temporaryFolder();
    const folder = new ArtifactFolder(root);
    const expected = { path: 'model.onnx', size: 7, digest: digestOf('one two') };
    const limits = { maxBytes: 7, expected };
    await folder.putFile(digest, 'model.onnx', pieces('one two'), limits);
    await expect(folder.putFile(digest, 'model.onnx', bytes, limits)).rejects.toMatchObject({ code });
    const hex = expected.digest.slice(7);
    expect(stored(root)).toEqual([
      `${digest.slice(7)}/received.json`,
      `blobs/sha256/${hex.slice(0, 2)}/${hex}`,
    ]);
    expect(await text(folder.read(digest, expected))).toBe('one two');
  });

  it('refuse a manifest of another digest', async () => {
    const folder = new ArtifactFolder(temporaryFolder());
    await expect(folder.putManifest(digest, Buffer.from('{}'))).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
  });

  it('say in their own words where the disk refuses', async () => {
    const root = join(temporaryFolder(), 'root');
    writeFileSync(root, 'a file where the folder should be');
    await expect(new ArtifactFolder(root).putManifest(digest, manifest)).rejects.toMatchObject({
      code: expect.stringMatching(/^artifact-/),
    });
  });
});
