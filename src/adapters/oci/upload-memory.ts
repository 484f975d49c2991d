import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/index.ts';

/** Where a registry takes a blob that is on its way. `name`: registry, repository and digest. */
export interface UploadMemory {
  find(name: string): Promise<string | undefined>;
  keep(name: string, place: string): Promise<void>;
  forget(name: string): Promise<void>;
}

const longestPlace = 8_192;
/** Registries drop an abandoned upload after a day or a week. */
const oldMs = 7 * 86_400_000;
const mostFiles = 1_000;

/** In the cache of this user: a push that was ended goes on there. */
export function usualUploadFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'goshawk', 'uploads');
}

/**
 * One small file for each upload, for this user alone: an address may hold a signed state of the registry. A disk that does not
 * take or give it costs the bytes that were sent, and nothing else.
 */
export class UploadFolder implements UploadMemory {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async find(name: string): Promise<string | undefined> {
    try {
      const text = await readFile(this.#path(name), 'utf8');
      const place = text.slice(0, longestPlace + 1).trim();
      return place.length <= longestPlace && URL.canParse(place) ? place : undefined;
    } catch {
      return undefined;
    }
  }

  async keep(name: string, place: string): Promise<void> {
    if (place.length > longestPlace) return;
    await this.#removeOld().catch(() => undefined);
    const modes = { mode: 0o600, folderMode: 0o700 };
    await writeFileAtomic(this.#path(name), `${place}\n`, modes).catch(() => undefined);
  }

  async forget(name: string): Promise<void> {
    await rm(this.#path(name), { force: true }).catch(() => undefined);
  }

  async #removeOld(): Promise<void> {
    const names = await readdir(this.#folder);
    for (const name of names) {
      const path = join(this.#folder, name);
      const isOld = Date.now() - (await stat(path)).mtimeMs > oldMs;
      if (isOld || names.length > mostFiles) await rm(path, { force: true });
    }
  }

  #path(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex'));
  }
}
