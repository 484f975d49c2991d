import { InputError } from '../../base/index.ts';
import { X509Certificate, X509Certificates } from './library.ts';

/** The certificates of an answer of EST: PKCS#7, DER. */
export function certificatesFrom(pkcs7: Uint8Array): Uint8Array[] {
  try {
    const all = new X509Certificates(Uint8Array.from(pkcs7));
    return [...all].map((one) => new Uint8Array(one.rawData));
  } catch (cause) {
    throw new InputError(
      'est-answer',
      'The server sent no certificates as PKCS#7.',
      'Check that the address is that of an EST server.',
      { cause },
    );
  }
}

/** The same the other way: what an EST server answers with. */
export function certsOnly(certificates: readonly Uint8Array[]): Uint8Array {
  const all = new X509Certificates(certificates.map((der) => new X509Certificate(Uint8Array.from(der))));
  return new Uint8Array(all.export('raw'));
}
