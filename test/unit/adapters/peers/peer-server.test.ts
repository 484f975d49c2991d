import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/adapters/filesystem/index.ts';
import { type DownloadIdentity, RegistryClient } from '../../../../src/adapters/oci/index.ts';
import { PeerServer } from '../../../../src/adapters/peers/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { Peers } from '../../../../src/runtime/device/fetch/peers.ts';
import { deviceModels } from '../../../fixtures/device-models.ts';
import { FakeRegistry } from '../../../fixtures/fake-registry.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const never = new AbortController().signal;
const day = 86_400_000;

describe('A device that gives models to its peers', () => {
  const content = Buffer.from('a network of many bytes');
  const digest = digestOf(content);
  let issue: (device: string, fromMs?: number) => Promise<DownloadIdentity>;
  let stranger: DownloadIdentity;
  let one: DownloadIdentity;
  let other: DownloadIdentity;
  let open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    issue = await fleetIdentities();
    stranger = await (await fleetIdentities())('cam-1');
    [one, other] = [await issue('cam-1'), await issue('cam-2')];
  });
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  async function serve(identity = one, files = new Map([[digest, content]])) {
    const folder = temporaryFolder();
    const served = new Map(
      [...files].map(([name, bytes], at) => {
        writeFileSync(join(folder, String(at)), bytes);
        return [name, { path: join(folder, String(at)), size: bytes.length }];
      }),
    );
    const server = await PeerServer.start({
      ...{ host: '127.0.0.1', port: 0, identity, bytesPerSecond: 1e9, log: silentLog },
      files: async () => served,
    });
    open.push(server);
    return `https://127.0.0.1:${server.port}`;
  }
  const client = (url: string, identity: DownloadIdentity | undefined = other) =>
    new RegistryClient({ url, identity: () => identity, peer: true, answerMs: 20_000 });

  it('gives a file by its digest to another device of the fleet, and the rest of it', async () => {
    const peer = client(await serve());
    const target = join(temporaryFolder(), 'file');
    writeFileSync(target, content.subarray(0, 5));
    await peer.pull('peer', { digest, size: content.length }, target, { signal: never });
    expect(Buffer.from(await peer.blob('peer', digest, 100, never))).toEqual(content);
  });

  it('gives no other file', async () => {
    const url = await serve();
    const asked = (method: string, path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { cert, key } = other;
        const options = { method, cert, key, agent: false as const, rejectUnauthorized: false };
        request(`${url}${path}`, options, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once('error', reject)
          .end();
      });
    expect(await asked('GET', `/v2/peer/blobs/${digest}`)).toBe(200);
    expect(await asked('GET', `/v2/peer/blobs/sha256:${'0'.repeat(64)}`)).toBe(404);
    expect(await asked('GET', '/v2/peer/blobs/../../etc/passwd')).toBe(404);
    expect(await asked('GET', '/v2/peer/manifests/latest')).toBe(404);
    expect(await asked('PUT', `/v2/peer/blobs/${digest}`)).toBe(405);
  });

  it('that sends a device elsewhere does not get its certificate shown there', async () => {
    const shown: string[] = [];
    const listening = async (answer: (response: ServerResponse) => void) => {
      const { cert, key, ca } = one;
      const server = createServer(
        { cert, key, ca, requestCert: true, rejectUnauthorized: false },
        (request, response) => {
          shown.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
          answer(response);
        },
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push({
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      });
      return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    const elsewhere = await listening((response) => response.end(content));
    const home = await listening((response) => response.writeHead(307, { location: elsewhere }).end());
    await expect(client(home).blob('peer', digest, 100, never)).rejects.toThrow();
    expect(shown).toEqual(['cam-2']);
  });

  it('gives nothing to who shows no certificate, or one of another fleet', async () => {
    const url = await serve();
    for (const identity of [stranger, undefined]) {
      const asked = new RegistryClient({ url, identity: () => identity, peer: true });
      await expect(asked.blob('peer', digest, 100, never)).rejects.toMatchObject({
        code: 'registry-unreachable',
      });
    }
  });

  it('is not believed by devices of another fleet, nor with a certificate that is over', async () => {
    const mine = client(await serve(stranger));
    await expect(mine.blob('peer', digest, 100, never)).rejects.toThrow(/not of this fleet/);
    const late = client(await serve(await issue('cam-3', Date.now() - 10 * day)));
    await expect(late.blob('peer', digest, 100, never)).rejects.toThrow(/not valid now/);
  });

  it('spares the registry every byte of a bundle', async () => {
    const registry = await new FakeRegistry().start();
    open.push(registry);
    const network = Buffer.alloc(100_000, 'n');
    const model = registry.add('1.0.0', network);
    const url = await serve(
      one,
      new Map([
        [model.digest, Buffer.from(registry.blobs.get(model.digest)!)],
        [model.file, network],
      ]),
    );
    const peers = new Peers([client(url)], { log: silentLog, nowMs: () => 0 });
    const models = deviceModels(temporaryFolder(), { peers }, { registry: () => registry.url });
    await models.download(model, () => {}, never);
    expect(await models.verify(model.digest)).toMatchObject({ digest: model.digest });
    expect(registry.requests.filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
  });

  it('that sends wrong bytes costs one file, is not asked again, and its bytes are deleted', async () => {
    const registry = await new FakeRegistry().start();
    open.push(registry);
    const model = registry.add('1.0.0', Buffer.alloc(1_000, 'n'));
    const next = registry.add('2.0.0', Buffer.alloc(1_000, 'm'));
    const lies = new Map([
      [model.file, Buffer.alloc(1_000, 'x')],
      [next.file, Buffer.alloc(1_000, 'x')],
    ]);
    const asked: string[] = [];
    const url = await serve(one, lies);
    const peer = client(url);
    const pull = peer.pull.bind(peer);
    peer.pull = (...given) => {
      asked.push(given[1].digest);
      return pull(...given);
    };
    const peers = new Peers([peer], { log: silentLog, nowMs: () => 0 });
    const models = deviceModels(temporaryFolder(), { peers }, { registry: () => registry.url });
    for (const one of [model, next]) {
      await models.download(one, () => {}, never);
      expect(await models.verify(one.digest)).toMatchObject({ digest: one.digest });
    }
    expect(asked).toEqual([model.file]);
  });
});
