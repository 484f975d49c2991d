import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { TrustCrypto, TrustKey } from '../../trust/index.ts';

/** SubjectPublicKeyInfo before the bytes of an ed25519 key. */
const ed25519Head = Buffer.from('302a300506032b6570032100', 'hex');
/** The same of an uncompressed point on P-256. */
const p256Head = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
const mostKept = 256;

/** Hashes and signatures of TUF by Node's OpenSSL: ed25519, ECDSA on P-256, RSA-PSS. */
export function nodeTrustCrypto(): TrustCrypto {
  const known = new Map<string, KeyObject | undefined>();
  const keyOf = (key: TrustKey): KeyObject | undefined => {
    const text = `${key.keytype} ${key.scheme} ${key.keyval.public}`;
    if (!known.has(text)) {
      if (known.size >= mostKept) known.clear();
      known.set(text, readKey(key));
    }
    return known.get(text);
  };
  return {
    digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest('hex'),
    identify: (key) => keyOf(key)?.export({ type: 'spki', format: 'der' }).toString('hex'),
    verify(key, message, signature) {
      const read = keyOf(key);
      if (read === undefined) return false;
      try {
        if (key.scheme === 'ed25519') return verify(undefined, message, read, signature);
        if (key.scheme === 'ecdsa-sha2-nistp256') return verify('sha256', message, read, signature);
        const padding = constants.RSA_PKCS1_PSS_PADDING;
        return verify('sha256', message, { key: read, padding }, signature);
      } catch {
        return false;
      }
    },
  };
}

/** Undefined where it can't be read, or is another kind of key than its scheme says. */
function readKey({ keytype, scheme, keyval }: TrustKey): KeyObject | undefined {
  try {
    const key = parseKey(scheme, keyval.public);
    const curve = key.asymmetricKeyDetails?.namedCurve;
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    const fits =
      (scheme === 'ed25519' && keytype === 'ed25519' && key.asymmetricKeyType === 'ed25519') ||
      (scheme === 'ecdsa-sha2-nistp256' &&
        (keytype === 'ecdsa' || keytype === 'ecdsa-sha2-nistp256') &&
        key.asymmetricKeyType === 'ec' &&
        curve === 'prime256v1') ||
      (scheme === 'rsassa-pss-sha256' &&
        keytype === 'rsa' &&
        key.asymmetricKeyType === 'rsa' &&
        bits >= 2048);
    return fits ? key : undefined;
  } catch {
    return undefined;
  }
}

function parseKey(scheme: string, text: string): KeyObject {
  if (text.includes('-----BEGIN')) return createPublicKey(text);
  const head = scheme === 'ed25519' ? ed25519Head : p256Head;
  return createPublicKey({
    key: Buffer.concat([head, Buffer.from(text, 'hex')]),
    format: 'der',
    type: 'spki',
  });
}
