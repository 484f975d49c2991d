import { createHash } from 'node:crypto';
import { link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readBundle } from '../../adapters/filesystem/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';
import type { Fields } from '../../trust/index.ts';
import { ownModel } from '../demo/own-model.ts';

export interface RehearsalModel extends DesiredModel {
  readonly folder: string;
  /** What an owner signs about it. */
  readonly target: Fields;
}

/** A version of the project's smallest model, without its golden set: what it finds is not the question here. */
export async function makeModel(base: string, version: string): Promise<RehearsalModel> {
  const from = ownModel('street-lean');
  const { manifest } = await readBundle(from, 'digests');
  const { attachments: _, ...rest } = manifest;
  const name = 'rehearsal';
  const bytes = Buffer.from(`${JSON.stringify({ ...rest, name, version }, undefined, 2)}\n`);
  const folder = join(base, `bundle-${version}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'manifest.json'), bytes);
  for (const { file } of manifest.variants) {
    await mkdir(dirname(join(folder, file.path)), { recursive: true });
    await copyOf(join(from, file.path), join(folder, file.path));
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const target = { length: bytes.byteLength, hashes: { sha256 }, custom: { goshawk: { release: 1 } } };
  return { folder, name, version, digest: `sha256:${sha256}`, target };
}

async function copyOf(from: string, to: string): Promise<void> {
  await link(from, to).catch(async () => writeFile(to, await readFile(from)));
}
