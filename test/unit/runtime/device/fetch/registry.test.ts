import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../../src/adapters/filesystem/index.ts';
import { packer } from '../../../../../src/adapters/zstd/index.ts';
import { BusyError, InputError, MissingError, RefusedError } from '../../../../../src/base/index.ts';
import type { DesiredModel } from '../../../../../src/protocol/index.ts';
import type { DeviceModels } from '../../../../../src/runtime/device/device-models.ts';
import { deviceModels } from '../../../../fixtures/device-models.ts';
import { FakeRegistry } from '../../../../fixtures/fake-registry.ts';
import { temporaryFolder } from '../../../../fixtures/temporary-folder.ts';

const never = new AbortController().signal;
const zstd = await packer();
const without = zstd === undefined ? ' (skipped: no program zstd)' : '';

describe('Models from a registry', () => {
  let registry: FakeRegistry;
  let folder: string;
  let models: DeviceModels;

  beforeEach(async () => {
    registry = await new FakeRegistry().start();
    folder = temporaryFolder();
    models = deviceModels(folder, {}, { registry: () => registry.url, token: 'device token' });
  });
  afterEach(() => registry.close());

  const download = (model: DesiredModel) => models.download(model, () => {}, never);
  async function obtain(model: DesiredModel) {
    await download(model);
    if (models.packed(model.digest)) await models.unpack(model.digest, () => {}, never);
    return models.verify(model.digest);
  }
  const blobsAsked = () =>
    registry.requests.flatMap(({ path }) => /blobs\/(sha256:\w+)/.exec(path)?.[1] ?? []);
  const onBlob = (change: (response: ServerResponse, request: IncomingMessage) => void) => {
    registry.before = (request, response, next) =>
      request.url?.includes('/blobs/') === true ? change(response, request) : next();
  };

  it('come by their digests', async () => {
    const model = registry.add('1.0.0', Buffer.from('the network'));
    const bundle = await obtain(model);
    expect(bundle.digest).toBe(model.digest);
    expect(blobsAsked()).toEqual([model.digest, model.file]);
  });

  it('come with a token of the registry, got with the device’s own', async () => {
    registry.deviceToken = 'device token';
    const model = registry.add('1.0.0', Buffer.from('the network'));
    await obtain(model);
    const shown = registry.requests.map(({ path, authorization }) => [path.split('?')[0], authorization]);
    const own = shown.filter(([, authorization]) => authorization === 'Bearer device token');
    expect(own).toEqual([['/token', 'Bearer device token']]);
    expect(registry.requests.find(({ path }) => path.startsWith('/token'))?.path).toBe(
      '/token?service=test&scope=repository%3Atiny%3Apull',
    );
  });

  it('want a new token where the old one is good no more', async () => {
    registry.deviceToken = 'device token';
    await obtain(registry.add('1.0.0', Buffer.from('the network')));
    // Somebody else got one: the fake forgets ours.
    await fetch(`${registry.url}/token`, { headers: { authorization: 'Bearer device token' } });
    await obtain(registry.add('2.0.0', Buffer.from('the next network')));
  });

  it('are not worth the token: it goes nowhere but to the registry of the settings, wherever that sends', async () => {
    const seen: IncomingMessage[] = [];
    const attacker = createServer((request, response) => {
      seen.push(request);
      response.end(JSON.stringify({ token: 'x' }));
    });
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
    registry.deviceToken = 'device token';
    const elsewhere = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;
    registry.realm = `${elsewhere}/auth`;
    const model = registry.add('1.0.0', Buffer.from('the network'));
    const refusal = await download(model).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusedError);
    expect(refusal).toMatchObject({ code: 'registry-realm' });
    // A registry that only knows itself by another name is asked under the one of the settings.
    registry.realm = `${elsewhere}/token`;
    await download(model);
    attacker.close();
    expect(seen).toEqual([]);
  });

  it('may lie elsewhere, where the registry’s redirect leads; the token stays', async () => {
    const seen: IncomingMessage[] = [];
    const model = registry.add('1.0.0', Buffer.from('the network'));
    const storage = createServer((request, response) => {
      seen.push(request);
      response.end(registry.blobs.get(request.url!.slice(1)));
    });
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
    registry.deviceToken = 'device token';
    registry.before = (request, response, next) => {
      const digest = /blobs\/(sha256:\w+)/.exec(request.url ?? '')?.[1];
      if (digest === undefined || !/^Bearer [0-9a-f]{64}$/.test(request.headers.authorization ?? ''))
        return next();
      response.writeHead(307, { location: `${at}/${digest}` }).end();
    };
    await obtain(model);
    storage.close();
    expect(seen).toHaveLength(2);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it.each<[string, (response: ServerResponse) => void, unknown, string]>([
    ['500', (response) => response.writeHead(500).end(), MissingError, 'registry-busy'],
    [
      '429',
      (response) => response.writeHead(429, { 'retry-after': '120' }).end(),
      BusyError,
      'registry-busy',
    ],
    ['404', (response) => response.writeHead(404).end(), InputError, 'registry-missing'],
    ['403', (response) => response.writeHead(403).end(), RefusedError, 'registry-refused'],
    [
      'a web page',
      (response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      MissingError,
      'registry-page',
    ],
    ['the wrong blob', (response) => response.end('another network'), InputError, 'registry-digest'],
    [
      'redirects without end',
      (response) => response.writeHead(302, { location: '/v2/tiny/blobs/again' }).end(),
      RefusedError,
      'registry-redirect',
    ],
    [
      'a redirect to a file',
      (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      RefusedError,
      'registry-redirect',
    ],
    ['more than a manifest has', (response) => endless(response), MissingError, 'registry-too-long'],
  ])('meet a registry that answers %s', async (_title, answer, kind, code) => {
    const model = registry.add('1.0.0', Buffer.from('the network'));
    onBlob((response) => answer(response));
    const failure = await download(model).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, remedy: expect.stringMatching(/./) });
    if (code !== 'registry-too-long') expect(failure).toBeInstanceOf(kind);
    registry.before = (_request, _response, next) => next();
    expect(await obtain(model)).toMatchObject({ digest: model.digest });
  });

  it('say how long a busy registry wants to be left alone', async () => {
    const model = registry.add('1.0.0', Buffer.from('the network'));
    onBlob((response) => response.writeHead(503, { 'retry-after': '120' }).end());
    await expect(download(model)).rejects.toMatchObject({ retryAfterMs: 120_000 });
  });

  it('end with the size that the manifest says, however much is sent', async () => {
    const model = registry.add('1.0.0', Buffer.alloc(1000, 'n'));
    registry.before = (request, response, next) =>
      request.url?.endsWith(model.file) === true ? endless(response) : next();
    await expect(download(model)).rejects.toMatchObject({ code: 'registry-too-long' });
  });

  it('continue after half a blob, and are not blamed for a beginning from another server', async () => {
    const network = Buffer.alloc(100_000, 'n');
    const model = registry.add('1.0.0', network);
    // As a registry left it that sent something else and broke off.
    const staged = join(folder, `${model.digest.slice('sha256:'.length)}.download`);
    mkdirSync(staged);
    writeFileSync(join(staged, 'fp32.onnx'), Buffer.alloc(50_000, 'x'));
    expect(await obtain(model)).toMatchObject({ digest: model.digest });
    const froms = registry.requests.filter(({ path }) => path.endsWith(model.file)).map(({ from }) => from);
    expect(froms).toEqual([50_000, 0]);
  });

  it('have names that lead nowhere else in the registry', async () => {
    const model = registry.add('1.0.0', Buffer.from('the network'));
    for (const name of ['../other', 'a/../b', 'A', 'a..b']) {
      const fresh = deviceModels(temporaryFolder(), {}, { registry: () => registry.url });
      await fresh.download({ ...model, name }, () => {}, never);
    }
    const paths = registry.requests.map(({ path }) => path).filter((path) => path !== '/v2/');
    expect(paths.length).toBeGreaterThan(4);
    expect(paths.filter((path) => !path.startsWith('/v2/named/'))).toEqual([]);
  });

  describe('in other forms', () => {
    const network = Buffer.concat(Array.from({ length: 400 }, (_, at) => Buffer.from(digestOf(String(at)))));
    const next = Buffer.concat([network.subarray(0, 9_000), Buffer.from('changed'), network.subarray(9_000)]);

    async function packedForms(model: { readonly file: string }, base: string) {
      const scratch = temporaryFolder();
      writeFileSync(join(scratch, 'base'), network);
      writeFileSync(join(scratch, 'next'), next);
      const zst = await zstd!.pack(join(scratch, 'next'), join(scratch, 'zst'));
      const delta = await zstd!.pack(join(scratch, 'next'), join(scratch, 'delta'), join(scratch, 'base'));
      registry.blobs.set(zst.digest, readFileSync(join(scratch, 'zst')));
      registry.blobs.set(delta.digest, readFileSync(join(scratch, 'delta')));
      const blob = model.file;
      return [
        { blob, form: 'zstd', ...zst },
        { blob, form: 'zstd-delta', base, ...delta },
      ] as const;
    }

    it.skipIf(zstd === undefined).each([false, true])(
      `come as a delta from what the device has${without}; listed under a tag: %s`,
      async (asTag) => {
        const first = registry.add('1.0.0', network);
        await obtain(first);
        const second = registry.add('2.0.0', next);
        const [, delta] = await packedForms(second, first.file);
        registry.addForms(second, await packedForms(second, first.file), asTag);
        registry.requests.length = 0;
        const bundle = await obtain(second);
        expect(readFileSync(join(bundle.location, 'fp32.onnx')).equals(next)).toBe(true);
        expect(blobsAsked()).toEqual([second.digest, delta.digest]);
        expect(delta.size).toBeLessThan(200);
      },
    );

    it.skipIf(zstd === undefined)(
      `come packed where the device has nothing to begin from${without}`,
      async () => {
        const second = registry.add('2.0.0', next);
        const [zst] = await packedForms(second, digestOf(network));
        registry.addForms(second, [...(await packedForms(second, digestOf(network)))]);
        await obtain(second);
        expect(blobsAsked()).toEqual([second.digest, zst.digest]);
      },
    );

    it.skipIf(zstd === undefined)(
      `come in the next form where one is of no use, down to the file as it is${without}`,
      async () => {
        const first = registry.add('1.0.0', network);
        await obtain(first);
        const second = registry.add('2.0.0', next);
        const forms = await packedForms(second, first.file);
        // Lists are not signed: both hold bytes that are what their own digest says, and unpack to something else.
        const bad = forms.map((form) => {
          const bytes = Buffer.from(registry.blobs.get(form.digest)!);
          bytes[bytes.length - 3]! ^= 0xff;
          registry.blobs.set(digestOf(bytes), bytes);
          return { ...form, digest: digestOf(bytes) };
        });
        registry.addForms(second, bad);
        for (let tries = 0; tries < 2; tries++) {
          await download(second);
          expect(models.packed(second.digest)).toBe(true);
          await expect(models.unpack(second.digest, () => {}, never)).rejects.toMatchObject({
            code: 'transfer-unusable',
          });
        }
        await download(second);
        expect(models.packed(second.digest)).toBe(false);
        expect(await models.verify(second.digest)).toMatchObject({ digest: second.digest });
        expect(blobsAsked().at(-1)).toBe(second.file);
      },
    );

    it('leave nothing of a kill in the folder of the bundle', async () => {
      const model = registry.add('1.0.0', network);
      const staged = join(folder, `${model.digest.slice('sha256:'.length)}.download`);
      mkdirSync(join(staged, '.packed'), { recursive: true });
      for (const name of ['fp32.onnx.partial-1f', 'fp32.onnx.peer', '.packed/aa'])
        writeFileSync(join(staged, name), 'half');
      const { location } = await obtain(model);
      expect(readdirSync(location).sort()).toEqual(['fp32.onnx', 'manifest.json']);
    });

    it('come as they are where the list is nonsense', async () => {
      const model = registry.add('1.0.0', network);
      registry.before = (request, response, go) =>
        request.url?.includes('/referrers/') === true ? response.end('[{"digest":1}]') : go();
      expect(await obtain(model)).toMatchObject({ digest: model.digest });
    });

    it('are requested if the file of another bundle is damaged', async () => {
      const first = await obtain(registry.add('1.0.0', network));
      const second = registry.add('1.0.1', network);
      writeFileSync(join(first.location, 'fp32.onnx'), Buffer.alloc(network.length));
      expect(await obtain(second)).toMatchObject({ digest: second.digest });
      expect(blobsAsked().at(-1)).toBe(second.file);
    });

    it('cost nothing for a file that another bundle has', async () => {
      await obtain(registry.add('1.0.0', network));
      const second = registry.add('1.0.1', network);
      registry.requests.length = 0;
      await obtain(second);
      expect(blobsAsked()).toEqual([second.digest]);
    });
  });
});

function endless(response: ServerResponse): void {
  const more = () => {
    if (!response.destroyed) response.write(Buffer.alloc(100_000, 'x'), () => setImmediate(more));
  };
  more();
}
