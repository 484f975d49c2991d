import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ClipStore } from '../../src/agent/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import type { Clip } from '../../src/protocol/index.ts';
import { suite } from './suite.ts';

/** A disk for the clips of one device. */
export interface ClipDisk {
  /** A store on this disk, as a new process makes it. */
  store(): ClipStore;
  /** From now on the disk takes nothing, or works again. */
  refuses(yes: boolean): void;
  close(): void;
}

/** What the recorder of clips expects of any store. */
export function describeClipStore(name: string, make: () => ClipDisk): void {
  suite(`A store of clips: ${name}`, undefined, () => {
    let disk: ClipDisk;
    let store: ClipStore;

    beforeEach(async () => {
      disk = make();
      store = disk.store();
      expect(await store.open()).toEqual([]);
    });
    afterEach(() => disk.close());

    async function kept(id: string): Promise<void> {
      draft(store.draft(id));
      await store.keep(clip(id));
    }
    async function reopened() {
      store = disk.store();
      return (await store.open()).map((one) => one.id);
    }

    it('gives back what was kept after a restart, oldest first', async () => {
      for (const id of ['2-0', '1-1', '1-0']) await kept(id);
      expect(await store.open()).toEqual(['1-0', '1-1', '2-0'].map(clip));
    });

    it('has no clip of a draft, and nothing of it after a restart', async () => {
      const path = store.draft('1-0');
      draft(path);
      mkdirSync(`${path}.parts`);
      expect(await reopened()).toEqual([]);
      await expect(store.keep(clip('1-0'))).rejects.toBeInstanceOf(GoshawkError);
      draft(store.draft('2-0'));
      await store.discard('2-0');
      await store.discard('2-0');
      expect(await reopened()).toEqual([]);
    });

    it('gives a clip in pieces that make up the whole, and nothing beyond its end', async () => {
      await kept('1-0');
      const got: Buffer[] = [];
      for (let offset = 0; offset < bytes.length; offset += 2000) {
        const { size, data } = await store.piece('1-0', offset, 2000);
        expect(size).toBe(bytes.length);
        got.push(Buffer.from(data, 'base64'));
      }
      expect(Buffer.concat(got).equals(bytes)).toBe(true);
      for (const offset of [bytes.length, Number.MAX_SAFE_INTEGER])
        expect(await store.piece('1-0', offset, 2000)).toEqual({ size: bytes.length, data: '' });
    });

    it('removes a clip, one that is not there without complaint, and says that it is not there', async () => {
      await kept('1-0');
      await kept('2-0');
      await store.remove('1-0');
      await store.remove('1-0');
      await expect(store.piece('1-0', 0, 10)).rejects.toMatchObject({ code: 'file-missing' });
      expect(await reopened()).toEqual(['2-0']);
    });

    it('rejects in words while the disk refuses, and takes others later', async () => {
      await kept('1-0');
      disk.refuses(true);
      const refusal = await store.keep(clip('2-0')).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GoshawkError);
      disk.refuses(false);
      await kept('3-0');
      expect(await reopened()).toEqual(['1-0', '3-0']);
    });
  });
}

const bytes = Buffer.from(Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) & 255));

function draft(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function clip(id: string): Clip {
  return {
    ...{ id, camera: 'front', timeMs: 1_790_000_000_000, durationMs: 12_000, reasons: ['zone.dwell'] },
    ...{
      codec: 'h264',
      width: 640,
      height: 360,
      bytes: bytes.length,
      encoded: false,
      blurred: false,
      gaps: 0,
    },
  };
}
