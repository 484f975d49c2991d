import { rm } from 'node:fs/promises';
import type { ClipStore } from '../../agent/index.ts';
import { explainFileError, renameSynced, syncFile } from '../../platform/index.ts';
import { Clip } from '../../protocol/index.ts';
import { DescribedFolder } from './described-folder.ts';

const draftName = /^[0-9a-z]{1,16}-[0-9a-z]{1,16}\.draft\.mp4(\.parts)?$/;

/** Clips in a folder, as MP4 with their descriptions. */
export class FilesystemClipStore implements ClipStore {
  readonly #folder: DescribedFolder<typeof Clip>;

  constructor(folder: string) {
    const isDraft = (name: string) => draftName.test(name);
    this.#folder = new DescribedFolder({ folder, ending: 'mp4', schema: Clip, word: 'clip', isDraft });
  }

  open(): Promise<readonly Clip[]> {
    return this.#folder.open();
  }

  draft(id: string): string {
    return this.#folder.path(`${id}.draft.mp4`);
  }

  async keep(clip: Clip): Promise<void> {
    const path = this.#folder.fileOf(clip.id);
    try {
      await syncFile(this.draft(clip.id));
      await renameSynced(this.draft(clip.id), path);
      await this.#folder.write(clip.id, clip);
    } catch (error) {
      await rm(path, { force: true }).catch(() => {});
      throw explainFileError(error, 'write the clip', path);
    }
  }

  discard(id: string): Promise<void> {
    return this.#folder.removeFile(`${id}.draft.mp4`);
  }

  piece(id: string, offset: number, most: number): Promise<{ size: number; data: string }> {
    return this.#folder.piece(id, offset, most);
  }

  remove(id: string): Promise<void> {
    return this.#folder.remove(id);
  }
}
