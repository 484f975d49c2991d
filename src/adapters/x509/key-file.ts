import { chmod, readFile, rename } from 'node:fs/promises';
import { RefusedError } from '../../base/index.ts';
import { removePartials, systemCode, writeFileAtomic } from '../../platform/index.ts';

/** Where the key of a device lies: in a file as it is, or sealed. */
export interface KeyFile {
  /** PEM; undefined where there is none. Rejects where there is one that can't be read now. */
  read(): Promise<string | undefined>;
  write(pem: string): Promise<void>;
  /** The file is no key: keeps it under another name. */
  setAside(): Promise<void>;
  /** For this user alone, and without what ended writes left. */
  protect(): Promise<void>;
}

/** More than any key or reference to one, sealed or not. */
const maxText = 65_536;

/** The text of a small file; undefined where there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).slice(0, maxText);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of the file with a sealed key, beside where the plain one would be. */
export const sealedSuffix = '.sealed';
export const privateFile = { mode: 0o600, folderMode: 0o700 };

/** Readable by its user alone: the key itself, or a reference to one in a token. */
export class PlainKeyFile implements KeyFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A sealed key is not passed over: a new one would make another identity. */
  async read(): Promise<string | undefined> {
    const plain = await readText(this.#path);
    if (plain !== undefined || (await readText(`${this.#path}${sealedSuffix}`)) === undefined) return plain;
    throw new RefusedError(
      'key-sealed',
      'The key of this device is sealed by a TPM, and the settings do not say so.',
      'Put enrolment.seal back into the settings. Or remove identity/ and give the device a claim: it makes a new key.',
    );
  }

  async write(pem: string): Promise<void> {
    await removePartials(this.#path).catch(() => undefined);
    await writeFileAtomic(this.#path, pem, privateFile);
  }

  async setAside(): Promise<void> {
    await rename(this.#path, `${this.#path}.damaged`);
  }

  async protect(): Promise<void> {
    await removePartials(this.#path).catch(() => undefined);
    await chmod(this.#path, privateFile.mode);
  }
}
