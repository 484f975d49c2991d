import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import type { ClipStore } from '../../agent/index.ts';
import {
  explainFileError,
  isPartialName,
  renameSynced,
  syncFile,
  writeFileAtomic,
} from '../../platform/index.ts';
import { Clip } from '../../protocol/index.ts';

const clipName = /^([0-9a-z]{1,16}-[0-9a-z]{1,16})\.(json|mp4)$/;
const draftName = /^[0-9a-z]{1,16}-[0-9a-z]{1,16}\.draft\.mp4(\.parts)?$/;

/**
 * Clips in a folder: `<id>.mp4` and, written after it, `<id>.json`. A clip counts only with its description, so a power cut
 * leaves a clip or none; what is half goes when the folder is opened.
 */
export class FilesystemClipStore implements ClipStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<readonly Clip[]> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const names = new Set(await readdir(this.#folder));
      const clips: Clip[] = [];
      for (const name of names) {
        const [, id, ending] = clipName.exec(name) ?? [];
        if (id === undefined) {
          if (draftName.test(name) || isPartialName(name)) await this.#remove(name);
        } else if (ending === 'mp4' && !names.has(`${id}.json`)) await this.#remove(name);
        else if (ending === 'json') {
          const clip = names.has(`${id}.mp4`) ? await this.#describe(id) : undefined;
          if (clip === undefined) await this.remove(id);
          else clips.push(clip);
        }
      }
      return clips.sort((a, b) => (a.id < b.id ? -1 : 1));
    } catch (error) {
      throw explainFileError(error, 'read the clips', this.#folder);
    }
  }

  draft(id: string): string {
    return join(this.#folder, `${id}.draft.mp4`);
  }

  async keep(clip: Clip): Promise<void> {
    const path = join(this.#folder, `${clip.id}.mp4`);
    try {
      await syncFile(this.draft(clip.id));
      await renameSynced(this.draft(clip.id), path);
      await writeFileAtomic(join(this.#folder, `${clip.id}.json`), JSON.stringify(clip));
    } catch (error) {
      await rm(path, { force: true }).catch(() => {});
      throw explainFileError(error, 'write the clip', path);
    }
  }

  async discard(id: string): Promise<void> {
    await this.#remove(`${id}.draft.mp4`);
  }

  async piece(id: string, offset: number, most: number): Promise<{ size: number; data: string }> {
    const path = join(this.#folder, `${id}.mp4`);
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
      throw explainFileError(error, 'read the clip', path);
    }
  }

  async remove(id: string): Promise<void> {
    // The description first: without it the clip counts no more.
    await this.#remove(`${id}.json`);
    await this.#remove(`${id}.mp4`);
  }

  async #describe(id: string): Promise<Clip | undefined> {
    const text = await readFile(join(this.#folder, `${id}.json`), 'utf8').catch(() => undefined);
    try {
      const value: unknown = JSON.parse(text ?? '');
      return Value.Check(Clip, value) && value.id === id ? value : undefined;
    } catch {
      return undefined;
    }
  }

  async #remove(name: string): Promise<void> {
    const path = join(this.#folder, name);
    await rm(path, { force: true, recursive: true }).catch((error: unknown) => {
      throw explainFileError(error, 'remove the clip', path);
    });
  }
}
