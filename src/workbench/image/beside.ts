import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BundledPart,
  type DebianPackage,
  type MappedRange,
  type NpmPackage,
  parseDebianPackages,
  pieces,
  renderBlockMap,
} from '../../image/index.ts';
import type { RunOptions } from './tools.ts';
import { run } from './tools.ts';

/* What lies beside an image: its map and the list of its parts. */

/** Digests of the parts of an image that have to be written. */
export async function writeBlockMap(
  image: string,
  imageBytes: number,
  parts: readonly { readonly startByte: number; readonly bytes: number }[],
): Promise<string> {
  const file = await open(image, 'r');
  try {
    const ranges: MappedRange[] = [];
    for (const { startByte, bytes } of pieces(parts)) {
      const buffer = Buffer.alloc(bytes);
      await file.read(buffer, 0, bytes, startByte);
      ranges.push({ startByte, bytes, checksum: createHash('sha256').update(buffer).digest('hex') });
    }
    const map = `${image}.bmap`;
    await writeFile(
      map,
      renderBlockMap({ imageBytes, ranges }, (text) => createHash('sha256').update(text).digest('hex')),
    );
    return map;
  } finally {
    await file.close();
  }
}

/** From the database of dpkg, while it is still in the tree. */
export async function debianPackages(root: string, ports: RunOptions): Promise<readonly DebianPackage[]> {
  return parseDebianPackages(
    await run(
      'dpkg-query',
      [
        `--admindir=${root}/var/lib/dpkg`,
        '--show',
        '--showformat',
        `\${Package}\t\${Version}\t\${Architecture}\n`,
      ],
      ports,
    ),
  );
}

/** What the agent's package says of itself, beside npm's packages. */
export async function bundledParts(program: string): Promise<readonly BundledPart[]> {
  return JSON.parse(await readFile(join(program, 'share/parts.json'), 'utf8')) as readonly BundledPart[];
}

/** Of the agent's program. */
export async function npmPackages(program: string): Promise<readonly NpmPackage[]> {
  const found: NpmPackage[] = [];
  for (const folder of await packageFolders(join(program, 'node_modules'))) {
    const { name, version } = JSON.parse(
      await readFile(join(folder, 'package.json'), 'utf8'),
    ) as Partial<NpmPackage>;
    if (name !== undefined && version !== undefined) found.push({ name, version });
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function packageFolders(modules: string): Promise<readonly string[]> {
  if (!existsSync(modules)) return [];
  const folders: string[] = [];
  for (const entry of await readdir(modules, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(modules, entry.name);
    if (entry.name.startsWith('@')) folders.push(...(await packageFolders(path)));
    else if (existsSync(join(path, 'package.json')))
      folders.push(path, ...(await packageFolders(join(path, 'node_modules'))));
  }
  return folders;
}
