import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArtifacts } from '../../../../src/runtime/controller/artifacts.ts';
import { FakeS3 } from '../../../fakes/fake-s3.ts';
import { FastClock } from '../../../fakes/fast-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const clock = new FastClock(1000);
const registry = { maxFileBytes: 1_000_000, keepUnusedHours: 24, deviceEngines: false };

async function* once(text: string) {
  yield Buffer.from(text);
}

describe('Where the bytes of bundles lie', () => {
  it('is a store of objects where the settings name one, with the credentials of a file', async () => {
    const store = await FakeS3.open();
    const dataDir = temporaryFolder();
    const credentialsFile = join(dataDir, 's3');
    const s3 = {
      ...{ endpoint: store.endpoint, bucket: store.bucket, region: store.region },
      prefix: 'a/',
      credentialsFile,
    };
    try {
      const open = () => openArtifacts({ dataDir, registry: { ...registry, s3 } }, clock);
      await expect(open()).rejects.toMatchObject({ code: 'file-missing' });
      writeFileSync(credentialsFile, 'word');
      await expect(open()).rejects.toMatchObject({ code: 's3-credentials' });
      writeFileSync(credentialsFile, 'models:owner key\n');
      await open();
      writeFileSync(credentialsFile, `${store.accessKeyId}:${store.secretAccessKey}\n`);
      const { artifacts } = (await open()).ports;
      await artifacts.uploads.begin('0f');
      await artifacts.uploads.append('0f', once('a network'), 100);
      const staged = await artifacts.uploads.finish('0f');
      await artifacts.blobs.take(staged);
      expect([...store.objects.keys()]).toEqual([`a/${staged.digest.replace(':', '/')}`]);
      const { blobs } = (await open()).ports.artifacts;
      const chunks: Uint8Array[] = [];
      for await (const chunk of await blobs.read(staged.digest, { from: 2, to: 4 })) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString('utf8')).toBe('net');
    } finally {
      await store.close();
    }
  });

  it('is the data folder otherwise, and the limits are those of the settings', async () => {
    const { options } = await openArtifacts({ dataDir: temporaryFolder(), registry }, clock);
    expect(options.artifactLimits).toEqual({ maxBlobBytes: 1_000_000, graceMs: 86_400_000 });
  });
});
