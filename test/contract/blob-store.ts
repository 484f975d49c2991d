import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BlobStore } from '../../src/controller/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import { suite } from './suite.ts';

export interface BlobDisk {
  /** The same blobs each time, as after a restart. */
  blobs(): BlobStore;
  /** For what is staged; on the same file system where that matters. */
  readonly staging: string;
  /** Where the bytes of a blob lie; absent where the store checks them itself. */
  readonly fileOf?: (digest: string) => string;
  close(): Promise<void> | void;
}

/** What the registry of the controller expects of any store of blobs. */
export function describeBlobStore(
  name: string,
  make: () => BlobDisk | Promise<BlobDisk>,
  missing?: string,
): void {
  suite(`Blobs: ${name}`, missing, () => {
    let disk: BlobDisk;
    let blobs: BlobStore;
    beforeEach(async () => {
      disk = await make();
      blobs = disk.blobs();
    });
    afterEach(() => disk.close());

    let count = 0;
    async function put(text: string): Promise<string> {
      const file = join(disk.staging, `staged-${count++}`);
      writeFileSync(file, text);
      const digest = digestOf(text);
      await blobs.take({ digest, size: Buffer.byteLength(text), file });
      expect(existsSync(file)).toBe(false);
      return digest;
    }
    async function text(digest: string, range?: { from: number; to: number }): Promise<string> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await blobs.read(digest, range)) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    }
    async function listed(): Promise<string[]> {
      const found: string[] = [];
      for await (const { digest } of disk.blobs().list()) found.push(digest);
      return found.sort();
    }

    it('are what was taken, whole and in parts, also after a restart', async () => {
      const digest = await put('0123456789');
      blobs = disk.blobs();
      expect(await text(digest)).toBe('0123456789');
      expect(await text(digest, { from: 0, to: 0 })).toBe('0');
      expect(await text(digest, { from: 3, to: 5 })).toBe('345');
      expect(await blobs.stat(digest)).toEqual({ digest, size: 10, modifiedMs: expect.any(Number) });
      expect(await blobs.verify(digest)).toEqual(await blobs.stat(digest));
    });

    it('may be of nothing', async () => {
      const digest = await put('');
      expect(await text(digest)).toBe('');
      expect(await blobs.stat(digest)).toMatchObject({ size: 0 });
    });

    it('that are not there are said so', async () => {
      const digest = digestOf('nothing');
      expect(await blobs.stat(digest)).toBeUndefined();
      expect(await blobs.verify(digest)).toBeUndefined();
      await expect(blobs.read(digest)).rejects.toMatchObject({ code: 'blob-unknown' });
      await blobs.delete(digest);
    });

    it('have names that lead nowhere else', async () => {
      for (const name of ['sha256:../../etc/passwd', '../x', '', 'sha256:00']) {
        expect(await blobs.stat(name)).toBeUndefined();
        await expect(blobs.read(name)).rejects.toMatchObject({ code: 'blob-unknown' });
        await blobs.delete(name);
      }
    });

    it('are listed, all of them, and are gone when they are deleted', async () => {
      const digests = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(put));
      expect(await listed()).toEqual([...digests].sort());
      for (const digest of digests) await blobs.delete(digest);
      expect(await listed()).toEqual([]);
    });

    it('that were damaged on the disk are gone when they are verified, and can come again', async () => {
      const digest = await put('sound');
      const sound = await put('other');
      const file = disk.fileOf?.(digest);
      if (file === undefined) return;
      writeFileSync(file, 'sounD');
      expect(await blobs.stat(digest)).toMatchObject({ size: 5 });
      expect(await blobs.verify(digest)).toBeUndefined();
      expect(await blobs.stat(digest)).toBeUndefined();
      expect(await blobs.verify(sound)).toMatchObject({ size: 5 });
      await put('sound');
      expect(await blobs.verify(digest)).toMatchObject({ size: 5 });
      expect(await text(digest)).toBe('sound');
    });

    it('that come again are new', async () => {
      const digest = await put('again');
      const before = (await blobs.stat(digest))?.modifiedMs ?? 0;
      expect(await put('again')).toBe(digest);
      expect((await blobs.stat(digest))?.modifiedMs).toBeGreaterThanOrEqual(before);
      expect(await text(digest)).toBe('again');
    });
  });
}
