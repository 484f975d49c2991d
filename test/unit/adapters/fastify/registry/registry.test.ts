import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorBody, ModelList } from '../../../../../src/api/index.ts';
import { formatManifest, packBundle, repositoryOf } from '../../../../../src/model/index.ts';
import { digestOf } from '../../../../../src/platform/index.ts';
import { imageOf, OciPeer } from '../../../../fixtures/oci-client.ts';
import { tinyManifest } from '../../../../fixtures/tiny-bundle.ts';
import { Served } from '../serve.ts';

let shared: Served;
let served: Served;
const peer = new OciPeer((path, init) => served.fetch(path, 'admin', init));
beforeAll(async () => {
  shared = await Served.open();
});
afterAll(() => shared.close());
beforeEach(() => {
  served = shared;
});

/** One that nothing was pushed to. */
function withFresh(): void {
  beforeEach(async () => {
    served = await Served.open();
  });
  afterEach(() => served.close());
}

const as = (role: 'viewer' | 'operator' | 'device') =>
  new OciPeer((path, init) => served.fetch(path, role, init));
const codeOf = async (answer: Response) =>
  ((await answer.json()) as { errors: { code: string }[] }).errors.map(({ code }) => code);
const filesBelow = (folder: string) =>
  existsSync(join(served.folder, 'artifacts', folder))
    ? readdirSync(join(served.folder, 'artifacts', folder), { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile(),
      )
    : [];

const network = Buffer.from('a network');
const manifest = tinyManifest({
  name: 'street',
  variants: [{ kind: 'fp32', file: { path: 'fp32.onnx', digest: digestOf(network), size: network.length } }],
});
const json = Buffer.from(formatManifest(manifest));
const bundle = digestOf(json);
const packed = packBundle(json, manifest, digestOf);

async function pushBundle(repository = 'street', tag = '1.0.0'): Promise<Response> {
  for (const bytes of [network, json, packed.config.bytes]) await peer.pushBlob(repository, bytes);
  return peer.pushManifest(repository, tag, Buffer.from(packed.manifest.bytes).toString('utf8'));
}

const models = async () => (await served.json<ModelList>('GET', '/models', 'viewer')).body.models;

describe('A bundle', () => {
  withFresh();

  it('that is pushed as an artifact is a model of the fleet', async () => {
    expect((await pushBundle()).status).toBe(201);
    expect(await models()).toMatchObject([
      { name: 'street', version: '1.0.0', digest: bundle, complete: true },
    ]);
  });

  it('that is pushed to another repository is also in that of its name, where devices look for it', async () => {
    expect((await pushBundle('site/cameras', 'old')).status).toBe(201);
    expect((await peer.get(`${repositoryOf('street')}/blobs/${bundle}`)).status).toBe(200);
    expect(await (await peer.get('street/tags/list')).json()).toEqual({ name: 'street', tags: ['1.0.0'] });
    const found = await peer.get('street/manifests/1.0.0');
    expect(found.headers.get('docker-content-digest')).toBe(packed.manifest.descriptor.digest);
  });

  it('that is pushed under another tag has its version as a tag too, by which devices find it', async () => {
    await pushBundle('street', 'latest');
    expect(await (await peer.get('street/tags/list')).json()).toMatchObject({ tags: ['1.0.0', 'latest'] });
  });

  it('without one of its files is no model that can be ordered', async () => {
    await pushBundle();
    expect((await peer.send('DELETE', `street/blobs/${digestOf(network)}`)).status).toBe(202);
    expect(await models()).toMatchObject([{ complete: false, missing: ['fp32.onnx'] }]);
    const order = { slots: { main: { model: { name: 'street', version: '1.0.0', digest: bundle } } } };
    const refused = await served.json<ErrorBody>('PUT', '/groups/g/desired', 'operator', order);
    expect(refused.body.code).toBe('model-incomplete');
    await pushBundle();
    expect(await models()).toMatchObject([{ complete: true, missing: [] }]);
  });

  it('whose artifact contradicts its manifest.json is refused and deleted', async () => {
    for (const bytes of [network, json, packed.config.bytes]) await peer.pushBlob('street', bytes);
    const image = JSON.parse(Buffer.from(packed.manifest.bytes).toString('utf8')) as { layers: object[] };
    const answer = await peer.pushManifest('street', '1.0.0', { ...image, layers: image.layers.slice(0, 1) });
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toEqual(['MANIFEST_INVALID']);
    expect((await peer.get('street/manifests/1.0.0')).status).toBe(404);
    expect(await models()).toEqual([]);
  });

  it('that is deleted by the API is no artifact any more, and its bytes are off the disk', async () => {
    await pushBundle();
    await peer.pushBlob('other', network);
    expect((await served.fetch(`/api/v1/models/${bundle}`, 'admin', { method: 'DELETE' })).status).toBe(204);
    expect((await peer.get('street/manifests/1.0.0')).status).toBe(404);
    expect((await peer.get(`street/blobs/${bundle}`)).status).toBe(404);
    // Another repository has it too.
    expect(await (await peer.get(`other/blobs/${digestOf(network)}`)).text()).toBe('a network');
    expect(filesBelow('blobs').map(({ name }) => name)).not.toContain(bundle.slice(7));
  });

  it('is no model any more when its last artifact is deleted, and not before', async () => {
    await pushBundle();
    const digest = packed.manifest.descriptor.digest;
    expect((await peer.send('DELETE', 'street/manifests/1.0.0')).status).toBe(202);
    expect(await models()).toHaveLength(1);
    expect((await peer.send('DELETE', `street/manifests/${digest}`)).status).toBe(202);
    expect(await models()).toEqual([]);
  });
});

describe('A blob', () => {
  it('can be read in parts, and need not be read twice', async () => {
    const { digest } = await peer.pushBlob('a', '0123456789');
    const part = await peer.get(`a/blobs/${digest}`, { range: 'bytes=2-4' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
    const end = await peer.get(`a/blobs/${digest}`, { range: 'bytes=8-' });
    expect([end.status, await end.text()]).toEqual([206, '89']);
    const beyond = await peer.get(`a/blobs/${digest}`, { range: 'bytes=10-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect((await peer.get(`a/blobs/${digest}`, { 'if-none-match': `"${digest}"` })).status).toBe(304);
    const other = await peer.get(`a/blobs/${digest}`, { range: 'bytes=2-4', 'if-range': '"x"' });
    expect([other.status, await other.text()]).toEqual([200, '0123456789']);
  });

  it('of one repository is none of another until it is mounted', async () => {
    const { digest } = await peer.pushBlob('a', 'text');
    expect((await peer.get(`b/blobs/${digest}`)).status).toBe(404);
    expect((await peer.send('POST', `b/blobs/uploads/?mount=${digest}&from=a`)).status).toBe(201);
    expect(await (await peer.get(`b/blobs/${digest}`)).text()).toBe('text');
    const unknown = await peer.send('POST', `b/blobs/uploads/?mount=${digestOf('other')}&from=a`);
    expect([unknown.status, unknown.headers.get('location')]).toEqual([
      202,
      expect.stringContaining('/v2/b/blobs/uploads/'),
    ]);
  });
});

describe('An upload', () => {
  async function begin(): Promise<string> {
    const answer = await peer.send('POST', 'a/blobs/uploads/');
    expect(answer.status).toBe(202);
    return answer.headers.get('location')?.replace('/v2/', '') ?? '';
  }

  it('goes on where it stopped, and refuses a gap', async () => {
    const at = await begin();
    const first = await peer.send('PATCH', at, 'one ', { 'content-range': '0-3' });
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-3']);
    const gap = await peer.send('PATCH', at, 'two', { 'content-range': '5-7' });
    expect([gap.status, await codeOf(gap)]).toEqual([416, ['BLOB_UPLOAD_INVALID']]);
    const again = await peer.send('PATCH', at, 'one ', { 'content-range': '0-3' });
    expect(again.status).toBe(416);
    const status = await peer.get(at);
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-3']);
    const done = await peer.send('PUT', `${at}?digest=${digestOf('one two')}`, 'two', {
      'content-range': '4-6',
    });
    expect(done.status).toBe(201);
    expect(await (await peer.get(`a/blobs/${digestOf('one two')}`)).text()).toBe('one two');
    expect((await peer.get(at)).status).toBe(404);
  });

  it('keeps what came before its connection broke, and nobody can read it', async () => {
    const at = await begin();
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('one '));
      },
      pull: () => new Promise(() => {}),
    });
    const stop = new AbortController();
    const sent = served.fetch(`/v2/${at}`, 'admin', {
      ...{ method: 'PATCH', body: broken, duplex: 'half', signal: stop.signal },
    });
    while ((await peer.get(at)).headers.get('range') !== '0-3')
      await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await expect(sent).rejects.toThrow();
    expect((await peer.get(`a/blobs/${digestOf('one ')}`)).status).toBe(404);
    let done: Response;
    do
      done = await peer.send('PUT', `${at}?digest=${digestOf('one two')}`, 'two', { 'content-range': '4-6' });
    while (done.status === 409);
    expect(done.status).toBe(201);
  });

  it('with a length that does not fit its range is refused', async () => {
    const at = await begin();
    const answer = await peer.send('PATCH', at, 'four', { 'content-range': '0-9' });
    expect([answer.status, await codeOf(answer)]).toEqual([400, ['SIZE_INVALID']]);
  });
});

describe('On the disk', () => {
  withFresh();

  it('a blob that is not what its digest says is refused, and nothing is kept', async () => {
    const answer = await peer.send('POST', `a/blobs/uploads/?digest=${digestOf('right')}`, 'wrong');
    expect([answer.status, await codeOf(answer)]).toEqual([400, ['DIGEST_INVALID']]);
    expect((await peer.get(`a/blobs/${digestOf('right')}`)).status).toBe(404);
    expect(filesBelow('.')).toEqual([]);
  });
  it('an upload of one repository is none of another, and can be cancelled', async () => {
    const begun = await peer.send('POST', 'a/blobs/uploads/');
    const at = begun.headers.get('location')?.replace('/v2/', '') ?? '';
    expect((await peer.get(at.replace('a/', 'b/'))).status).toBe(404);
    expect((await peer.send('DELETE', at)).status).toBe(204);
    expect((await peer.send('PATCH', at, 'x')).status).toBe(404);
    expect(filesBelow('uploads')).toEqual([]);
  });
});

describe('A manifest', () => {
  it('needs its blobs, with the sizes that it names', async () => {
    const config = await peer.pushBlob('a', '{}');
    const missing = await peer.pushManifest('a', 't', imageOf(config, [{ digest: digestOf('x'), size: 1 }]));
    expect([missing.status, await codeOf(missing)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
    const size = await peer.pushManifest('a', 't', imageOf({ ...config, size: 3 }, []));
    expect([size.status, await codeOf(size)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
  });

  it('is listed with what refers to it, by kind', async () => {
    const config = await peer.pushBlob('a', '{}');
    const put = await peer.pushManifest('a', 't', imageOf(config, []));
    const subject = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: put.headers.get('docker-content-digest') ?? '',
      size: 1,
    };
    const about = imageOf(config, [], {
      subject,
      artifactType: 'application/vnd.goshawk.transfer.v1+json',
      annotations: { a: 'b' },
    });
    const referrer = await peer.pushManifest('a', digestOf(JSON.stringify(about)), about);
    expect(referrer.headers.get('oci-subject')).toBe(subject.digest);
    const list = await peer.get(`a/referrers/${subject.digest}`);
    expect(list.headers.get('content-type')).toBe('application/vnd.oci.image.index.v1+json');
    expect(await list.json()).toMatchObject({
      manifests: [{ artifactType: 'application/vnd.goshawk.transfer.v1+json', annotations: { a: 'b' } }],
    });
    const none = await peer.get(`a/referrers/${subject.digest}?artifactType=a/b`);
    expect(none.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(await none.json()).toMatchObject({ manifests: [] });
  });

  it('is listed by its tags, page by page', async () => {
    const config = await peer.pushBlob('paged', '{}');
    for (const tag of ['c', 'B', 'a']) await peer.pushManifest('paged', tag, imageOf(config, []));
    const first = await peer.get('paged/tags/list?n=2');
    expect(await first.json()).toEqual({ name: 'paged', tags: ['B', 'a'] });
    expect(first.headers.get('link')).toBe('</v2/paged/tags/list?n=2&last=a>; rel="next"');
    const next = await peer.get('paged/tags/list?n=2&last=a');
    expect(await next.json()).toEqual({ name: 'paged', tags: ['c'] });
    expect(next.headers.get('link')).toBeNull();
    expect(await (await peer.get('_catalog')).json()).toMatchObject({
      repositories: expect.arrayContaining(['paged']),
    });
    expect((await peer.get('paged/tags/list?n=-1')).status).toBe(400);
  });

  it('that is too large is refused before it is read to its end', async () => {
    const answer = await peer.send('PUT', 'a/manifests/t', Buffer.alloc(4 * 1024 * 1024 + 1, 0x20));
    expect(answer.status).toBe(413);
  });
});

describe('Who may what', () => {
  const config = '{}';

  it('is said by a challenge, and a short token is good for what it was given for', async () => {
    const { status, headers } = await served.fetch('/v2/street/manifests/1', undefined);
    expect(status).toBe(401);
    const { host } = new URL(served.url);
    expect(headers.get('www-authenticate')).toBe(
      `Bearer realm="${served.url}/v2/token",service="${host}",scope="repository:street:pull"`,
    );
    const basic = `Basic ${Buffer.from(`anybody:${served.tokens.operator}`).toString('base64')}`;
    const given = await fetch(`${served.url}/v2/token?scope=repository:a:pull,push,delete`, {
      headers: { authorization: basic },
    });
    const { token, expires_in } = (await given.json()) as { token: string; expires_in: number };
    expect(expires_in).toBe(300);
    const short = new OciPeer((path, init) =>
      fetch(`${served.url}${path}`, {
        ...init,
        headers: { ...init?.headers, authorization: `Bearer ${token}` },
      }),
    );
    const { digest } = await short.pushBlob('a', config);
    expect((await short.get(`a/blobs/${digest}`)).status).toBe(200);
    const other = await short.send('POST', 'b/blobs/uploads/');
    expect([other.status, other.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('insufficient_scope'),
    ]);
    expect((await short.send('DELETE', `a/blobs/${digest}`)).status).toBe(403);
  });

  it('goes by the role: viewers read, operators push, admins delete', async () => {
    const { digest } = await as('operator').pushBlob('a', config);
    expect((await as('viewer').get(`a/blobs/${digest}`)).status).toBe(200);
    expect((await as('viewer').get('_catalog')).status).toBe(200);
    expect((await as('viewer').send('POST', 'a/blobs/uploads/')).status).toBe(403);
    expect((await as('operator').send('DELETE', `a/blobs/${digest}`)).status).toBe(403);
    expect((await as('device').get('_catalog')).status).toBe(403);
    expect((await as('device').send('POST', 'a/blobs/uploads/')).status).toBe(403);
  });

  it('a token that was deleted gives no rights to the short ones that it was exchanged for', async () => {
    const created = await served.json<{ id: string; token: string }>('POST', '/tokens', 'admin', {
      name: 'ci',
      role: 'operator',
    });
    const given = await fetch(`${served.url}/v2/token?scope=repository:a:pull`, {
      headers: { authorization: `Bearer ${created.body.token}` },
    });
    const { token } = (await given.json()) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${served.url}/v2/`, { headers })).status).toBe(200);
    await served.json('DELETE', `/tokens/${created.body.id}`, 'admin');
    expect((await fetch(`${served.url}/v2/`, { headers })).status).toBe(401);
  });
});

it.each([
  ['GET', 'A/manifests/t', 400, 'NAME_INVALID'],
  ['GET', 'a/../b/manifests/t', 404, undefined],
  ['GET', 'a%2f..%2fb/manifests/t', 400, 'NAME_INVALID'],
  ['GET', `${'a/'.repeat(120)}b/tags/list`, 400, 'NAME_INVALID'],
  ['GET', 'a/blobs/sha256:0', 400, 'DIGEST_INVALID'],
  ['GET', 'a/blobs/sha512:0', 400, 'DIGEST_INVALID'],
  ['GET', 'a/referrers/x', 400, 'DIGEST_INVALID'],
  ['GET', 'a/manifests/sha256:0', 400, 'DIGEST_INVALID'],
  ['GET', 'a/manifests/a+b', 404, 'MANIFEST_UNKNOWN'],
  ['GET', 'unknown/tags/list', 404, 'NAME_UNKNOWN'],
  ['GET', 'nothing', 404, 'UNSUPPORTED'],
  ['PUT', '_catalog', 405, 'UNSUPPORTED'],
  ['PUT', `a/blobs/${digestOf('')}`, 405, 'UNSUPPORTED'],
  ['PATCH', 'a/blobs/uploads/00', 404, 'BLOB_UPLOAD_UNKNOWN'],
  ['PUT', 'a/manifests/t', 400, 'MANIFEST_INVALID'],
])('%s %s is answered with %i %s', async (method, path, status, code) => {
  const answer = await peer.send(method, path, method === 'GET' ? undefined : '');
  expect(answer.status).toBe(status);
  if (code !== undefined) expect(await codeOf(answer)).toEqual([code]);
});
