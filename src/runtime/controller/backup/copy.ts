import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Digester, isPartialName, syncFolder, systemCode } from '../../../platform/index.ts';
import type { ManifestFile } from './manifest.ts';

/** Copies and syncs a file; gives what was copied. */
export async function copyFile(from: string, to: string, mode: number): Promise<Omit<ManifestFile, 'path'>> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const digester = new Digester();
  const file = await open(to, 'wx', mode);
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      digester.add(chunk);
      await file.writeFile(chunk);
    }
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes: digester.size, digest: digester.digest, mode };
}

export interface FoundFile {
  readonly path: string;
  readonly mode: number;
}

/** Every file below, by its path from there; without what `leave` names and what writes left behind. */
export async function filesBelow(folder: string, leave: (path: string) => boolean): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(orNothing);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (leave(path) || isPartialName(entry.name)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) {
        const status = await stat(join(folder, path)).catch(() => undefined);
        if (status !== undefined) found.push({ path, mode: status.mode & 0o777 });
      }
    }
  };
  await walk('');
  return found;
}

/** Syncs the folders that hold these files, so that their names are on the disk as well. */
export async function syncFolders(root: string, files: readonly { readonly path: string }[]): Promise<void> {
  const folders = new Set(['']);
  for (const { path } of files)
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  for (const folder of folders) await syncFolder(join(root, folder));
}

/** A folder that went while it was read is none. */
function orNothing(error: unknown): [] {
  if (systemCode(error) === 'ENOENT') return [];
  throw error;
}
