import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readBundle, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { RegistryClient } from '../../../../src/adapters/oci/index.ts';
import { packer } from '../../../../src/adapters/zstd/index.ts';
import type { ModelList } from '../../../../src/api/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { RegistrySource } from '../../../../src/runtime/device/fetch/registry-source.ts';
import { noProgress } from '../../../../src/runtime/index.ts';
import { readFoundBundle } from '../../../../src/workbench/artifact/pull-model.ts';
import { exportModel, loadModel, pullModel, pushModel } from '../../../../src/workbench/index.ts';
import { encryptFor } from '../../../fixtures/encrypted-bundle.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { Served } from '../../adapters/fastify/serve.ts';

const ports = { log: silentLog, startProgress: noProgress, signal: new AbortController().signal };
let served: Served;
let controller: { url: string; token: string };
beforeAll(async () => {
  served = await Served.open();
  controller = { url: served.url, token: served.tokens.operator };
});
afterAll(() => served.close());

/** A bundle with a large file, a small one and an empty one. */
async function bundle(name: string, base = temporaryFolder()): Promise<Bundle> {
  const contents = new Map([
    ['fp32.onnx', Buffer.alloc(1_500_000, name)],
    ['golden/golden.json', Buffer.from('{}')],
    ['notes.txt', Buffer.alloc(0)],
  ]);
  const [variant, ...attachments] = [...contents].map(([path, bytes]) => ({
    ...{ path, digest: digestOf(bytes), size: bytes.length },
  }));
  if (variant === undefined) throw new Error('It has a file.');
  const manifest = tinyManifest({ name, variants: [{ kind: 'fp32', file: variant }], attachments });
  return writeBundle(join(base, name), manifest, contents);
}

/** Every byte is held to the digest, and that to the one that went in. */
async function expectSame(folder: string, { digest }: Bundle): Promise<void> {
  expect((await readBundle(folder, 'digests')).digest).toBe(digest);
}

/** The controller behind a registry of before lists of referrers, as docker-registry 2.8 is. */
async function withoutReferrers(): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url?.includes('/referrers/') === true) return void response.writeHead(404).end();
    const { method, url: path, headers } = request;
    const sent = sendRequest(`${served.url}${path}`, { method, headers }, (answer) => {
      const { 'oci-subject': _, ...shown } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, shown);
      answer.pipe(response);
    });
    request.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const noZstd = (await packer()) === undefined ? ' (skipped: no program zstd)' : '';

describe('A bundle at the controller', () => {
  it('is pushed once, and pulled as it was', async () => {
    const one = await bundle('pushed');
    const first = await pushModel(one.location, undefined, controller, ports);
    expect(first).toMatchObject({ name: 'pushed', digest: one.digest, presentBytes: 0 });
    const again = await pushModel(one.location, undefined, controller, ports);
    expect(again).toMatchObject({
      sentBytes: 0,
      presentBytes: first.sentBytes,
      manifestDigest: first.manifestDigest,
    });
    const { body } = await served.json<ModelList>('GET', '/models', 'viewer');
    expect(body.models).toMatchObject([{ name: 'pushed', complete: true, digest: one.digest }]);
    const out = join(temporaryFolder(), 'pulled');
    await pullModel('pushed:1.0.0', { ...controller, out }, ports);
    await expectSame(out, one);
    await expect(pullModel('pushed:1.0.0', { ...controller, out }, ports)).rejects.toMatchObject({
      code: 'path-in-the-way',
    });
  });

  it('is found by its digest, and one that is not there is said so', async () => {
    const one = await bundle('by-digest');
    const at = `${new URL(served.url).host}/elsewhere/other`;
    const { manifestDigest } = await pushModel(one.location, `${at}:x`, controller, ports);
    const out = join(temporaryFolder(), 'pulled');
    const pulled = await pullModel(`${at}@${manifestDigest}`, { ...controller, out }, ports);
    expect(pulled.digest).toBe(one.digest);
    const missing = pullModel('nothing:1', { ...controller, out: `${out}2` }, ports);
    await expect(missing).rejects.toMatchObject({ code: 'model-unknown' });
    expect(existsSync(`${out}2`)).toBe(false);
  });

  it('is refused with other bytes under its version before one is sent, also from a file; another tag may move', async () => {
    const base = temporaryFolder();
    const at = `${new URL(served.url).host}/elsewhere/versions`;
    const one = await bundle('versions', base);
    await pushModel(one.location, at, controller, ports);
    const contents = new Map([['fp32.onnx', Buffer.from('another network')]]);
    const [[path, bytes]] = [...contents] as [[string, Buffer]];
    const file = { path, digest: digestOf(bytes), size: bytes.length };
    const variants = [{ kind: 'fp32' as const, file }];
    const manifest = (version: string) => tinyManifest({ name: 'versions', version, variants });
    const other = await writeBundle(join(base, 'other'), manifest('1.0.0'), contents);
    const taken = { code: 'registry-version-taken', message: expect.stringContaining(one.digest) };
    await expect(pushModel(other.location, at, controller, ports)).rejects.toMatchObject(taken);
    await expect(pushModel(other.location, undefined, controller, ports)).rejects.toMatchObject(taken);
    const layout = join(base, 'other.oci.tar');
    await exportModel(other.location, layout, {}, ports);
    await expect(loadModel(layout, controller, ports)).rejects.toMatchObject(taken);
    const next = await writeBundle(join(base, 'next'), manifest('1.1.0'), contents);
    await pushModel(one.location, `${at}:latest`, controller, ports);
    await pushModel(next.location, `${at}:latest`, controller, ports);
  });

  it('is not pushed with a token that may not, and nothing is to be seen of it', async () => {
    const one = await bundle('refused');
    const viewer = { url: served.url, token: served.tokens.viewer };
    await expect(pushModel(one.location, undefined, viewer, ports)).rejects.toMatchObject({
      code: 'registry-refused',
    });
    await expect(pushModel(one.location, undefined, { url: served.url }, ports)).rejects.toMatchObject({
      code: 'token-missing',
    });
  });

  it('that was damaged on the disk is not pushed', async () => {
    const one = await bundle('damaged');
    writeFileSync(join(one.location, 'golden/golden.json'), '[]');
    await expect(pushModel(one.location, undefined, controller, ports)).rejects.toMatchObject({
      code: expect.stringMatching(/^bundle-/),
    });
  });
});

