import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BagFrameSource, isBag } from '../../../../src/adapters/rosbag/index.ts';
import { openSource } from '../../../../src/runtime/sources/open-source.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { imageOn, jpegOn, writeBagFolder, writeMcap, writeSqlite } from '../../../fixtures/bags.ts';
import { jpegHead } from '../../../fixtures/cameras/http-camera.ts';

const folder = mkdtempSync(join(tmpdir(), 'goshawk-bags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const second = 1_000_000_000n;
const began = 1_700_000_000n * second;
const images = Array.from({ length: 6 }, (_, index) =>
  imageOn('/front', began + BigInt(index) * (second / 10n), index),
);
const noise = {
  topic: '/chatter',
  type: 'std_msgs/msg/String',
  loggedNs: began,
  bytes: Uint8Array.of(0, 1, 0, 0),
};

/** What a bag gives: number, time in milliseconds, first pixel, frame_id; and its faults. */
async function play(path: string, topic?: string) {
  const source = new BagFrameSource(path, {
    clock: new FakeClock(),
    camera: 'front',
    ...(topic === undefined ? {} : { topic }),
  });
  const frames: unknown[] = [];
  const faults: string[] = [];
  await new Promise<void>((end, fail) => {
    source
      .open({
        frame: async ({ sequence, stampNs, pixels, frameId, encoding }) => {
          frames.push([
            sequence,
            Number(stampNs / 1_000_000n),
            encoding === 'jpeg' ? 'jpeg' : pixels.data[0],
            frameId,
          ]);
          pixels.release();
        },
        fault: (error) => faults.push(error.explain()),
        end,
      })
      .catch(fail);
  });
  await source.close();
  return { frames, faults };
}

const expected = images.map((_, index) => [index, index * 100, index, 'lens']);

describe('A bag as a source', () => {
  it.each([
    ['an MCAP file', () => writeMcap(join(folder, 'plain.mcap'), [noise, ...images])],
    ['an SQLite file', async () => writeSqlite(join(folder, 'plain.db3'), [noise, ...images])],
    [
      'a folder with two files, in the order of their numbers',
      () => writeBagFolder(join(folder, 'run'), images),
    ],
  ])('%s gives every picture once, with the stamps of its headers', async (_, write) => {
    const path = await write();
    expect(await isBag(path)).toBe(true);
    expect(await play(path)).toEqual({ frames: expected, faults: [] });
    expect(await play(path)).toEqual({ frames: expected, faults: [] });
  });

  const zstd = (zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer }).zstdCompressSync;
  it.skipIf(zstd === undefined)(
    'is unpacked where its chunks are packed by zstd (this Node packs none before 22.15)',
    async () => {
      const compress = (bytes: Uint8Array) => ({ compression: 'zstd', compressedData: zstd!(bytes) });
      const path = await writeMcap(join(folder, 'packed.mcap'), images, { compress });
      expect(await play(path)).toEqual({ frames: expected, faults: [] });
    },
  );

  it('has compressed pictures too, and names its topics where there are several', async () => {
    const path = await writeMcap(join(folder, 'two.mcap'), [
      ...images,
      jpegOn('/rear/compressed', began, jpegHead(64, 48, 7)),
    ]);
    await expect(play(path)).rejects.toMatchObject({
      message: `The bag ${path} has 2 topics of pictures.`,
      remedy: `Name one: ${path}?topic=/front. Its topics of pictures are /front, /rear/compressed.`,
    });
    await expect(play(path, '/chatter')).rejects.toThrow('has no pictures on /chatter');
    expect((await play(path, '/rear/compressed')).frames).toEqual([[0, 0, 'jpeg', 'front_optical']]);
  });

  it('keeps to the recorder’s clock where headers have no stamp, and never goes back', async () => {
    const path = await writeMcap(join(folder, 'unstamped.mcap'), [
      imageOn('/front', 0n, 1, began),
      imageOn('/front', 0n, 2, began + second),
      imageOn('/front', 0n, 3, began + 2n * second),
    ]);
    expect((await play(path)).frames).toEqual([
      [0, 0, 1, 'lens'],
      [1, 1000, 2, 'lens'],
      [2, 2000, 3, 'lens'],
    ]);
    const back = await writeMcap(join(folder, 'back.mcap'), [
      imageOn('/front', began + second, 1, began),
      imageOn('/front', began, 2, began + 1n),
    ]);
    expect((await play(back)).frames).toEqual([
      [0, 0, 1, 'lens'],
      [1, 0, 2, 'lens'],
    ]);
  });

  it('tells of a picture that can’t be read, and goes on', async () => {
    const broken = { ...images[1]!, bytes: images[1]!.bytes.subarray(0, 40) };
    const path = await writeMcap(join(folder, 'broken.mcap'), [images[0]!, broken, images[2]!]);
    const { frames, faults } = await play(path);
    expect(frames).toHaveLength(2);
    expect(faults).toHaveLength(1);
  });

  it('says what is wrong with one that is cut off, packed otherwise, or none', async () => {
    const cut = await writeMcap(join(folder, 'cut.mcap'), images);
    truncateSync(cut, readFileSync(cut).length - 30);
    await expect(play(cut)).rejects.toMatchObject({
      code: 'bag-damaged',
      remedy: expect.stringContaining('mcap recover'),
    });
    const text = join(folder, 'text.db3');
    writeFileSync(text, 'This is no database, but long enough to be looked at.');
    await expect(play(text)).rejects.toMatchObject({ code: 'bag-damaged' });
    const lz4 = (bytes: Uint8Array) => ({ compression: 'lz4', compressedData: bytes });
    const packed = await writeMcap(join(folder, 'lz4.mcap'), images, { compress: lz4 });
    expect((await play(packed)).faults).toEqual([
      expect.stringContaining('mcap compress FILE --compression zstd'),
    ]);
    await expect(play(join(folder, 'nowhere.mcap'))).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('survives any damage to its bytes: frames, faults or a refusal, and an end', async () => {
    const whole = readFileSync(await writeMcap(join(folder, 'whole.mcap'), images));
    const path = join(folder, 'damaged.mcap');
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        writeFileSync(path, bytes);
        const outcome = await play(path).catch((error: { code?: string }) => error.code);
        if (typeof outcome === 'object') expect(outcome.frames.length).toBeLessThanOrEqual(images.length);
        else expect(['bag-damaged', 'bag-topic', 'bag-compression']).toContain(outcome);
      }),
      { numRuns: 150, seed: 4 },
    );
  });
});

describe('The source of a bag in words', () => {
  const request = { clock: new FakeClock(), realtime: false, fps: 10, loop: false };
  it('is a path, or has a scheme and a topic', async () => {
    const path = await writeMcap(join(folder, 'words.mcap'), images);
    for (const spec of [path, `mcap:${path}`, `rosbag2:${path}?topic=/front`])
      expect(await openSource(spec, request)).toMatchObject({ kind: 'bag', lossless: true });
    await expect(openSource('mcap:', request)).rejects.toMatchObject({ code: 'source-kind' });
    await expect(openSource(`mcap:${path}?topic=`, request)).rejects.toMatchObject({ code: 'source-kind' });
  });
});
