import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorBody, ModelList, ModelUpload, TakenModel } from '../../../../../src/api/index.ts';
import { formatManifest } from '../../../../../src/model/index.ts';
import { digestOf } from '../../../../../src/platform/index.ts';
import { OciPeer } from '../../../../fixtures/oci-client.ts';
import { tinyManifest } from '../../../../fixtures/tiny-bundle.ts';
import { Served } from '../serve.ts';

const network = Buffer.from('a network');
const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
const bundleOf = (licence = 'Apache-2.0') =>
  Buffer.from(formatManifest(tinyManifest({ name: 'street', licence, variants: [{ kind: 'fp32', file }] })));
const json = bundleOf();

describe('A model that a browser uploads', () => {
  let served: Served;
  beforeEach(async () => {
    served = await Served.open();
  });
  afterEach(() => served.close());

  async function send<T>(path: string, body: Uint8Array, role: 'viewer' | 'operator' = 'operator') {
    const headers = { 'content-type': 'application/octet-stream' };
    const init = { method: 'POST', headers, body: Buffer.from(body) };
    const answer = await served.fetch(`/api/v1${path}`, role, init);
    return { status: answer.status, body: (await answer.json()) as T };
  }
  /** With the token that the controller gave for the upload, and no other. */
  const peerOf = ({ token }: ModelUpload) =>
    new OciPeer((path, init) =>
      fetch(`${served.url}${path}`, {
        ...init,
        headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${token}` },
      }),
    );
  const models = async () => (await served.json<ModelList>('GET', '/models', 'viewer')).body.models;

  it('is a model of the fleet once its files are there and it is added', async () => {
    const { body: plan } = await send<ModelUpload>('/models/uploads', json);
    expect(plan).toMatchObject({
      name: 'street',
      digest: digestOf(json),
      files: [{ ...file, present: false }],
    });
    await peerOf(plan).pushBlob(plan.repository, network);
    expect((await send<ModelUpload>('/models/uploads', json)).body.files).toEqual([
      { ...file, present: true },
    ]);
    expect(await models()).toEqual([]);
    expect((await send<TakenModel>('/models', json)).body).toEqual({
      ...{ name: 'street', version: '1.0.0', digest: digestOf(json) },
    });
    expect(await models()).toMatchObject([{ name: 'street', complete: true, digest: digestOf(json) }]);
    const { body: audit } = await served.json<{ entries: object[] }>('GET', '/audit', 'admin');
    expect(audit.entries).toContainEqual(expect.objectContaining({ action: 'artifact.pushed' }));
  });

  it('gets a token for its own repository alone', async () => {
    const { body: plan } = await send<ModelUpload>('/models/uploads', json);
    expect((await peerOf(plan).send('POST', 'other/blobs/uploads/')).status).toBe(401);
    expect((await peerOf(plan).send('DELETE', `${plan.repository}/blobs/${file.digest}`)).status).toBe(403);
  });

  it.each([
    ['without its files', json, 400, 'manifest-blob-unknown'],
    ['that is not JSON', Buffer.from('a picture'), 400, 'manifest-not-json'],
    ['whose manifest.json has no end', Buffer.alloc(4_000_001, 0x20), 413, 'file-too-large'],
  ])('%s is refused, and is no model', async (_what, bytes, status, code) => {
    const answer = await send<ErrorBody>('/models', bytes);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await models()).toEqual([]);
  });

  it('with other content under a version that is taken is refused before a byte is sent', async () => {
    const { body: plan } = await send<ModelUpload>('/models/uploads', json);
    await peerOf(plan).pushBlob(plan.repository, network);
    await send('/models', json);
    const answer = await send<ErrorBody>('/models/uploads', bundleOf('MIT'));
    expect([answer.status, answer.body.code]).toEqual([409, 'model-version-taken']);
  });

  it('is not for viewers', async () => {
    expect((await send('/models/uploads', json, 'viewer')).status).toBe(403);
    expect((await send('/models', json, 'viewer')).status).toBe(403);
  });
});
