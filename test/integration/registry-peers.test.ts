import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestOf, readBundle, writeBundle } from '../../src/adapters/filesystem/index.ts';
import type { ModelList } from '../../src/api/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { noProgress } from '../../src/runtime/index.ts';
import { exportModel, loadModel, pullModel, pushModel } from '../../src/workbench/index.ts';
import { CuttingProxy } from '../fixtures/cutting-proxy.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { Served } from '../unit/adapters/fastify/serve.ts';
import { tinyBundleFolder } from './goshawk.ts';

/* Programs of others against our registry, and our commands against theirs. Debian has all three. */

const run = promisify(execFile);
const missing = ['skopeo', 'oras', 'docker-registry'].filter((program) => !has(program));
const title =
  missing.length === 0 ? 'With peers' : `With peers: not run, ${missing.join(', ')} not installed`;

function has(program: string): boolean {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
}

const ports = { log: silentLog, startProgress: noProgress, signal: new AbortController().signal };
let served: Served;
let ours: string;
let theirs: string;
let bundle: string;
let digest: string;
let base: string;
let home: string;
let stop: () => Promise<void>;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Debian's docker-registry on the disk of this test. */
async function startRegistry(folder: string): Promise<{ host: string; stop: () => Promise<void> }> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'registry.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}\nhttp: {addr: "${host}"}\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (;;) {
    const answers = await fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    if (child.exitCode !== null) throw new Error('docker-registry ended.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    host,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

const controller = () => ({ url: served.url, token: served.tokens.admin });
const plain = { plainHttp: true };
const environment = () => ({ ...process.env, HOME: home, XDG_RUNTIME_DIR: home, DOCKER_CONFIG: home });
const skopeo = (...args: string[]) =>
  run('skopeo', ['--insecure-policy', ...args], {
    env: { ...environment(), REGISTRY_AUTH_FILE: join(home, 'config.json') },
  });
const oras = (...args: string[]) => run('oras', args, { env: environment(), cwd: base });

describe.skipIf(missing.length > 0)(title, () => {
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'goshawk-peers-'));
    home = join(base, 'home');
    mkdirSync(home);
    served = await Served.open();
    ours = new URL(served.url).host;
    bundle = await tinyBundleFolder(base);
    ({ digest } = await readBundle(bundle));
    ({ host: theirs, stop } = await startRegistry(base));
    const auth = Buffer.from(`anybody:${served.tokens.admin}`).toString('base64');
    writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [ours]: { auth } } }));
  });
  afterAll(async () => {
    await stop?.();
    await served?.close();
    rmSync(base, { recursive: true, force: true });
  });

  const models = async () => (await served.json<ModelList>('GET', '/models', 'viewer')).body.models;

  it('docker-registry takes our push and gives it back', async () => {
    const first = await pushModel(bundle, `${theirs}/models/tiny:1.0.0`, plain, ports);
    expect(first.presentBytes).toBe(0);
    expect((await pushModel(bundle, `${theirs}/models/tiny:1.0.0`, plain, ports)).sentBytes).toBe(0);
    const out = join(base, 'from-docker-registry');
    expect((await pullModel(`${theirs}/models/tiny:1.0.0`, { ...plain, out }, ports)).digest).toBe(digest);
  });

  it('docker-registry gives up an upload whose wire broke: it is sent anew, by the same command and by the next', async () => {
    const network = randomBytes(8_000_000);
    const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
    const manifest = tinyManifest({ name: 'large', variants: [{ kind: 'fp32', file }] });
    const large = join(base, 'large');
    const { digest: wanted } = await writeBundle(large, manifest, new Map([[file.path, network]]));
    const { hostname, port } = new URL(`http://${theirs}`);
    const proxy = new CuttingProxy(hostname, Number(port));
    await proxy.start();
    vi.stubEnv('XDG_CACHE_HOME', join(base, 'cache'));
    const push = (name: string, signal = ports.signal) =>
      pushModel(large, `127.0.0.1:${proxy.port}/${name}/large:1.0.0`, plain, { ...ports, signal });
    const hasAll = async (name: string) => {
      const out = join(base, `large-${name}`);
      const { digest: came } = await pullModel(`${theirs}/${name}/large:1.0.0`, { ...plain, out }, ports);
      return came === wanted;
    };
    try {
      proxy.cutOnceAfter = 3_000_000;
      await push('same');
      expect(proxy.cuts).toBe(1);
      expect(await hasAll('same')).toBe(true);
      // The command ends where the wire breaks, and stays broken.
      proxy.cutAfter = 3_000_000;
      const ending = new AbortController();
      const ended = push('next', ending.signal).catch((error: unknown) => error);
      while (proxy.cuts === 1) await new Promise((resolve) => setTimeout(resolve, 5));
      ending.abort();
      expect(await ended).toBeInstanceOf(Error);
      proxy.cutAfter = undefined;
      await push('next');
      expect(await hasAll('next')).toBe(true);
      expect(readdirSync(join(base, 'cache', 'goshawk', 'uploads'))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      proxy.close();
    }
  });

  it('skopeo mirrors from docker-registry to us, where it is a model, and from us to docker-registry', async () => {
    await skopeo(
      'copy',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${theirs}/models/tiny:1.0.0`,
      `docker://${ours}/tiny:1.0.0`,
    );
    expect(await models()).toMatchObject([{ name: 'tiny', digest, complete: true }]);
    await skopeo(
      'copy',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${ours}/tiny:1.0.0`,
      `docker://${theirs}/back/tiny:1`,
    );
    const out = join(base, 'back');
    expect((await pullModel(`${theirs}/back/tiny:1`, { ...plain, out }, ports)).digest).toBe(digest);
    const { stdout } = await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${ours}/tiny:1.0.0`);
    expect(JSON.parse(stdout)).toMatchObject({ artifactType: 'application/vnd.cncf.model.manifest.v1+json' });
  });

  it('skopeo reads the file that we export, and we read the one that it writes', async () => {
    const file = join(base, 'tiny.oci.tar');
    await exportModel(bundle, file, {}, ports);
    await skopeo(
      'copy',
      '--dest-tls-verify=false',
      `oci-archive:${file}:1.0.0`,
      `docker://${theirs}/file/tiny:1`,
    );
    const archive = join(base, 'theirs.oci.tar');
    await skopeo(
      'copy',
      '--src-tls-verify=false',
      `docker://${ours}/tiny:1.0.0`,
      `oci-archive:${archive}:1.0.0`,
    );
    expect((await loadModel(archive, { out: join(base, 'of-skopeo') }, ports)).digest).toBe(digest);
    const layout = join(base, 'layout');
    await skopeo('copy', '--src-tls-verify=false', `docker://${ours}/tiny:1.0.0`, `oci:${layout}:1.0.0`);
    expect((await loadModel(layout, controller(), ports)).digest).toBe(digest);
  });

  it('oras pulls the files of a bundle, pushes what refers to it, and finds it again', async () => {
    const out = join(base, 'oras');
    mkdirSync(out);
    await oras('copy', '--from-plain-http', '--to-oci-layout', `${ours}/tiny:1.0.0`, 'oras-layout:1.0.0');
    expect((await loadModel(join(base, 'oras-layout'), { out: join(base, 'of-oras') }, ports)).digest).toBe(
      digest,
    );
    writeFileSync(join(base, 'delta.bin'), 'a delta');
    const type = 'application/vnd.goshawk.transfer.v1+json';
    await oras(
      'attach',
      '--plain-http',
      '--artifact-type',
      type,
      `${ours}/tiny:1.0.0`,
      'delta.bin:application/zstd',
    );
    const { stdout } = await oras(
      'discover',
      '--plain-http',
      '--format',
      'json',
      '--artifact-type',
      type,
      `${ours}/tiny:1.0.0`,
    );
    const { manifests } = JSON.parse(stdout) as { manifests: { artifactType: string; reference: string }[] };
    expect(manifests).toMatchObject([{ artifactType: type }]);
    await oras('pull', '--plain-http', '--output', out, manifests[0]?.reference ?? '');
    expect(readFileSync(join(out, 'delta.bin'), 'utf8')).toBe('a delta');
    const { stdout: tags } = await oras('repo', 'tags', '--plain-http', `${ours}/tiny`);
    expect(tags.trim().split('\n')).toContain('1.0.0');
    const { stdout: repositories } = await oras('repo', 'ls', '--plain-http', ours);
    expect(repositories.trim().split('\n')).toContain('tiny');
  });

  it('oras mirrors with everything that refers to it, both ways', async () => {
    await oras(
      'copy',
      '-r',
      '--from-plain-http',
      '--to-plain-http',
      `${ours}/tiny:1.0.0`,
      `${theirs}/mirror/tiny:1.0.0`,
    );
    await oras(
      'copy',
      '-r',
      '--from-plain-http',
      '--to-plain-http',
      `${theirs}/mirror/tiny:1.0.0`,
      `${ours}/mirrored:1.0.0`,
    );
    const { stdout } = await oras('discover', '--plain-http', '--format', 'json', `${ours}/mirrored:1.0.0`);
    expect((JSON.parse(stdout) as { manifests: unknown[] }).manifests).toHaveLength(1);
  });

  it('oras deletes, and the model is gone with its last artifact', async () => {
    const before = (await models()).length;
    for (const name of ['mirrored', 'tiny']) {
      const { stdout } = await oras('resolve', '--plain-http', `${ours}/${name}:1.0.0`);
      await oras('manifest', 'delete', '--plain-http', '--force', `${ours}/${name}@${stdout.trim()}`);
    }
    expect((await models()).length).toBe(before - 1);
    expect(existsSync(bundle)).toBe(true);
  });
});
