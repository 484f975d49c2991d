import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, readBundle, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import type { Manifest } from '../../../../src/model/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const model = Buffer.from('the network');

function manifest(change: Partial<Manifest> = {}): Manifest {
  return tinyManifest({
    variants: [{ kind: 'fp32', file: { path: 'fp32.onnx', digest: digestOf(model), size: model.length } }],
    ...change,
  });
}

async function write(
  folder = join(temporaryFolder(), 'bundle'),
  options: { readonly replace?: boolean } = {},
) {
  return writeBundle(folder, manifest(), new Map([['fp32.onnx', model]]), options);
}

describe('A bundle in a folder', () => {
  it('comes back as it was written, with the digest of its manifest', async () => {
    const written = await write();
    const read = await readBundle(written.location, 'digests');
    expect(read).toEqual(written);
    expect(read.manifest).toEqual(manifest());
    expect(read.digest).toBe(digestOf(readFileSync(join(read.location, 'manifest.json'))));
  });

  it('may hold files in folders, and copies of other files', async () => {
    const base = temporaryFolder();
    writeFileSync(join(base, 'golden.bin'), 'golden');
    const attachments = [{ path: 'golden/a.bin', digest: digestOf('golden'), size: 6 }];
    const contents = new Map<string, Buffer | { copyOf: string }>([
      ['fp32.onnx', model],
      ['golden/a.bin', { copyOf: join(base, 'golden.bin') }],
    ]);
    const { location } = await writeBundle(join(base, 'bundle'), manifest({ attachments }), contents);
    expect(readFileSync(join(location, 'golden/a.bin'), 'utf8')).toBe('golden');
  });

  it('is not written at all when a content is not what the manifest says', async () => {
    const base = temporaryFolder();
    const wrong = new Map([['fp32.onnx', Buffer.from('another one')]]);
    await expect(writeBundle(join(base, 'bundle'), manifest(), wrong)).rejects.toMatchObject({
      code: 'bundle-digest',
    });
    await expect(writeBundle(join(base, 'bundle'), manifest(), new Map())).rejects.toMatchObject({
      code: 'bundle-content',
    });
    expect(readdirSync(base)).toEqual([]);
  });

  it('replaces another one only when told to, and never what is no bundle', async () => {
    const base = temporaryFolder();
    const folder = join(base, 'bundle');
    await write(folder);
    await expect(write(folder)).rejects.toMatchObject({ code: 'bundle-in-the-way' });
    await expect(write(folder, { replace: true })).resolves.toMatchObject({ location: folder });
    const home = join(base, 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'letter.txt'), 'dear');
    await expect(write(home, { replace: true })).rejects.toMatchObject({ code: 'bundle-in-the-way' });
    await expect(write(home)).rejects.toMatchObject({ code: 'bundle-in-the-way' });
    expect(readFileSync(join(home, 'letter.txt'), 'utf8')).toBe('dear');
    expect(readdirSync(base).sort()).toEqual(['bundle', 'home']);
  });

  it('goes into a folder that is there and empty', async () => {
    const folder = temporaryFolder();
    await write(folder);
    expect(existsSync(join(folder, 'manifest.json'))).toBe(true);
  });
});

describe('A bundle that was spoilt', () => {
  it.each<[string, (folder: string) => void, string, RegExp]>([
    [
      'has lost its model',
      (folder) => truncateSync(join(folder, 'fp32.onnx'), 3),
      'bundle-file',
      /3 bytes.*says 11/,
    ],
    [
      'has a changed byte',
      (folder) => writeFileSync(join(folder, 'fp32.onnx'), 'The network'),
      'bundle-digest',
      /sha256 differs/,
    ],
    [
      'has a manifest cut short',
      (folder) => truncateSync(join(folder, 'manifest.json'), 40),
      'manifest-not-json',
      /not JSON/,
    ],
  ])('because it %s is refused by the name of the file', async (_what, spoil, code, words) => {
    const { location } = await write();
    spoil(location);
    const error = await readBundle(location, 'digests').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(words);
    expect(String(error)).toContain(location);
  });

  it('because its model is a link is refused', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest()));
    writeFileSync(join(folder, 'elsewhere'), model);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'fp32.onnx'));
    await expect(readBundle(folder)).rejects.toThrow(/not a plain file/);
  });

  it('because it is an ONNX file or another folder is refused with what to do', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.onnx'), model);
    await expect(readBundle(join(folder, 'model.onnx'))).rejects.toMatchObject({
      code: 'bundle-missing',
      remedy: expect.stringContaining('goshawk model import'),
    });
    await expect(readBundle(folder)).rejects.toMatchObject({ code: 'bundle-missing' });
  });
});