describe('A bundle as one file', () => {
  it('is an image layout that tar reads, and comes back as it was: by a folder, by the controller', async () => {
    const base = temporaryFolder();
    const one = await bundle('filed', base);
    const file = join(base, 'filed.oci.tar');
    const exported = await exportModel(one.location, file, {}, ports);
    mkdirSync(join(base, 'untarred'));
    execFileSync('tar', ['xf', file, '-C', join(base, 'untarred')]);
    expect(readdirSync(join(base, 'untarred')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    await loadModel(file, { out: join(base, 'of-file') }, ports);
    await expectSame(join(base, 'of-file'), one);
    await loadModel(join(base, 'untarred'), { out: join(base, 'of-folder') }, ports);
    await expectSame(join(base, 'of-folder'), one);
    const loaded = await loadModel(file, controller, ports);
    expect(loaded).toMatchObject({ digest: one.digest, manifestDigest: exported.manifestDigest });
    const again = join(base, 'again.oci.tar');
    expect(await exportModel('filed:1.0.0', again, controller, ports)).toMatchObject({
      manifestDigest: exported.manifestDigest,
    });
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });

  it('that is damaged is refused, and nothing is written', async () => {
    const base = temporaryFolder();
    const one = await bundle('broken', base);
    const file = join(base, 'broken.oci.tar');
    await exportModel(one.location, file, {}, ports);
    const whole = readFileSync(file);
    const refused = async (code: string | RegExp) => {
      const loading = loadModel(file, { out: join(base, 'out') }, ports);
      await expect(loading).rejects.toMatchObject({ code: expect.stringMatching(code) });
      expect(existsSync(join(base, 'out'))).toBe(false);
    };
    truncateSync(file, 700_000);
    await refused('layout-damaged');
    const changed = Buffer.from(whole);
    changed.write('X', whole.indexOf('brokenbroken') + 5);
    writeFileSync(file, changed);
    await refused(/^bundle-/);
    writeFileSync(file, 'no tar at all');
    await refused('layout-tar');
    writeFileSync(file, whole.subarray(0, 0));
    await refused('layout-tar');
    await expect(loadModel(join(base, 'none'), { out: join(base, 'out') }, ports)).rejects.toMatchObject({
      code: 'file-missing',
    });
  });
});

describe('A bundle whose networks are encrypted', () => {
  it('is pulled, exported and loaded as it is, without its key', async () => {
    const base = temporaryFolder();
    const plain = await bundle('plain', base);
    await encryptFor(base, ['plain', 'sealed'], await (await fleetIdentities())('cam-1'));
    const sealed = join(base, 'sealed');
    const { manifestDigest } = await pushModel(sealed, undefined, controller, ports);
    const expectSealed = async (folder: string) => {
      await expectSame(folder, plain);
      expect(readdirSync(folder).sort()).toEqual(readdirSync(sealed).sort());
      for (const name of ['sealed.json', 'fp32.onnx.sealed'])
        expect(readFileSync(join(folder, name)).equals(readFileSync(join(sealed, name)))).toBe(true);
    };
    await pullModel('plain:1.0.0', { ...controller, out: join(base, 'pulled') }, ports);
    await expectSealed(join(base, 'pulled'));
    for (const [source, file] of [
      ['plain:1.0.0', 'registry.tar'],
      [sealed, 'folder.tar'],
    ] as const) {
      const exported = await exportModel(source, join(base, file), controller, ports);
      expect(exported).toMatchObject({ manifestDigest });
      await loadModel(join(base, file), { out: join(base, `of-${file}`) }, ports);
      await expectSealed(join(base, `of-${file}`));
    }
    expect(await loadModel(join(base, 'folder.tar'), controller, ports)).toMatchObject({ manifestDigest });
  });

  it('is not what an earlier try left where it lies in plain now', async () => {
    const base = temporaryFolder();
    const one = await bundle('unsealed', base);
    await pushModel(one.location, undefined, controller, ports);
    mkdirSync(join(base, 'out.pulling'));
    writeFileSync(join(base, 'out.pulling/sealed.json'), '{}');
    await pullModel('unsealed:1.0.0', { ...controller, out: join(base, 'out') }, ports);
    await expectSame(join(base, 'out'), one);
  });

  const sealedBy = async (change: (text: string) => string, size?: number) => {
    const base = temporaryFolder();
    const { location } = await bundle('list', base);
    await encryptFor(base, ['list', 'sealed'], await (await fleetIdentities())('cam-1'));
    const json = readFileSync(join(location, 'manifest.json'));
    const list = Buffer.from(change(readFileSync(join(base, 'sealed/sealed.json'), 'utf8')));
    const layer = (mediaType: string, bytes: Buffer, length = bytes.length) => ({
      ...{ mediaType, digest: digestOf(bytes), size: length },
    });
    const type = 'application/vnd.goshawk';
    const layers = [
      layer(`${type}.bundle.manifest.v1+json`, json),
      layer(`${type}.encrypted.v1+json`, list, size),
    ];
    for (const path of ['golden/golden.json', 'notes.txt', 'fp32.onnx.sealed']) {
      const bytes = readFileSync(join(base, 'sealed', path));
      const mediaType = path.endsWith('.sealed') ? `${type}.encrypted.v1` : 'text/plain';
      const annotations = { 'org.cncf.model.filepath': path };
      layers.push(Object.assign(layer(mediaType, bytes), { annotations }));
    }
    const image = { schemaVersion: 2 as const, config: layer('application/json', json), layers };
    const read = async ({ digest }: { readonly digest: string }) => (digest === digestOf(json) ? json : list);
    return readFoundBundle(json, digestOf(json), { kind: 'image', mediaType: '', image }, read);
  };
  it.each([
    ['as it was made', (text: string) => text, undefined, undefined],
    [
      'for another bundle',
      (text: string) => text.replace(/("bundle": "sha256:)./, '$1x'),
      undefined,
      /^sealed-/,
    ],
    ['that is no list', () => 'no list', undefined, /^sealed-/],
    ['that is too long', (text: string) => text, 8_000_001, 'artifact-size'],
  ] as const)('has a list of devices %s', async (_, change, size, code) => {
    const found = sealedBy(change, size);
    if (code === undefined) expect((await found).sealed?.envelope.recipients).toHaveLength(1);
    else await expect(found).rejects.toMatchObject({ code: expect.stringMatching(code) });
  });
});

describe('A bundle at a registry that keeps no list of what refers to it', () => {
  it.skipIf(noZstd !== '')(`has its forms listed under a tag, where devices find them${noZstd}`, async () => {
    const url = await withoutReferrers();
    const one = await bundle('forms');
    const operator = { url, token: served.tokens.operator };
    const pushed = await pushModel(one.location, undefined, operator, ports);
    expect(pushed.forms).toBeGreaterThan(0);
    const model = { name: 'forms', version: '1.0.0', digest: one.digest };
    const source = new RegistrySource(
      new RegistryClient({ url, authorization: `Bearer ${served.tokens.viewer}` }),
    );
    const forms = await source.forms(model, ports.signal);
    expect(forms).toHaveLength(pushed.forms ?? 0);
    // A second push finds its own list there, and adds nothing.
    await pushModel(one.location, undefined, operator, ports);
    expect(await source.forms(model, ports.signal)).toHaveLength(forms.length);
  });
});
