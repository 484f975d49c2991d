import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import type { FrameEntry, FrameStore } from '../../agent/index.ts';
import { InputError } from '../../base/index.ts';
import { explainFileError, isPartialName, writeFileAtomic } from '../../platform/index.ts';
import { HardFrame } from '../../protocol/index.ts';

const frameName = /^([0-9a-z]{1,16}-[0-9a-z]{1,16})\.(json|jpg)$/;

/**
 * Hard frames in a folder: `<id>.jpg` and, written after it, `<id>.json`. A picture counts only with its description, so
 * a power cut leaves a frame or none; what is half is removed when the folder is opened.
 */
export class FilesystemFrameStore implements FrameStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<readonly FrameEntry[]> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const names = new Set(await readdir(this.#folder));
      const entries: FrameEntry[] = [];
      for (const name of names) {
        const [, id, ending] = frameName.exec(name) ?? [];
        if (id === undefined) await this.#removeLeftover(name);
        else if (ending === 'jpg' && !names.has(`${id}.json`)) await this.#remove(name);
        else if (ending === 'json') {
          const frame = names.has(`${id}.jpg`) ? await this.#describe(id) : undefined;
          if (frame === undefined) await this.remove(id);
          else entries.push(entryOf(frame));
        }
      }
      return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
    } catch (error) {
      throw explainFileError(error, 'read the hard frames', this.#folder);
    }
  }

  async write(frame: HardFrame, jpeg: Uint8Array): Promise<void> {
    const picture = this.#path(`${frame.id}.jpg`);
    await writeFileAtomic(picture, jpeg);
    try {
      await writeFileAtomic(this.#path(`${frame.id}.json`), JSON.stringify(frame));
    } catch (error) {
      await rm(picture, { force: true });
      throw error;
    }
  }

  async meta(id: string): Promise<HardFrame> {
    const path = this.#path(`${id}.json`);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw explainFileError(error, 'read the hard frame', path);
    });
    const frame = parseFrame(text, id);
    if (frame !== undefined) return frame;
    throw new InputError(
      'frame-damaged',
      `The description of the hard frame ${id} is damaged.`,
      'It goes with the next start.',
    );
  }

  async piece(id: string, offset: number, most: number): Promise<{ size: number; jpeg: string }> {
    const path = this.#path(`${id}.jpg`);
    try {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        const buffer = Buffer.alloc(Math.max(0, Math.min(most, size - offset)));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        return { size, jpeg: buffer.toString('base64', 0, bytesRead) };
      } finally {
        await file.close();
      }
    } catch (error) {
      throw explainFileError(error, 'read the hard frame', path);
    }
  }

  async remove(id: string): Promise<void> {
    // The description first: without it the picture counts no more.
    await this.#remove(`${id}.json`);
    await this.#remove(`${id}.jpg`);
  }

  async #describe(id: string): Promise<HardFrame | undefined> {
    const text = await readFile(this.#path(`${id}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : parseFrame(text, id);
  }

  /** Of a write that a power cut ended; what is not ours stays. */
  async #removeLeftover(name: string): Promise<void> {
    if (isPartialName(name)) await this.#remove(name);
  }

  async #remove(name: string): Promise<void> {
    const path = this.#path(name);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw explainFileError(error, 'remove the hard frame', path);
    });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

/** Undefined for a text that is no frame, or another one. */
function parseFrame(text: string, id: string): HardFrame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(HardFrame, value) && value.id === id ? value : undefined;
  } catch {
    return undefined;
  }
}

function entryOf({ id, camera, timeMs, reason, bytes }: HardFrame): FrameEntry {
  return { id, camera, timeMs, reason, bytes };
}
