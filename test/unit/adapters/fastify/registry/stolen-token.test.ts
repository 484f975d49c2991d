import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../../src/adapters/crypto/index.ts';
import { FleetServer } from '../../../../../src/adapters/fastify/index.ts';
import { FleetMetrics } from '../../../../../src/adapters/prometheus/index.ts';
import { silentLog } from '../../../../../src/base/index.ts';
import { TokenIssuer } from '../../../../../src/controller/registry/token-issuer.ts';
import { formatManifest, packBundle } from '../../../../../src/model/index.ts';
import { digestOf } from '../../../../../src/platform/index.ts';
import { FakeClock } from '../../../../fakes/fake-clock.ts';
import { admin, EnrollingController } from '../../../../fixtures/enrolling-controller.ts';
import { imageOf, OciPeer } from '../../../../fixtures/oci-client.ts';
import { tinyManifest } from '../../../../fixtures/tiny-bundle.ts';
import { Served } from '../serve.ts';

/*
 * A token that was stolen from a device: what the thief asks for, and what the registry answers. The device cam-1 is ordered
 * to run own 1.0.0, and nothing else. The table of docs/trust.md is this one.
 */
interface Theft {
  readonly asks: string;
  /** With which of the device's tokens: the one of its settings, or a short one that the registry gave for `own`. */
  readonly token: 'of the settings' | 'short' | 'short, for everything';
  readonly send: readonly [method: string, path: (models: Models) => string];
  readonly answer: number;
}

type Models = Record<'own' | 'next' | 'other', Model>;
interface Model {
  readonly name: string;
  readonly digest: string;
  readonly file: string;
  readonly artifact: string;
}

const thefts: readonly Theft[] = [
  ...(['of the settings', 'short', 'short, for everything'] as const).flatMap((token): Theft[] => [
    { token, asks: 'its own model', send: ['GET', ({ own }) => `own/blobs/${own.file}`], answer: 200 },
    {
      ...{ token, asks: 'another version of it', answer: 403 },
      send: ['GET', ({ next }) => `own/blobs/${next.file}`],
    },
    {
      ...{ token, asks: 'the artifact of another version', answer: 403 },
      send: ['GET', ({ next }) => `own/manifests/${next.artifact}`],
    },
    {
      ...{ token, asks: 'another repository', answer: token === 'short' ? 401 : 403 },
      send: ['GET', ({ other }) => `other/blobs/${other.file}`],
    },
    {
      ...{ token, asks: 'its own file out of another repository', answer: token === 'short' ? 401 : 403 },
      send: ['GET', ({ own }) => `other/blobs/${own.file}`],
    },
    { token, asks: 'to push a blob', send: ['POST', () => 'own/blobs/uploads/'], answer: 403 },
    { token, asks: 'to push a manifest', send: ['PUT', () => 'own/manifests/1.0.0'], answer: 403 },
    { token, asks: 'to delete', send: ['DELETE', ({ own }) => `own/manifests/${own.artifact}`], answer: 403 },
    { token, asks: 'the list of versions', send: ['GET', () => 'own/tags/list'], answer: 403 },
    { token, asks: 'the list of models', send: ['GET', () => '_catalog'], answer: 403 },
    {
      ...{ token, asks: 'for another token, for more', answer: token === 'of the settings' ? 200 : 401 },
      send: ['GET', () => 'token?scope=repository:other:pull,push'],
    },
  ]),
];

async function pushed(peer: OciPeer, name: string, version: string): Promise<Model> {
  const network = Buffer.from(`the network of ${name} ${version}`);
  const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
  const manifest = tinyManifest({ name, version, variants: [{ kind: 'fp32', file }] });
  const json = Buffer.from(formatManifest(manifest));
  const packed = packBundle(json, manifest, digestOf);
  for (const bytes of [network, json, packed.config.bytes]) await peer.pushBlob(name, bytes);
  await peer.pushManifest(name, version, Buffer.from(packed.manifest.bytes).toString('utf8'));
  return {
    ...{ name, digest: digestOf(json), file: file.digest },
    artifact: packed.manifest.descriptor.digest,
  };
}

