import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { chmod, readFile, rename } from 'node:fs/promises';
import type { KeyStore } from '../../agent/index.ts';
import { removePartials, systemCode, writeFileAtomic } from '../../platform/index.ts';
import { Pkcs10CertificateRequestGenerator, p256 } from './library.ts';

/** A key on the disk, readable by its user alone. A TPM or an OP-TEE would be another `KeyStore`. */
export class FileKeyStore implements KeyStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** PEM; made where there is none, and where what lies there is no key of ours: that is kept beside it. */
  async ensure(): Promise<string> {
    await removePartials(this.#path).catch(() => undefined);
    const known = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (known !== undefined) {
      if (isP256(known)) {
        await chmod(this.#path, 0o600);
        return known;
      }
      await rename(this.#path, `${this.#path}.damaged`);
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await writeFileAtomic(this.#path, pem, { mode: 0o600, folderMode: 0o700 });
    return pem;
  }

  async request({ device, serial }: { device: string; serial?: string }): Promise<Uint8Array> {
    const privateKey = createPrivateKey(await this.ensure());
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const { subtle } = webcrypto;
    const keys = {
      privateKey: await subtle.importKey('pkcs8', pkcs8, p256, false, ['sign']),
      publicKey: await subtle.importKey('spki', spki, p256, true, ['verify']),
    };
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: [{ CN: [device] }, ...(serial === undefined ? [] : [{ '2.5.4.5': [serial] }])],
      keys,
      signingAlgorithm: p256,
    });
    return new Uint8Array(request.rawData);
  }
}

function isP256(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}
