import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { InputError, MissingError, RefusedError } from '../../base/index.ts';
import { type BlockDevice, type Refusal, refusalOf, type Wanted } from '../../image/index.ts';
import { explainFileError } from '../../platform/index.ts';
import { run } from './tools.ts';

/** Port: the card. A test has one that lies. */
export interface Card {
  /** In bytes. */
  readonly size: number;
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** From the card itself, not from what the system remembers of it. The bytes are good until the next call. */
  read(bytes: number, at: number): Promise<Uint8Array>;
  /** Everything that was written is on the card. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Pieces that are read and written at once. */
export const chunkBytes = 4 * 2 ** 20;
const alignment = 4096;

/** Node has it; the types that this project takes do not. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/** Opens a disk, or a file in its place, once nothing stands against writing to it. */
export async function openCard(path: string, wanted: Wanted): Promise<Card & { readonly name: string }> {
  const facts = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, 'find the disk', path);
  });
  if (!facts.isBlockDevice() && !facts.isFile())
    throw new InputError(
      'image-target-no-disk',
      `${path} is not a disk.`,
      'Name the disk, as /dev/sdb; `lsblk` lists them.',
    );
  const device = facts.isBlockDevice()
    ? await lookAt(path)
    : { path, type: 'disk', size: facts.size, ro: false, mountpoints: [], model: 'a file' };
  const refusal = refusalOf(device, wanted);
  if (refusal !== undefined) throw refused(refusal);
  return {
    ...(await FileCard.open(path, device.size, facts.isBlockDevice())).port(),
    name: `${path} (${(device.model ?? '').trim() || 'no name'})`,
  };
}

function refused({ code, message, remedy }: Refusal): RefusedError {
  return new RefusedError(code, message, remedy);
}

async function lookAt(path: string): Promise<BlockDevice> {
  const text = await run('lsblk', [
    '--json',
    '--bytes',
    '--paths',
    '--output',
    'PATH,TYPE,SIZE,RO,MOUNTPOINTS,MODEL',
    path,
  ]);
  const { blockdevices } = JSON.parse(text) as { readonly blockdevices: readonly BlockDevice[] };
  const [device] = blockdevices;
  if (device === undefined)
    throw new MissingError(
      'image-target-no-disk',
      `lsblk does not know ${path}.`,
      'Name the disk; `lsblk` lists them.',
    );
  return device;
}

class FileCard {
  readonly #size: number;
  readonly #file: FileHandle;
  readonly #direct: FileHandle;
  readonly #buffer: Buffer;

  private constructor(size: number, file: FileHandle, direct: FileHandle) {
    this.#size = size;
    this.#file = file;
    this.#direct = direct;
    // What is read past the system's memory has to lie at a whole page, which WebAssembly's memory does.
    this.#buffer = Buffer.from(new WebAssembly.Memory({ initial: chunkBytes / 65_536 }).buffer);
  }

  static async open(path: string, size: number, isDevice: boolean): Promise<FileCard> {
    try {
      // Exclusive on a device: the kernel refuses one that is mounted or held by anybody.
      const file = await open(path, constants.O_RDWR | (isDevice ? constants.O_EXCL : 0));
      // Some file systems can't read past their memory; a disk always can.
      const direct = await open(path, constants.O_RDONLY | constants.O_DIRECT).catch(() =>
        open(path, constants.O_RDONLY),
      );
      return new FileCard(size, file, direct);
    } catch (error) {
      throw explainFileError(error, 'open the disk', path);
    }
  }

  port(): Card {
    return {
      size: this.#size,
      write: async (bytes, at) => {
        for (let done = 0; done < bytes.length; )
          done += (await this.#file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      },
      read: (bytes, at) => this.#read(bytes, at),
      flush: () => this.#file.sync(),
      close: async () => {
        await this.#direct.close();
        await this.#file.close();
      },
    };
  }

  async #read(bytes: number, at: number): Promise<Uint8Array> {
    const wanted = Math.ceil(bytes / alignment) * alignment;
    let done = 0;
    while (done < bytes) {
      const { bytesRead } = await this.#direct.read(this.#buffer, done, wanted - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return this.#buffer.subarray(0, Math.min(done, bytes));
  }
}
