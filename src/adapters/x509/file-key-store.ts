import { webcrypto } from 'node:crypto';
import type { KeyStore } from '../../agent/index.ts';
import { type KeyFile, PlainKeyFile } from './key-file.ts';
import { fileKeys, type KeyMaker } from './key-maker.ts';
import { Pkcs10CertificateRequestGenerator, p256 } from './library.ts';
import { libraryKey, publicKeyOf, signingCrypto, signingKeyOf } from './signing-key.ts';

/** A key file: the key itself, plain or sealed, or a reference to one in a token. */
export class FileKeyStore implements KeyStore {
  readonly #file: KeyFile;
  readonly #keys: KeyMaker;

  constructor(file: string | KeyFile, keys: KeyMaker = fileKeys) {
    this.#file = typeof file === 'string' ? new PlainKeyFile(file) : file;
    this.#keys = keys;
  }

  /** PEM, for TLS; undefined where there is none yet. */
  read(): Promise<string | undefined> {
    return this.#file.read();
  }

  /** PEM; made where there is none, and where what lies there is no key of ours: that is kept beside it. */
  async ensure(): Promise<string> {
    const known = await this.#file.read();
    if (known !== undefined && this.#keys.fits(known)) {
      await this.#file.protect();
      return known;
    }
    const pem = await this.#keys.make();
    if (pem === known) return pem;
    if (known !== undefined) await this.#file.setAside();
    await this.#file.write(pem);
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