describe('A token that was stolen from a device', () => {
  let served: Served;
  let models: Models;
  let token = '';
  let tokenId = '';
  const owner = new OciPeer((path, init) => served.fetch(path, 'admin', init));

  beforeAll(async () => {
    served = await Served.open();
    models = {
      own: await pushed(owner, 'own', '1.0.0'),
      next: await pushed(owner, 'own', '2.0.0'),
      other: await pushed(owner, 'other', '1.0.0'),
    };
    served.controller.registry.ensure('cam-1');
    await order(models.own);
    ({ token, id: tokenId } = await served.controller.access.createToken(admin, {
      ...{ name: 'cam-1', role: 'device' },
    }));
  });
  afterAll(() => served.close());

  const order = (model: Model | undefined) =>
    served.controller.desiredState.setDevice(
      admin,
      'cam-1',
      model === undefined
        ? {}
        : { slots: { main: { model: { name: model.name, version: '1.0.0', digest: model.digest } } } },
    );
  const status = async (shown: string, method: string, path: string) => {
    const headers = { authorization: `Bearer ${shown}`, 'content-type': 'application/json' };
    const body =
      method === 'PUT' ? JSON.stringify(imageOf({ digest: models.own.file, size: 1 }, [])) : undefined;
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    return (await fetch(`${served.url}${path}`, init)).status;
  };
  async function short(scope: string): Promise<string> {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${served.url}/v2/token?scope=${scope}`, { headers });
    return ((await answer.json()) as { token: string }).token;
  }
  const shown = {
    'of the settings': async () => token,
    short: () => short('repository:own:pull,push,delete'),
    'short, for everything': () =>
      short('repository:own:pull,push,*+repository:other:pull,push,*+registry:catalog:*'),
  };

  it.each(thefts)('$token, $asks: $answer', async ({ token: which, send: [method, path], answer }) => {
    expect(await status(await shown[which](), method, `/v2/${path(models)}`)).toBe(answer);
  });

  it('is none of the API', async () => {
    expect(await status(await shown.short(), 'GET', '/api/v1/devices')).toBe(401);
    expect(await status(token, 'GET', '/api/v1/devices')).toBe(403);
    expect(await status(token, 'PUT', '/api/v1/devices/cam-1/desired')).toBe(403);
  });

  it('says less at once when the order changes, and nothing at all at once when it was deleted', async () => {
    const own = `/v2/own/blobs/${models.own.file}`;
    const given = await shown.short();
    await order(undefined);
    expect([await status(given, 'GET', own), await status(token, 'GET', own)]).toEqual([403, 403]);
    await order(models.own);
    expect(await status(given, 'GET', own)).toBe(200);
    await served.controller.access.deleteToken(admin, tokenId);
    expect([await status(given, 'GET', own), await status(token, 'GET', own)]).toEqual([401, 401]);
  });
});

describe('A client that guesses tokens of the registry', () => {
  it('is stopped after 30 in a minute, and a client with a token is not', async () => {
    const served = await Served.open();
    const { token } = await served.controller.access.createToken(admin, { name: 'ann', role: 'admin' });
    const status = async (shown: string) =>
      (await fetch(`${served.url}/v2/`, { headers: { authorization: `Bearer ${shown}` } })).status;
    const guessed = [];
    for (let guess = 0; guess < 40; guess++) guessed.push(await status(`gsr_${guess}`));
    expect(guessed).toEqual([...Array(30).fill(401), ...Array(10).fill(429)]);
    expect(await status(token)).toBe(200);
    await served.close();
  });
});

describe('A token that the registry gave', () => {
  it('to an admin for reading is no way to a longer or wider one, as a bearer or as a password', async () => {
    const served = await Served.open();
    const asked = await served.fetch('/v2/token?scope=repository:own:pull', 'admin');
    const { token } = (await asked.json()) as { token: string };
    const basic = Buffer.from(`x:${token}`).toString('base64');
    for (const authorization of [`Bearer ${token}`, `Basic ${basic}`])
      for (const scope of ['repository:own:pull', 'repository:own:pull,push,delete', 'registry:catalog:*'])
        expect(
          (await fetch(`${served.url}/v2/token?scope=${scope}`, { headers: { authorization } })).status,
        ).toBe(401);
    await served.close();
  });

  it('ends after five minutes', () => {
    const clock = new FakeClock(0);
    const issuer = new TokenIssuer(nodeSecrets, clock);
    const { token } = issuer.issue({ caller: { tokenId: 't', name: 'cam-1', role: 'device' } });
    clock.advance(299_999);
    expect(issuer.authenticate(token).caller.name).toBe('cam-1');
    clock.advance(1);
    expect(() => issuer.authenticate(token)).toThrow(/has ended/);
  });

  it('for a certificate is refused without it: a revocation could not reach it', async () => {
    const enrolling = await EnrollingController.open();
    const { controller, clock } = enrolling;
    const metrics = new FleetMetrics(controller);
    const server = new FleetServer(
      { controller, clock, log: silentLog, metrics },
      { host: '127.0.0.1', port: 0, version: '0.0.0' },
    );
    const url = await server.listen();
    const issued = (certified: boolean) =>
      controller.oci!.issueToken(
        {
          ...{
            caller: { tokenId: 'certificate of cam-1', name: 'cam-1', role: 'device' as const },
            certified,
          },
          device: 'cam-1',
        },
        [],
      ).token;
    const status = async (token: string) =>
      (await fetch(`${url}/v2/`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await status(issued(false)), await status(issued(true))]).toEqual([200, 401]);
    await server.close();
  });
});
