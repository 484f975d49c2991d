import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FrameStore } from '../../src/agent/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import type { HardFrame } from '../../src/protocol/index.ts';
import { suite } from './suite.ts';

/** A disk for the hard frames of one device. */
export interface FrameDisk {
  /** A store on this disk, as a new process makes it. */
  store(): FrameStore;
  /** From now on the disk takes nothing, or works again. */
  refuses(yes: boolean): void;
  close(): void;
}

/** What the recorder of hard frames expects of any store. */
export function describeFrameStore(name: string, make: () => FrameDisk, missing?: string): void {
  suite(`A store of hard frames: ${name}`, missing, () => {
    let disk: FrameDisk;
    let store: FrameStore;

    beforeEach(async () => {
      disk = make();
      store = disk.store();
      expect(await store.open()).toEqual([]);
    });
    afterEach(() => disk.close());

    async function reopened() {
      store = disk.store();
      return store.open();
    }

    it('gives back what was written after a restart, oldest first', async () => {
      for (const id of ['2-0', '1-1', '1-0']) await store.write(frame(id), jpeg);
      expect(await reopened()).toEqual(
        ['1-0', '1-1', '2-0'].map((id) => ({
          ...{ id, camera: 'front', timeMs: 1_790_000_000_000, reason: 'alarm', bytes: jpeg.length },
        })),
      );
      expect(await store.meta('1-1')).toEqual(frame('1-1'));
    });

    it('gives a picture in pieces that make up the whole, and nothing beyond its end', async () => {
      await store.write(frame('1-0'), jpeg);
      const got: Buffer[] = [];
      for (let offset = 0; offset < jpeg.length; offset += 2000) {
        const { size, jpeg: base64 } = await store.piece('1-0', offset, 2000);
        expect(size).toBe(jpeg.length);
        got.push(Buffer.from(base64, 'base64'));
      }
      expect(got.map(({ length }) => length)).toEqual([2000, 2000, 1000]);
      expect(Buffer.concat(got).equals(jpeg)).toBe(true);
      expect(await store.piece('1-0', jpeg.length, 2000)).toEqual({ size: jpeg.length, jpeg: '' });
      expect(await store.piece('1-0', jpeg.length + 4000, 2000)).toEqual({ size: jpeg.length, jpeg: '' });
    });

    it('has one frame of an id: a second write takes its place', async () => {
      await store.write(frame('1-0'), jpeg);
      await store.write({ ...frame('1-0'), reason: 'random', bytes: 3 }, jpeg.subarray(0, 3));
      expect(await store.piece('1-0', 0, 2000)).toMatchObject({ size: 3 });
      expect(await reopened()).toMatchObject([{ id: '1-0', reason: 'random', bytes: 3 }]);
    });

    it('removes a frame, and one that is not there without complaint', async () => {
      await store.write(frame('1-0'), jpeg);
      await store.write(frame('2-0'), jpeg);
      await store.remove('1-0');
      await store.remove('1-0');
      expect((await reopened()).map(({ id }) => id)).toEqual(['2-0']);
    });

    it('says that a frame is not there', async () => {
      await expect(store.piece('7-0', 0, 10)).rejects.toMatchObject({ code: 'file-missing' });
      await expect(store.meta('7-0')).rejects.toMatchObject({ code: 'file-missing' });
    });

    it('takes frames that do not wait for each other', async () => {
      const ids = Array.from({ length: 12 }, (_, i) => `${i + 10}-0`);
      await Promise.all(ids.map((id) => store.write(frame(id), jpeg)));
      expect((await reopened()).map(({ id }) => id)).toEqual(ids);
    });

    it('rejects in words while the disk refuses, has nothing of that frame, and takes others later', async () => {
      await store.write(frame('1-0'), jpeg);
      disk.refuses(true);
      const refusal = await store.write(frame('2-0'), jpeg).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(GoshawkError);
      expect(refusal).toMatchObject({ remedy: expect.stringMatching(/./) });
      disk.refuses(false);
      await store.write(frame('3-0'), jpeg);
      expect((await reopened()).map(({ id }) => id)).toEqual(['1-0', '3-0']);
    });
  });
}

const jpeg = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) & 255);

function frame(id: string): HardFrame {
  return {
    ...{ id, camera: 'front', timeMs: 1_790_000_000_000, reason: 'alarm', width: 640, height: 360 },
    ...{ bytes: jpeg.length, blurred: [], modelDigest: `sha256:${'a'.repeat(64)}` },
    detections: [{ label: 'car', score: 0.9, box: [1, 2, 3, 4] }],
  };
}
