import { createECDH, createPrivateKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { KeySeal } from '../../agent/index.ts';
import { asGoshawkError, RefusedError } from '../../base/index.ts';
import {
  isPartialName,
  removePartials,
  syncFolder,
  systemCode,
  writeFileAtomic,
} from '../../platform/index.ts';
import { type KeyFile, privateFile, readText, sealedSuffix } from './key-file.ts';
import { fileKeys } from './key-maker.ts';

const curve = 'prime256v1';

/**
 * A key on P-256 that lies on the disk only sealed, and is opened into memory once. One that lies there plain, from before,
 * is sealed when it is read; then the plain file is overwritten and removed.
 */
export class SealedKeyFile implements KeyFile {
  readonly #plain: string;
  readonly #sealed: string;
  readonly #seal: KeySeal;
  readonly #onProblem: (error: Error) => void;
  #opened: Promise<string | undefined> | undefined;

  /** `onProblem`: a key could not be sealed as it should be, and is used as it lies there; the next start tries again. */
  constructor(path: string, seal: KeySeal, onProblem: (error: Error) => void) {
    this.#plain = path;
    this.#sealed = `${path}${sealedSuffix}`;
    this.#seal = seal;
    this.#onProblem = onProblem;
  }

  /** Two that ask at the same time make the TPM work once; what failed is tried again. */
  read(): Promise<string | undefined> {
    if (this.#opened !== undefined) return this.#opened;
    const opened = this.#read();
    this.#opened = opened;
    const forget = () => {
      if (this.#opened === opened) this.#opened = undefined;
    };
    opened.then((pem) => pem === undefined && forget(), forget);
    return opened;
  }

  async write(pem: string): Promise<void> {
    await this.#write(pem);
    this.#opened = Promise.resolve(pem);
  }

  async setAside(): Promise<void> {
    // Forgets the key that was read, also if the rename fails.
    this.#opened = undefined;
    await rename(this.#plain, `${this.#plain}.damaged`);
  }

  async protect(): Promise<void> {
    await removePartials(this.#sealed).catch(() => undefined);
  }

  async #read(): Promise<string | undefined> {
    const [plain, sealed] = [await readText(this.#plain), await readText(this.#sealed)];
    if (plain !== undefined && fileKeys.fits(plain)) {
      await this.#write(plain).catch(this.#onProblem);
      return plain;
    }
    if (sealed === undefined) return plain;
    // A power cut came while it was overwritten.
    if (plain !== undefined) await destroy(this.#plain);
    const pem = pemOf(await this.#seal.open(sealed));
    // The settings were changed: bound to other registers from now on.
    if (!this.#seal.isCurrent(sealed)) await this.#write(pem).catch(this.#onProblem);
    return pem;
  }

  /** Deletes the plain key only after the sealed one is on the disk and opens. */
  async #write(pem: string): Promise<void> {
    const secret = secretOf(pem);
    try {
      const sealed = await this.#seal.seal(secret);
      const back = await this.#seal.open(sealed);
      const same = back.length === secret.length && timingSafeEqual(back, secret);
      back.fill(0);
      if (!same) throw unlike();
      await writeFileAtomic(this.#sealed, sealed, privateFile);
      for (const name of await plainNames(this.#plain)) await destroy(name);
    } catch (error) {
      throw asGoshawkError(error, 'key-unsealed', 'Check the disk and the TPM.');
    } finally {
      secret.fill(0);
    }
  }
}

/** The file, and what ended writes of it left. */
async function plainNames(path: string): Promise<string[]> {
  const name = basename(path);
  const all = await readdir(dirname(path));
  const mine = (one: string) =>
    one === name ||
    (one.startsWith(`${name}.`) && isPartialName(one) && !one.startsWith(`${name}${sealedSuffix}`));
  return all.filter(mine).map((one) => join(dirname(path), one));
}

/** Overwritten, then removed. Flash may keep the old blocks: only a new key is sure to be nowhere. */
async function destroy(path: string): Promise<void> {
  try {
    const file = await open(path, 'r+');
    try {
      const { size } = await file.stat();
      await file.write(randomBytes(size), 0, size, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

function secretOf(pem: string): Uint8Array {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  return Buffer.from(d, 'base64url');
}

function pemOf(secret: Uint8Array): string {
  try {
    const pair = createECDH(curve);
    pair.setPrivateKey(secret);
    const point = pair.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
    const d = Buffer.from(secret).toString('base64url');
    const jwk = { kty: 'EC', crv: 'P-256', ...{ x, y, d } };
    const key = createPrivateKey({ key: jwk, format: 'jwk' } as never);
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw unlike();
  } finally {
    secret.fill(0);
  }
}

function unlike(): RefusedError {
  return new RefusedError(
    'key-seal-wrong',
    'The TPM returned another key than the sealed one.',
    'Remove enrolment.seal from the settings, and report this to the maker of the board.',
  );
}
