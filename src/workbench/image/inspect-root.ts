import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { RefusedError } from '../../base/index.ts';
import { forbiddenPath, holdsPrivateKey, isMachineId, lookedIntoBytes } from '../../image/index.ts';

export interface RootSize {
  readonly bytes: number;
  readonly files: number;
}

/** Refuses a tree with anything in it that belongs to one board; else says how large it is. */
export async function inspectRoot(root: string): Promise<RootSize> {
  const found: string[] = [];
  let bytes = 0;
  let files = 0;
  for await (const entry of walk(root)) {
    const path = join(entry.parentPath, entry.name);
    const inside = relative(root, path);
    files += 1;
    const what = entry.isDirectory() ? undefined : forbiddenPath(inside, entry.isSymbolicLink());
    if (what !== undefined) found.push(`${inside}: ${what}`);
    if (!entry.isFile()) continue;
    const { size } = await lstat(path);
    bytes += Math.ceil(size / 4096) * 4096;
    if (size <= lookedIntoBytes) {
      const text = await readFile(path, 'latin1');
      if (holdsPrivateKey(text)) found.push(`${inside}: a private key`);
      if (inside === 'etc/machine-id' && isMachineId(text)) found.push(`${inside}: an id of the machine`);
    }
  }
  if (found.length === 0) return { bytes, files };
  throw new RefusedError(
    'image-holds-identity',
    `The image would give every board the same identity: ${found.slice(0, 10).join('; ')}${found.length > 10 ? ' ...' : ''}.`,
    'Take out what put it there: an option --package, the bundle, or the settings. Keys and ids are made on the board.',
  );
}

async function* walk(folder: string): AsyncGenerator<Dirent> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    yield entry;
    if (entry.isDirectory()) yield* walk(join(entry.parentPath, entry.name));
  }
}
