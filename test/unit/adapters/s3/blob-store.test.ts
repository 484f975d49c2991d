import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S3BlobStore, type S3Options } from '../../../../src/adapters/s3/index.ts';
import { readListPage } from '../../../../src/adapters/s3/list-page.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { FakeS3 } from '../../../fakes/fake-s3.ts';
import { FastClock } from '../../../fakes/fast-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

let store: FakeS3;
beforeEach(async () => {
  store = await FakeS3.open();
});
afterEach(() => store.close());

function blobs(change: Partial<S3Options> = {}): S3BlobStore {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = store;
  const own = {
    endpoint,
    bucket,
    region,
    accessKeyId,
    secretAccessKey,
    prefix: '',
    clock: new FastClock(1000),
  };
  return new S3BlobStore({ ...own, ...change });
}
function staged(text: string, digest = digestOf(text)) {
  const file = join(temporaryFolder(), 'staged');
  writeFileSync(file, text);
  return { digest, size: Buffer.byteLength(text), file };
}
const digest = digestOf('x');

describe('A store of objects', () => {
  it('itself refuses bytes that are not what they are signed to be; they stay here', async () => {
    const blob = staged('other bytes', digest);
    await expect(blobs().take(blob)).rejects.toMatchObject({
      code: 's3-answer',
      message: expect.stringContaining('XAmzContentSHA256Mismatch'),
    });
    expect(store.objects.size).toBe(0);
    expect(existsSync(blob.file)).toBe(true);
  });

  it('that is not well for a moment is asked again, with all of the bytes', async () => {
    store.failures = 2;
    await blobs().take(staged('x'));
    expect([...store.objects.values()].map(({ bytes }) => bytes.toString())).toEqual(['x']);
    expect(store.requests).toBe(3);
  });

  it('that stays so is said to be, after so many tries', async () => {
    store.failures = 1_000;
    await expect(blobs().stat(digest)).rejects.toMatchObject({ code: 's3-unreachable' });
    expect(store.requests).toBe(4);
  });

  it.each<[string, Partial<S3Options>, string, number]>([
    ['a wrong secret', { secretAccessKey: 'guess' }, 's3-refused', 1],
    ['a wrong key', { accessKeyId: 'nobody' }, 's3-refused', 1],
    ['a wrong region', { region: 'us-east-1' }, 's3-refused', 1],
    ['a bucket that is not there', { bucket: 'none' }, 's3-answer', 1],
    ['an address where nobody is', { endpoint: 'http://127.0.0.1:9' }, 's3-unreachable', 0],
  ])('tells %s, and no secret', async (_, change, code, requests) => {
    const failed = blobs(change).take(staged('x'));
    await expect(failed).rejects.toMatchObject({ code });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('EXAMPLEKEY') });
    expect(store.requests).toBe(requests);
  });
});

it('A list that is none is none', () => {
  expect(readListPage('<html></html>')).toBeUndefined();
  expect(
    readListPage('<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>'),
  ).toBeUndefined();
  const entry =
    '<Contents><Key>a&amp;b&#x20;c</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>1</Size></Contents>';
  expect(readListPage(`<ListBucketResult>${entry}</ListBucketResult>`)).toEqual({
    objects: [{ key: 'a&b c', size: 1, modifiedMs: Date.UTC(2026, 0, 1) }],
    next: undefined,
  });
});
