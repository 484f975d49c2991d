import { InputError } from '../../base/index.ts';
import { X509Certificates } from './library.ts';

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
