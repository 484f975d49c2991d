import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { formatManifest, packBundle } from '../../../../../src/model/index.ts';
import { digestOf } from '../../../../../src/platform/index.ts';
import { admin, EnrollingController } from '../../../../fixtures/enrolling-controller.ts';
import { pushBundle } from '../../../../fixtures/push-bundle.ts';
import { tinyManifest } from '../../../../fixtures/tiny-bundle.ts';

function modelOf(name: string) {
  const network = Buffer.from(`the network of ${name}`);
  const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
  const manifest = tinyManifest({ name, variants: [{ kind: 'fp32', file }] });
  const json = Buffer.from(formatManifest(manifest));
  const artifact = packBundle(json, manifest, digestOf).manifest.descriptor.digest;
  return { name, network, json, digest: digestOf(json), file: file.digest, artifact };
}

async function upload({ controller }: EnrollingController, model: ReturnType<typeof modelOf>): Promise<void> {
  await pushBundle(controller, admin, model.json, { 'fp32.onnx': model.network });
}

interface Shown {
  readonly cert: string;
  readonly key: string;
}

async function enrolled(served: EnrollingController, name: string): Promise<Shown> {
  const { claim } = await served.claim();
  const device = served.device(name, {});
  const { certificate } = await device.enrol(claim);
  served.controller.registry.ensure(name);
  return { cert: certificate, key: readFileSync(device.keyFile, 'utf8') };
}

function get(served: EnrollingController, path: string, shown?: Shown, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise<{ status: number; text: string; challenge: string | undefined }>((resolve, reject) => {
    const sent = request(`${served.url}${path}`, {
      rejectUnauthorized: false,
      agent: false,
      headers,
      ...shown,
    });
    sent.once('error', reject);
    sent.once('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const challenge = response.headers['www-authenticate'];
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), challenge });
    });
    sent.end();
  });
}

describe('A device with a certificate', () => {
  it('gets only the models that it is ordered to run', async () => {
    const served = await EnrollingController.open();
    const [own, other] = [modelOf('own'), modelOf('other')];
    for (const model of [own, other]) await upload(served, model);
    const identity = await enrolled(served, 'cam-1');
    const status = async (path: string) => (await get(served, path, identity)).status;
    const paths = ({ name, digest, file, artifact }: typeof own) => [
      `/v2/${name}/blobs/${digest}`,
      `/v2/${name}/blobs/${file}`,
      `/v2/${name}/manifests/1.0.0`,
      `/v2/${name}/manifests/${artifact}`,
      `/v2/${name}/referrers/${artifact}`,
    ];
    for (const path of [...paths(own), ...paths(other)])
      expect([path, await status(path)]).toEqual([path, 403]);
    const choice = { name: 'own', version: '1.0.0', digest: own.digest };
    await served.controller.desiredState.setDevice(admin, 'cam-1', {
      slots: { main: { model: choice } },
    });
    for (const path of paths(own)) expect([path, await status(path)]).toEqual([path, 200]);
    for (const path of paths(other)) expect([path, await status(path)]).toEqual([path, 403]);
    expect((await get(served, `/v2/own/blobs/${own.file}`, identity)).text).toBe('the network of own');
    for (const path of ['/v2/_catalog', '/v2/own/tags/list'])
      expect([path, await status(path)]).toEqual([path, 403]);
    await served.controller.desiredState.setDevice(admin, 'cam-1', {});
    expect(await status(`/v2/own/blobs/${own.file}`)).toBe(403);
  });

  it('may exchange it for a token that says no more, and one without a certificate gets nothing', async () => {
    const served = await EnrollingController.open();
    const own = modelOf('own');
    await upload(served, own);
    const identity = await enrolled(served, 'cam-1');
    const given = await get(served, '/v2/token?scope=repository:own:pull,push,delete', identity);
    const { token } = JSON.parse(given.text) as { token: string };
    expect(served.controller.oci.authenticate(token)).toMatchObject({
      device: 'cam-1',
      scopes: [{ name: 'own', actions: ['pull'] }],
    });
    const nobody = await get(served, `/v2/own/blobs/${own.file}`, undefined, token);
    expect([nobody.status, nobody.challenge]).toEqual([401, expect.stringMatching(/^Bearer realm="https:/)]);
  });
});
