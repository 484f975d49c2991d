import { webcrypto } from 'node:crypto';
import { chmod, readFile, rename } from 'node:fs/promises';
import type { KeyStore } from '../../agent/index.ts';
import { removePartials, systemCode, writeFileAtomic } from '../../platform/index.ts';
import { fileKeys, type KeyMaker } from './key-maker.ts';
import { Pkcs10CertificateRequestGenerator, p256 } from './library.ts';
import { libraryKey, publicKeyOf, signingCrypto, signingKeyOf } from './signing-key.ts';

/** A key file, readable by its user alone: the key itself, or a reference to one in a token. */
export class FileKeyStore implements KeyStore {
  readonly #path: string;
  readonly #keys: KeyMaker;

  constructor(path: string, keys: KeyMaker = fileKeys) {
    this.#path = path;
    this.#keys = keys;
  }

  /** PEM; made where there is none, and where what lies there is no key of ours: that is kept beside it. */
  async ensure(): Promise<string> {
    await removePartials(this.#path).catch(() => undefined);
    const known = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (known !== undefined && this.#keys.fits(known)) {
      await chmod(this.#path, 0o600);
      return known;
    }
    const pem = await this.#keys.make();
    if (pem === known) return pem;
    if (known !== undefined) await rename(this.#path, `${this.#path}.damaged`);
    await writeFileAtomic(this.#path, pem, { mode: 0o600, folderMode: 0o700 });
    return pem;
  }

  async request({ device, serial }: { device: string; serial?: string }): Promise<Uint8Array> {
    const key = signingKeyOf(await this.ensure());
    const spki = Uint8Array.from(publicKeyOf(key));
    const publicKey = await webcrypto.subtle.importKey('spki', spki, p256, true, ['verify']);
    const request = await Pkcs10CertificateRequestGenerator.create(
      {
        name: [{ CN: [device] }, ...(serial === undefined ? [] : [{ '2.5.4.5': [serial] }])],
        keys: { publicKey, privateKey: libraryKey(key) },
        signingAlgorithm: p256,
      },
      signingCrypto,
    );
    return new Uint8Array(request.rawData);
  }
}
