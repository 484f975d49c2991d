import { readFile } from 'node:fs/promises';
import type { FrameEntry, FrameStore } from '../../agent/index.ts';
import { InputError } from '../../base/index.ts';
import { explainFileError, writeFileAtomic } from '../../platform/index.ts';
import { HardFrame } from '../../protocol/index.ts';
import { DescribedFolder } from './described-folder.ts';

/** Hard frames in a folder, as JPEG with their descriptions. */
export class FilesystemFrameStore implements FrameStore {
  readonly #folder: DescribedFolder<typeof HardFrame>;

  constructor(folder: string) {
    this.#folder = new DescribedFolder({ folder, ending: 'jpg', schema: HardFrame, word: 'hard frame' });
  }

  async open(): Promise<readonly FrameEntry[]> {
    return (await this.#folder.open()).map(entryOf);
  }

  async write(frame: HardFrame, jpeg: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#folder.fileOf(frame.id), jpeg);
    await this.#folder.write(frame.id, frame);
  }

  async meta(id: string): Promise<HardFrame> {
    const path = this.#folder.path(`${id}.json`);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw explainFileError(error, 'read the hard frame', path);
    });
    const frame = this.#folder.parse(text, id);
    if (frame !== undefined) return frame;
    throw new InputError(
      'frame-damaged',
      `The description of the hard frame ${id} is damaged.`,
      'Goshawk deletes it at the next start.',
    );
  }

  async piece(id: string, offset: number, most: number): Promise<{ size: number; jpeg: string }> {
    const { size, data } = await this.#folder.piece(id, offset, most);
    return { size, jpeg: data };
  }

  remove(id: string): Promise<void> {
    return this.#folder.remove(id);
  }
}

function entryOf({ id, camera, timeMs, reason, bytes }: HardFrame): FrameEntry {
  return { id, camera, timeMs, reason, bytes };
}
