/*
 * The program that theupdateframework/tuf-conformance drives (its CLIENT-CLI.md): our client behind `init`, `refresh` and
 * `download`. The same code verifies metadata on a device; only folder and addresses come from the command line.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeTrustCrypto } from '../../../src/adapters/crypto/index.ts';
import { MetadataFolder } from '../../../src/adapters/filesystem/index.ts';
import { HttpMetadataSource } from '../../../src/adapters/oci/index.ts';
import { describeError } from '../../../src/base/index.ts';
import {
  expectFile,
  MetadataClient,
  type TargetFile,
  TrustedSet,
  trustLimits,
} from '../../../src/trust/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'metadata-dir': { type: 'string' },
    'metadata-url': { type: 'string', default: '' },
    'target-name': { type: 'string', multiple: true, default: [] },
    'target-base-url': { type: 'string', default: '' },
    'target-dir': { type: 'string', default: '' },
  },
});
const verifier = nodeTrustCrypto();
const store = new MetadataFolder(values['metadata-dir'] ?? '.');

async function init(rootFile: string): Promise<void> {
  const bytes = await readFile(rootFile);
  new TrustedSet(bytes, verifier);
  await store.write('root', bytes);
}

async function refresh(): Promise<MetadataClient> {
  const source = new HttpMetadataSource(values['metadata-url']);
  return MetadataClient.refresh(() => Date.now(), { source, store, verifier, limits: trustLimits });
}

async function download(): Promise<void> {
  const client = await refresh();
  for (const name of values['target-name']) {
    const target = await client.target(name);
    if (target === undefined) throw new Error(`${name} is in no targets.`);
    await fetchTarget(name, target, client.trusted.root.consistentSnapshot);
  }
}

async function fetchTarget(name: string, target: TargetFile, byHash: boolean): Promise<void> {
  const path = join(values['target-dir'], encodeURIComponent(name));
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined) {
    try {
      expectFile(await readFile(path), target, verifier, name);
      return;
    } catch {
      // Another version: it is fetched.
    }
  }
  const cut = name.lastIndexOf('/') + 1;
  const [hash] = target.hashes.values();
  const published = byHash ? `${name.slice(0, cut)}${hash}.${name.slice(cut)}` : name;
  const source = new HttpMetadataSource(values['target-base-url']);
  const bytes = await source.fetch(published, target.length);
  if (bytes === undefined) throw new Error(`${published} is not there.`);
  expectFile(bytes, target, verifier, name);
  await mkdir(values['target-dir'], { recursive: true });
  await writeFile(path, bytes);
}

const [command, file = ''] = positionals;
const commands: Record<string, () => Promise<unknown>> = { init: () => init(file), refresh, download };
try {
  await commands[command ?? '']!();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
