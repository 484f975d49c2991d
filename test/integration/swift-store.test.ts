import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { S3BlobStore } from '../../src/adapters/s3/index.ts';
import { describeError } from '../../src/base/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import { FastClock } from '../fakes/fast-clock.ts';
import { CuttingProxy } from '../fixtures/cutting-proxy.ts';
import type { S3Place } from '../fixtures/s3-store.ts';
import { SwiftStore, swiftMissing, swiftStranger } from '../fixtures/swift-store.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { goshawk } from './goshawk.ts';

/** What our own store can't promise for those of others: words, accounts, and an end in the middle. */
describe.skipIf(swiftMissing !== undefined)(
  `Models in OpenStack Swift${swiftMissing === undefined ? '' : ` (skipped: ${swiftMissing})`}`,
  () => {
    let swift: SwiftStore;
    beforeAll(async () => {
      swift = await SwiftStore.open();
    });
    afterAll(() => swift?.close());

    const store = (change: Partial<S3Place> & { tries?: number } = {}) =>
      new S3BlobStore({ ...swift.place, prefix: 'swift/', clock: new FastClock(1000), tries: 2, ...change });
    const staged = (bytes: Uint8Array | string) => {
      const file = join(temporaryFolder(), randomUUID());
      writeFileSync(file, bytes);
      return { digest: digestOf(bytes), size: Buffer.byteLength(bytes), file };
    };
    const read = async (chunks: AsyncIterable<Uint8Array>) => {
      const all: Uint8Array[] = [];
      for await (const chunk of chunks) all.push(chunk);
      return Buffer.concat(all);
    };

    it.each<[string, Partial<S3Place>, RegExp]>([
      [
        'a wrong secret',
        { secretAccessKey: 'guess' },
        /refuses the bucket models: PUT .* 403 SignatureDoesNotMatch/,
      ],
      ['an unknown key', { accessKeyId: 'models:nobody' }, /refuses the bucket models: PUT .* 403 Sig/],
      ['keys of another account', swiftStranger, /did not do it: PUT .* 404 NoSuchBucket/],
      ['another region', { region: 'eu-west-1' }, /did not do it: PUT .* 400 AuthorizationHeader/],
      ['a bucket that is not there', { bucket: 'none' }, /did not do it: PUT .* 404 NoSuchBucket/],
    ])('are refused in words for %s, and the file stays here', async (_, change, words) => {
      const blob = staged(`for ${_}`);
      const error = await store(change)
        .take(blob)
        .then(() => 'stored', describeError);
      expect(error).toMatch(words);
      expect(error).toContain('registry.s3');
      expect(error).not.toMatch(/owners-key|others-key|guess/);
      expect(existsSync(blob.file)).toBe(true);
      expect(await store().stat(blob.digest)).toBeUndefined();
    });

    it('come in parts, and the rest of one that broke off comes from another controller', async () => {
      const bytes = randomBytes(3_000_000);
      const blob = staged(bytes);
      await store().take(blob);
      const [one, other] = [store(), store()];
      const begun: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of await one.read(blob.digest)) {
        begun.push(chunk);
        size += chunk.byteLength;
        if (size > 500_000) break;
      }
      const rest = await read(await other.read(blob.digest, { from: size, to: blob.size - 1 }));
      expect(digestOf(Buffer.concat([...begun, rest]))).toBe(blob.digest);
    });

    it('are not there when the upload broke off, and there when it is repeated', async () => {
      const { hostname, port } = new URL(swift.place.endpoint);
      const wire = new CuttingProxy(hostname, Number(port));
      await wire.start();
      onTestFinished(() => wire.close());
      const through = store({ endpoint: `http://127.0.0.1:${wire.port}`, tries: 1 });
      const blob = staged(randomBytes(4_000_000));
      wire.cutOnceAfter = 1_000_000;
      await expect(through.take(blob)).rejects.toMatchObject({ code: 's3-unreachable' });
      expect(wire.cuts).toBe(1);
      expect(await store().stat(blob.digest)).toBeUndefined();
      await through.take(blob);
      expect(await store().stat(blob.digest)).toMatchObject({ size: blob.size });
    });

    it('are there again when the store was killed and has started', async () => {
      const blob = staged('kept through its end');
      await store().take(blob);
      await swift.kill();
      const late = staged('sent while it is away');
      await expect(store().take(late)).rejects.toMatchObject({ code: 's3-unreachable' });
      await expect(store().read(blob.digest)).rejects.toMatchObject({ code: 's3-unreachable' });
      await swift.start();
      expect((await read(await store().read(blob.digest))).toString()).toBe('kept through its end');
      await store().take(late);
      expect(await store().stat(late.digest)).toMatchObject({ size: late.size });
    });

    it('are looked for by `goshawk controller --check`, which says what is wrong', async () => {
      const folder = temporaryFolder();
      const check = (change: Partial<S3Place> = {}) => {
        const { accessKeyId, secretAccessKey, ...place } = { ...swift.place, ...change };
        const credentialsFile = join(folder, 's3');
        writeFileSync(credentialsFile, `${accessKeyId} ${secretAccessKey}\n`, { mode: 0o600 });
        const config = join(folder, 'controller.json');
        const registry = { s3: { ...place, credentialsFile } };
        writeFileSync(
          config,
          JSON.stringify({ dataDir: folder, broker: { url: 'mqtt://127.0.0.1' }, registry }),
        );
        return goshawk('controller', '--config', config, '--check');
      };
      const right = await check();
      expect(right).toMatchObject({ code: 0, stdout: `models: models at ${swift.place.endpoint}\nok\n` });
      for (const change of [
        { secretAccessKey: 'guess' },
        { bucket: 'none' },
        { endpoint: 'http://127.0.0.1:9' },
      ]) {
        const wrong = await check(change);
        expect(wrong.code).not.toBe(0);
        expect(wrong.stderr).toMatch(/The store at http.*(refuses the bucket|NoSuchBucket|is not well)/);
        expect(wrong.stderr).not.toContain('guess');
      }
    });
  },
);
