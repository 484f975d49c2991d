import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, GoshawkError } from '../../base/index.ts';
import { isDiskFull, writeFileAtomic } from '../../platform/index.ts';
import type { MetadataStore } from '../../trust/index.ts';

/** Files that are larger than any metadata may be are not read. */
const mostBytes = 8_000_000;

/** Trusted metadata as files of a folder, each replaced as a whole: an old or a new one, never a half. */
export class MetadataFolder implements MetadataStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(role: string): Promise<Uint8Array | undefined> {
    try {
      const bytes = await readFile(this.#path(role));
      return bytes.byteLength > mostBytes ? undefined : bytes;
    } catch {
      // Not there, or a disk that does not give it: it is fetched again.
      return undefined;
    }
  }

  async write(role: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#path(role), bytes, {
      mode: 0o600,
      folderMode: 0o700,
      explain: (cause) =>
        new GoshawkError(
          'trust-disk',
          `Signed metadata can't be kept in ${this.#folder}: ${describeError(cause)}.`,
          isDiskFull(cause) ? 'Make room on that disk.' : 'Give the agent write access to its data folder.',
          { cause },
        ),
    });
  }

  /** The name of a role comes from outside and stays one name: no `/`, and never `..` alone. */
  #path(role: string): string {
    return join(this.#folder, `${encodeURIComponent(role)}.json`);
  }
}
