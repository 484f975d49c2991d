import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/adapters/filesystem/index.ts';
import { RegistryClient } from '../../src/adapters/oci/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { noProgress } from '../../src/runtime/index.ts';
import { pushModel } from '../../src/workbench/index.ts';
import { freePort } from '../contract/brokers.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { Served } from '../unit/adapters/fastify/serve.ts';
import { eventually } from './fleet/program.ts';
import { tinyBundleFolder } from './goshawk.ts';

const missing = spawnSync('which', ['docker-registry']).status !== 0;
const title = `Debian's docker-registry as a mirror of the controller at a site${missing ? ': not installed' : ''}`;

describe.skipIf(missing)(title, () => {
  let served: Served;
  let bundle: string;
  let base: string;
  let mirror: ChildProcess;
  let url: string;

  beforeEach(async () => {
    base = temporaryFolder();
    served = await Served.open();
    bundle = await tinyBundleFolder(base);
    const controller = { url: served.url, token: served.tokens.admin };
    const signal = new AbortController().signal;
    await pushModel(bundle, undefined, controller, { log: silentLog, startProgress: noProgress, signal });
  });
  afterEach(async () => {
    mirror?.kill();
    if (mirror?.exitCode === null) await once(mirror, 'exit');
    await served.close().catch(() => {});
  });

  async function startMirror(token: string): Promise<void> {
    const host = `127.0.0.1:${await freePort()}`;
    url = `http://${host}`;
    const lines = [
      'version: 0.1',
      'log: {level: error}',
      `storage: {filesystem: {rootdirectory: ${base}/mirror}}`,
      `http: {addr: "${host}"}`,
      `proxy: {remoteurl: "${served.url}", username: mirror, password: "${token}"}`,
    ];
    writeFileSync(join(base, 'registry.yml'), `${lines.join('\n')}\n`);
    mirror = spawn('docker-registry', ['serve', join(base, 'registry.yml')], { stdio: 'ignore' });
    await eventually('the mirror listens', async () => (await fetch(`${url}/v2/`)).ok);
  }
  const client = () => new RegistryClient({ url, answerMs: 30_000 });

  it('gives devices what the controller has, once fetched also without the controller', async () => {
    await startMirror(served.tokens.viewer);
    const { digest, manifest } = await readBundle(bundle);
    expect(await client().blob('tiny', digest, 1_000_000)).toEqual(
      new Uint8Array(readFileSync(join(bundle, 'manifest.json'))),
    );
    const [file] = manifest.variants.map((one) => one.file);
    if (file === undefined) throw new Error('The bundle has no file.');
    const pulled = (name: string) => join(base, name);
    await client().pull('tiny', file, pulled('first'));
    expect(readFileSync(pulled('first'))).toEqual(readFileSync(join(bundle, file.path)));
    // It stores what it passes on by a second request.
    const hex = file.digest.slice('sha256:'.length);
    const kept = join(base, 'mirror/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
    await eventually('the mirror has stored it', () => existsSync(kept));
    await served.close();
    await client().pull('tiny', file, pulled('again'));
    expect(readFileSync(pulled('again'))).toEqual(readFileSync(join(bundle, file.path)));
  });

  it('gives nothing with a token that the controller does not take', async () => {
    await startMirror('gsk_wrong');
    const { digest } = await readBundle(bundle);
    await expect(client().blob('tiny', digest, 1_000_000)).rejects.toThrow();
  });
});
