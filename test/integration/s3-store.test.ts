import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3BlobStore } from '../../src/adapters/s3/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import { FastClock } from '../fakes/fast-clock.ts';
import { anyS3, namedS3, type S3Place } from '../fixtures/s3-store.ts';

const isNamed = namedS3() !== undefined;
const takesAnyBody =
  process.env.GOSHAWK_S3_TAKES_ANY_BODY === '1'
    ? ' (skipped: GOSHAWK_S3_TAKES_ANY_BODY says that it does not look)'
    : '';

/** What a store of others does with what ours sends it. Without one that is named: a server of ours that checks signatures. */
describe(`Blobs in ${isNamed ? 'the store of GOSHAWK_S3_ENDPOINT' : 'a store of S3’s kind'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-s3-'));
  const prefix = `${randomUUID()}/`;
  let place: S3Place;
  let close: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    ({ place, close } = await anyS3());
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await close?.();
  });

  const store = (change: Partial<S3Place> = {}, below = prefix) =>
    new S3BlobStore({ ...place, ...change, prefix: below, clock: new FastClock(1000), tries: 2 });
  const staged = (bytes: Uint8Array | string) => {
    const file = join(folder, randomUUID());
    writeFileSync(file, bytes);
    return { digest: digestOf(bytes), size: Buffer.byteLength(bytes), file };
  };
  const bytesOf = async (chunks: AsyncIterable<Uint8Array>) => {
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return Buffer.concat(all);
  };

  it('are whole and in parts what was taken, also 20 MB', async () => {
    const bytes = randomBytes(20_000_000);
    const blob = staged(bytes);
    await store().take(blob);
    const { digest } = blob;
    expect(digestOf(await bytesOf(await store().read(digest)))).toBe(digest);
    for (const [from, to] of [
      [0, 0],
      [19_999_999, 19_999_999],
      [5_000_000, 14_999_999],
    ] as const) {
      const part = await bytesOf(await store().read(digest, { from, to }));
      expect(part.equals(bytes.subarray(from, to + 1))).toBe(true);
    }
    await store().delete(digest);
    expect(await store().stat(digest)).toBeUndefined();
  });

  it('are listed, more than a page of them, and those of another prefix are not', {
    // A store of others on the same two cores took 150 ms for each.
    timeout: 900_000,
  }, async () => {
    const below = `${prefix}many/`;
    const digests: string[] = [];
    const left = Array.from({ length: isNamed ? 1_100 : 110 }, (_, at) => `blob ${at}`);
    const send = async () => {
      for (let text = left.pop(); text !== undefined; text = left.pop()) {
        const blob = staged(text);
        digests.push(blob.digest);
        await store({}, below).take(blob);
      }
    };
    await Promise.all(Array.from({ length: 8 }, send));
    await store({}, `${prefix}other/`).take(staged('of another'));
    const listed: string[] = [];
    for await (const { digest, size, modifiedMs } of store({}, below).list()) {
      expect(size).toBeGreaterThan(5);
      expect(modifiedMs).toBeGreaterThan(Date.UTC(2026, 0, 1));
      listed.push(digest);
    }
    expect(listed.sort()).toEqual(digests.sort());
    while (digests.length > 0)
      await Promise.all(digests.splice(0, 8).map((digest) => store({}, below).delete(digest)));
    for await (const { digest } of store({}, below).list()) expect(digest).toBe('nothing');
  });

  // moto 5.1 does not: docs/registry.md.
  it.skipIf(takesAnyBody !== '')(
    `of other bytes than their digest says are refused by the store itself, and are not there${takesAnyBody}`,
    async () => {
      const blob = { ...staged('other bytes'), digest: digestOf('those that were meant') };
      await expect(store().take(blob)).rejects.toMatchObject({ code: 's3-answer' });
      expect(existsSync(blob.file)).toBe(true);
      expect(await store().stat(blob.digest)).toBeUndefined();
    },
  );

  it('are for who has the key', async () => {
    const blob = staged('with another key');
    const stranger = store({ secretAccessKey: 'another' });
    await expect(stranger.take(blob)).rejects.toMatchObject({ code: 's3-refused' });
    await expect(stranger.stat(blob.digest)).rejects.toMatchObject({ code: 's3-refused' });
    await expect(store({ bucket: 'no-such-bucket' }).take(blob)).rejects.toMatchObject({
      code: expect.stringMatching(/^s3-(answer|refused)$/),
    });
  });
});
