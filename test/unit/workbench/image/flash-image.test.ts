import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { noProgress } from '../../../../src/runtime/index.ts';
import { writeAndVerify } from '../../../../src/workbench/image/flash-image.ts';
import type { OpenedImage } from '../../../../src/workbench/image/open-image.ts';
import type { Card } from '../../../../src/workbench/image/target.ts';

const mebibyte = 2 ** 20;
const ports = { log: silentLog, startProgress: noProgress, signal: new AbortController().signal };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** 6 MiB: the head, a run of 3 MiB, a hole, the last MiB. */
const content = Buffer.from(
  Array.from({ length: 6 * mebibyte }, (_, index) => (index * 7 + (index >> 13)) % 251),
);
const places = [
  [0, 1],
  [1, 3],
  [5, 1],
] as const;

function image(more: Partial<OpenedImage> = {}): OpenedImage {
  return {
    bytes: content.length,
    parts: places.map(([start, size]) => {
      const [startByte, bytes] = [start * mebibyte, size * mebibyte];
      return { startByte, bytes, checksum: sha256(content.subarray(startByte, startByte + bytes)) };
    }),
    async *stream() {
      for (let at = 0; at < content.length; at += 700_000) yield content.subarray(at, at + 700_000);
    },
    ...more,
  };
}

/** A card in memory that may have less than it says, or lose what it is told. */
class FakeCard implements Card {
  readonly size: number;
  readonly bytes: Buffer;
  readonly log: string[] = [];
  readonly #place: (at: number) => number | undefined;

  constructor(
    size: number,
    real = size,
    place: (at: number, real: number) => number | undefined = (at) => at,
  ) {
    this.size = size;
    this.bytes = Buffer.alloc(real, 0xee);
    this.#place = (at) => place(at, real);
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    this.log.push(`write ${at / mebibyte}`);
    for (let done = 0; done < bytes.length; done += 4096) {
      const place = this.#place(at + done);
      if (place !== undefined) this.bytes.set(bytes.subarray(done, done + 4096), place);
    }
  }

  async read(length: number, at: number): Promise<Uint8Array> {
    const out = Buffer.alloc(length);
    for (let done = 0; done < length; done += 4096) {
      const place = this.#place(at + done);
      if (place !== undefined)
        this.bytes.copy(out, done, place, Math.min(place + 4096, place + length - done));
    }
    return out;
  }

  async flush(): Promise<void> {
    this.log.push('flush');
  }

  async close(): Promise<void> {}
}

describe('Writing an image to a card', () => {
  it('writes what the map says, leaves out the hole, and reads it back', async () => {
    const card = new FakeCard(32 * mebibyte);
    const done = await writeAndVerify(image(), card, ports);
    expect(done).toMatchObject({ writtenBytes: 5 * mebibyte, skippedBytes: mebibyte });
    for (const [start, size] of places) {
      const [from, to] = [start * mebibyte, (start + size) * mebibyte];
      expect(card.bytes.subarray(from, to).equals(content.subarray(from, to))).toBe(true);
    }
    expect(card.bytes.subarray(4 * mebibyte, 5 * mebibyte).every((byte) => byte === 0xee)).toBe(true);
  });

  it('writes the head last, and only after the rest was read back', async () => {
    const card = new FakeCard(32 * mebibyte);
    await writeAndVerify(image(), card, ports);
    const heads = card.log.flatMap((entry, index) => (entry === 'write 0' ? [index] : []));
    expect(heads).toEqual([0, card.log.length - 2]);
    expect(card.log.at(-1)).toBe('flush');
  });

  it('leaves a card without a head where the image ends early', async () => {
    const card = new FakeCard(32 * mebibyte);
    const half = image({
      async *stream() {
        yield content.subarray(0, 3 * mebibyte);
      },
    });
    await expect(writeAndVerify(half, card, ports)).rejects.toMatchObject({ code: 'image-half-written' });
    expect(card.bytes.subarray(0, mebibyte).every((byte) => byte === 0)).toBe(true);
  });

  it('refuses an image that is not what its map says', async () => {
    const wrong = Buffer.from(content);
    wrong[2 * mebibyte] = (wrong[2 * mebibyte] ?? 0) ^ 1;
    const damaged = image({
      async *stream() {
        yield wrong;
      },
    });
    const card = new FakeCard(32 * mebibyte);
    await expect(writeAndVerify(damaged, card, ports)).rejects.toMatchObject({ code: 'image-damaged' });
    expect(card.bytes.subarray(0, mebibyte).every((byte) => byte === 0)).toBe(true);
  });

  it.each([8, 9, 11, 13, 17, 23, 31])(
    'catches a card of %i MiB that says 32 and begins anew behind its end',
    async (real) => {
      const card = new FakeCard(32 * mebibyte, real * mebibyte, (at, size) => at % size);
      await expect(writeAndVerify(image(), card, ports)).rejects.toMatchObject({ code: 'image-card-lies' });
    },
  );

  it('says what it saw of such a card', async () => {
    const card = new FakeCard(32 * mebibyte, 8 * mebibyte, (at, size) => at % size);
    await expect(writeAndVerify(image(), card, ports)).rejects.toThrow(
      'The card says that it has 0.034 GB, but the bytes written at 0.031 GB came out at 0.006 GB',
    );
  });

  it('catches a card that forgets what lies behind its end', async () => {
    const card = new FakeCard(32 * mebibyte, 20 * mebibyte, (at, size) => (at < size ? at : undefined));
    await expect(writeAndVerify(image(), card, ports)).rejects.toMatchObject({ code: 'image-card-lies' });
  });

  it('catches a block that does not hold what was written', async () => {
    const bad = 2 * mebibyte + 4096;
    const card = new FakeCard(32 * mebibyte, 32 * mebibyte, (at) => (at === bad ? undefined : at));
    await expect(writeAndVerify(image(), card, ports)).rejects.toMatchObject({ code: 'image-verify-failed' });
    expect(card.bytes.subarray(0, mebibyte).every((byte) => byte === 0)).toBe(true);
  });

  it('stops when it is told to, and leaves no head', async () => {
    const abort = new AbortController();
    const card = new FakeCard(32 * mebibyte);
    const stopping = image({
      async *stream() {
        yield content.subarray(0, 2 * mebibyte);
        abort.abort();
        yield content.subarray(2 * mebibyte);
      },
    });
    await expect(writeAndVerify(stopping, card, { ...ports, signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(card.bytes.subarray(0, mebibyte).every((byte) => byte === 0)).toBe(true);
  });
});
