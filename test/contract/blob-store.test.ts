import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { BlobFolder } from '../../src/adapters/artifacts/index.ts';
import { S3BlobStore } from '../../src/adapters/s3/index.ts';
import { FakeS3 } from '../fakes/fake-s3.ts';
import { FastClock } from '../fakes/fast-clock.ts';
import { namedS3 } from '../fixtures/s3-store.ts';
import { SwiftStore, swiftMissing } from '../fixtures/swift-store.ts';
import { describeBlobStore } from './blob-store.ts';

function staging(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-blobs-'));
  mkdirSync(join(folder, 'staging'));
  return folder;
}

describeBlobStore('a folder', () => {
  const folder = staging();
  return {
    blobs: () => new BlobFolder(join(folder, 'blobs')),
    staging: join(folder, 'staging'),
    fileOf: (digest) => join(folder, 'blobs', 'sha256', digest.slice(7, 9), digest.slice(7)),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
});

describeBlobStore('an S3-compatible store', async () => {
  const folder = staging();
  const store = await FakeS3.open();
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = store;
  return {
    blobs: () =>
      new S3BlobStore({
        ...{ endpoint, bucket, region, accessKeyId, secretAccessKey, prefix: 'site one/' },
        clock: new FastClock(1000),
      }),
    staging: join(folder, 'staging'),
    close: async () => {
      rmSync(folder, { recursive: true, force: true });
      await store.close();
    },
  };
});

let swift: SwiftStore | undefined;
beforeAll(async () => {
  if (swiftMissing === undefined) swift = await SwiftStore.open();
});
afterAll(() => swift?.close());

describeBlobStore(
  'OpenStack Swift by its S3 API',
  () => {
    if (swift === undefined) throw new Error('It is skipped.');
    const folder = staging();
    const { place } = swift;
    const prefix = `site one/${randomUUID()}/`;
    return {
      blobs: () => new S3BlobStore({ ...place, prefix, clock: new FastClock(1000) }),
      staging: join(folder, 'staging'),
      close: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  swiftMissing,
);

const named = namedS3();

describeBlobStore(
  'the S3-compatible store of GOSHAWK_S3_ENDPOINT',
  () => {
    if (named === undefined) throw new Error('It is skipped.');
    const folder = staging();
    const prefix = `site one/${randomUUID()}/`;
    return {
      blobs: () => new S3BlobStore({ ...named, prefix, clock: new FastClock(1000) }),
      staging: join(folder, 'staging'),
      close: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  named === undefined ? 'that names none' : undefined,
);
