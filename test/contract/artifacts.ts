import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoshawkError } from '../../src/base/index.ts';
import type { Artifacts, StoredBundle } from '../../src/controller/index.ts';
import { suite } from './suite.ts';

/** A disk for the bundles of one controller. */
export interface ArtifactDisk {
  /** What is on this disk, as a new process sees it. */
  artifacts(): Artifacts;
  close(): void;
}

/** What the controller's registry of models expects of any store of bundles. */
export function describeArtifacts(name: string, make: () => ArtifactDisk, missing?: string): void {
  suite(`Artifacts: ${name}`, missing, () => {
    let disk: ArtifactDisk;
    let artifacts: Artifacts;

    beforeEach(async () => {
      disk = make();
      artifacts = disk.artifacts();
      expect(await artifacts.list()).toEqual([]);
    });
    afterEach(() => disk.close());

    const put = (path: string, content: string, limits: Partial<Parameters<Artifacts['putFile']>[3]> = {}) =>
      artifacts.putFile(digest, path, chunks(content), { maxBytes: 1000, ...limits });
    /** After a restart, files by their path. */
    async function stored(): Promise<StoredBundle[]> {
      artifacts = disk.artifacts();
      const bundles = await artifacts.list();
      return bundles.map((one) => ({
        ...one,
        files: [...one.files].sort((a, b) => (a.path < b.path ? -1 : 1)),
      }));
    }

    it('keeps manifest and files over a restart, with size and digest as they came', async () => {
      await artifacts.putManifest(digest, manifest);
      const file = { path: 'onnx/fp32.onnx', size: 7, digest: digestOf('network') };
      expect(await put('onnx/fp32.onnx', 'network', { expected: file })).toEqual(file);
      const [bundle, ...more] = await stored();
      expect(more).toEqual([]);
      expect(bundle).toMatchObject({ digest, files: [file] });
      expect(Buffer.from(bundle?.manifest ?? []).equals(manifest)).toBe(true);
      expect(bundle?.uploadedMs).toBeGreaterThan(0);
    });

    it('takes files before their manifest, and tells that it is not there yet', async () => {
      await put('labels.txt', 'car');
      const [bundle] = await stored();
      expect(bundle).toMatchObject({ digest, files: [{ path: 'labels.txt', size: 3 }] });
      expect(bundle?.manifest).toBeUndefined();
    });

    it('keeps bundles apart', async () => {
      const other = Buffer.from('{"name":"other"}');
      await artifacts.putManifest(digest, manifest);
      await artifacts.putManifest(digestOf(other), other);
      await put('labels.txt', 'car');
      const files = new Map((await stored()).map((bundle) => [bundle.digest, bundle.files.length]));
      expect(Object.fromEntries(files)).toEqual({ [digest]: 1, [digestOf(other)]: 0 });
    });

    it('refuses a manifest that has another digest, and keeps nothing of it', async () => {
      await expect(artifacts.putManifest(digest, Buffer.from('{}'))).rejects.toMatchObject({
        code: 'digest-mismatch',
      });
      expect(await stored()).toEqual([]);
    });

    it.each(['sha256:../../etc', '..', `sha256:${'A'.repeat(64)}`, `md5:${'a'.repeat(64)}`, ''])(
      'refuses "%s", which is no digest',
      async (wrong) => {
        // A manifest with its digest in the wrong form may be refused for either.
        await expect(artifacts.putManifest(wrong, manifest)).rejects.toMatchObject({
          code: expect.stringMatching(/^digest-(form|mismatch)$/),
        });
        const file = artifacts.putFile(wrong, 'a', chunks('x'), { maxBytes: 10 });
        await expect(file).rejects.toMatchObject({ code: 'digest-form' });
        await expect(artifacts.delete(wrong)).rejects.toMatchObject({ code: 'digest-form' });
        expect(await stored()).toEqual([]);
      },
    );

    it.each([
      ['other bytes', { size: 3, digest: digestOf('bus') }],
      ['another length', { size: 4, digest: digestOf('car') }],
    ])('refuses a file with %s than promised, and keeps the one that was there', async (_, promised) => {
      await put('labels.txt', 'tram');
      const refused = put('labels.txt', 'car', { expected: { path: 'labels.txt', ...promised } });
      await expect(refused).rejects.toMatchObject({ code: 'digest-mismatch' });
      expect((await stored())[0]?.files).toEqual([{ path: 'labels.txt', size: 4, digest: digestOf('tram') }]);
    });

    it('refuses a file beyond its limit without reading on, and keeps nothing of it', async () => {
      let given = 0;
      let ended = false;
      async function* endless() {
        try {
          for (;;) {
            given += 1;
            yield Buffer.alloc(100);
          }
        } finally {
          ended = true;
        }
      }
      const upload = artifacts.putFile(digest, 'big', endless(), { maxBytes: 1000 });
      await expect(upload).rejects.toMatchObject({ code: 'file-too-large' });
      expect(given).toBe(11);
      expect(ended).toBe(true);
      expect((await stored()).flatMap(({ files }) => files)).toEqual([]);
    });

    it('takes a file of exactly its limit, and one of nothing', async () => {
      expect(await put('full', 'x'.repeat(1000))).toMatchObject({ size: 1000 });
      expect(await put('empty', '')).toEqual({ path: 'empty', size: 0, digest: digestOf('') });
    });

    it('keeps nothing of an upload that broke off, and takes it again', async () => {
      async function* broken() {
        yield Buffer.from('net');
        throw new Error('The connection was reset.');
      }
      const upload = artifacts.putFile(digest, 'fp32.onnx', broken(), { maxBytes: 1000 });
      await expect(upload).rejects.toBeInstanceOf(GoshawkError);
      expect((await stored()).flatMap(({ files }) => files)).toEqual([]);
      await put('fp32.onnx', 'network');
      expect((await stored())[0]?.files).toMatchObject([{ size: 7 }]);
    });

    it('has one file of a path: the last that came', async () => {
      await put('labels.txt', 'car');
      await put('labels.txt', 'tram');
      expect((await stored())[0]?.files).toEqual([{ path: 'labels.txt', size: 4, digest: digestOf('tram') }]);
    });

    it('takes several files of a bundle at the same time', async () => {
      const paths = Array.from({ length: 12 }, (_, i) => `part-${String(i).padStart(2, '0')}`);
      await Promise.all([artifacts.putManifest(digest, manifest), ...paths.map((path) => put(path, path))]);
      expect((await stored())[0]?.files.map(({ path }) => path)).toEqual(paths);
    });

    it('gives back a file, and a part of it', async () => {
      await artifacts.putManifest(digest, manifest);
      const file = await put('fp32.onnx', 'network');
      expect(await text(artifacts.read(digest, file))).toBe('network');
      expect(await text(artifacts.read(digest, file, { from: 1, to: 3 }))).toBe('etw');
      const own = { path: 'manifest.json', digest, size: manifest.byteLength };
      expect(await text(artifacts.read(digest, own))).toBe(manifest.toString('utf8'));
    });

    it('takes over a bundle whose files are there already, and no manifest of another digest', async () => {
      const files = [await put('fp32.onnx', 'network')];
      await artifacts.adopt(digest, manifest, files);
      expect(await stored()).toMatchObject([{ digest, files }]);
      await expect(artifacts.adopt(digest, Buffer.from('{}'), files)).rejects.toMatchObject({
        code: 'digest-mismatch',
      });
    });

    it('deletes a bundle with all that it has, and one that is not there without complaint', async () => {
      await artifacts.putManifest(digest, manifest);
      await put('labels.txt', 'car');
      await artifacts.delete(digest);
      await artifacts.delete(digest);
      expect(await stored()).toEqual([]);
    });
  });
}

const manifest = Buffer.from('{"name":"street"}');
const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const digest = digestOf(manifest);

async function text(bytes: Promise<AsyncIterable<Uint8Array>>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Byte by byte, as a slow network brings them. */
async function* chunks(content: string) {
  for (const byte of Buffer.from(content)) yield Uint8Array.of(byte);
}
