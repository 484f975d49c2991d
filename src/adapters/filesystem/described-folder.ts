import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { explainFileError, isPartialName, writeFileAtomic } from '../../platform/index.ts';

export interface DescribedFolderOptions<Schema extends TSchema> {
  readonly folder: string;
  /** Ending of the files without the dot: `jpg`. */
  readonly ending: string;
  /** Of a description, which has the `id` of its file. */
  readonly schema: Schema;
  /** For messages: `hard frame`. */
  readonly word: string;
  /** Whether a name is of a file that was never finished; what is not ours stays. */
  readonly isDraft?: (name: string) => boolean;
}

const idPattern = /^[0-9a-z]{1,16}-[0-9a-z]{1,16}$/;

/**
 * Files in a folder, each with a description that is written after it: `<id>.jpg`, `<id>.json`. A file counts only with its description,
 * so a power cut leaves both or none; what is half goes when the folder is opened.
 */
export class DescribedFolder<Schema extends TSchema> {
  readonly #options: DescribedFolderOptions<Schema>;

  constructor(options: DescribedFolderOptions<Schema>) {
    this.#options = options;
  }

  /** The descriptions by their ids. */
  async open(): Promise<readonly Static<Schema>[]> {
    const { folder, ending, word, isDraft } = this.#options;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = new Set(await readdir(folder));
      const found: (readonly [id: string, described: Static<Schema>])[] = [];
      for (const name of names) {
        const [id = '', type, ...more] = name.split('.');
        const ours = idPattern.test(id) && more.length === 0 && (type === 'json' || type === ending);
        if (!ours) {
          if (isPartialName(name) || isDraft?.(name) === true) await this.removeFile(name);
        } else if (type === ending) {
          if (!names.has(`${id}.json`)) await this.removeFile(name);
        } else {
          const described = names.has(`${id}.${ending}`) ? await this.describe(id) : undefined;
          if (described === undefined) await this.remove(id);
          else found.push([id, described]);
        }
      }
      return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, described]) => described);
    } catch (error) {
      throw explainFileError(error, `read the ${word}s`, folder);
    }
  }

  path(name: string): string {
    return join(this.#options.folder, name);
  }

  fileOf(id: string): string {
    return this.path(`${id}.${this.#options.ending}`);
  }

  /** Once its file is there; where that fails the file goes. */
  async write(id: string, described: Static<Schema>): Promise<void> {
    try {
      await writeFileAtomic(this.path(`${id}.json`), JSON.stringify(described));
    } catch (error) {
      await rm(this.fileOf(id), { force: true }).catch(() => {});
      throw error;
    }
  }

  /** Undefined where it is not there, or is none of this file. */
  async describe(id: string): Promise<Static<Schema> | undefined> {
    const text = await readFile(this.path(`${id}.json`), 'utf8').catch(() => '');
    return this.parse(text, id);
  }

  parse(text: string, id: string): Static<Schema> | undefined {
    try {
      const value: unknown = JSON.parse(text);
      const fits = Value.Check(this.#options.schema, value) && (value as { id?: unknown }).id === id;
      return fits ? (value as Static<Schema>) : undefined;
    } catch {
      return undefined;
    }
  }

  /** `data`: base64, so many bytes at most. */
  async piece(id: string, offset: number, most: number): Promise<{ size: number; data: string }> {
    const path = this.fileOf(id);
    try {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        const buffer = Buffer.alloc(Math.max(0, Math.min(most, size - offset)));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        return { size, data: buffer.toString('base64', 0, bytesRead) };
      } finally {
        await file.close();
      }
    } catch (error) {
      throw explainFileError(error, `read the ${this.#options.word}`, path);
    }
  }

  async remove(id: string): Promise<void> {
    // The description first: without it the file counts no more.
    await this.removeFile(`${id}.json`);
    await this.removeFile(`${id}.${this.#options.ending}`);
  }

  async removeFile(name: string): Promise<void> {
    const path = this.path(name);
    await rm(path, { force: true, recursive: true }).catch((error: unknown) => {
      throw explainFileError(error, `remove the ${this.#options.word}`, path);
    });
  }
}
