import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, explainFileError, writeFileAtomic } from '../../adapters/filesystem/index.ts';
import type { Checkpoints } from '../../optimize/index.ts';

/**
 * What a stopped run has found, in a folder beside the bundle. Each set of inputs and settings has a folder of its own,
 * so a changed option starts anew and an unchanged one goes on, also after SIGKILL: every file is whole or not there.
 */
export class WorkFolder implements Checkpoints {
  readonly folder: string;
  readonly #root: string;

  private constructor(root: string, folder: string) {
    this.#root = root;
    this.folder = folder;
  }

  /** `key`: everything that the results depend on. */
  static async open(root: string, key: unknown): Promise<WorkFolder> {
    const digest = digestOf(JSON.stringify(key)).slice('sha256:'.length, 'sha256:'.length + 16);
    const folder = join(root, digest);
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw explainFileError(error, 'make the working folder', folder);
    });
    return new WorkFolder(root, folder);
  }

  async readText(name: string): Promise<string | undefined> {
    const bytes = await this.readBytes(name);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  writeText(name: string, text: string): Promise<void> {
    return writeFileAtomic(join(this.folder, name), text);
  }

  async readBytes(name: string): Promise<Uint8Array | undefined> {
    return readFile(join(this.folder, name)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw explainFileError(error, 'read what an earlier run has found', join(this.folder, name));
    });
  }

  writeBytes(name: string, bytes: Uint8Array): Promise<void> {
    return writeFileAtomic(join(this.folder, name), bytes);
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}
