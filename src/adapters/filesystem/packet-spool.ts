import { randomBytes, webcrypto } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PacketSpool, SpooledBytes } from '../../agent/index.ts';
import { GoshawkError } from '../../base/index.ts';
import { explainFileError } from '../../platform/index.ts';

const ending = '.ring';
const cipher = 'AES-GCM';
const { subtle } = webcrypto;

/**
 * Bytes in files, each encrypted with a key that this process alone has, in memory: pictures on which persons are to be hidden are
 * on no disk in a form that anybody can read, and of a process that was killed nothing is left but noise.
 */
export class FilesystemPacketSpool implements PacketSpool {
  readonly #folder: string;
  readonly #key = subtle.generateKey({ name: cipher, length: 256 }, false, ['encrypt', 'decrypt']);
  #next = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(this.#folder))
        if (name.endsWith(ending)) await rm(join(this.#folder, name));
    } catch (error) {
      throw explainFileError(error, 'open the ring of clips', this.#folder);
    }
  }

  async write(chunks: readonly Uint8Array[]): Promise<SpooledBytes> {
    const path = join(this.#folder, `${(this.#next++).toString(36)}${ending}`);
    const nonce = randomBytes(12);
    // Not on this thread: a second of a large stream would hold it for milliseconds.
    const plain = Buffer.concat(chunks);
    const sealed = await subtle.encrypt({ name: cipher, iv: nonce }, await this.#key, plain);
    try {
      await writeFile(path, new Uint8Array(sealed), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      await rm(path, { force: true }).catch(() => {});
      throw explainFileError(error, 'write the ring of clips', path);
    }
    return this.#spooled(path, nonce);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  #spooled(path: string, nonce: Uint8Array): SpooledBytes {
    let reads = 0;
    let dropped = false;
    const removeUnread = () => {
      if (dropped && reads === 0) void rm(path, { force: true }).catch(() => {});
    };
    return {
      read: async () => {
        reads += 1;
        try {
          return await this.#unseal(await readFile(path), nonce, path);
        } catch (error) {
          throw error instanceof GoshawkError
            ? error
            : explainFileError(error, 'read the ring of clips', path);
        } finally {
          reads -= 1;
          removeUnread();
        }
      },
      drop: () => {
        dropped = true;
        removeUnread();
      },
    };
  }

  async #unseal(sealed: Uint8Array, nonce: Uint8Array, path: string): Promise<Uint8Array> {
    try {
      return new Uint8Array(await subtle.decrypt({ name: cipher, iv: nonce }, await this.#key, sealed));
    } catch (cause) {
      throw new GoshawkError(
        'clip-ring-damaged',
        `${path} is not what was written there.`,
        'Check the disk: `dmesg` names its errors.',
        { cause },
      );
    }
  }
}
