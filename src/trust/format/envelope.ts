import { encodeUtf8, fromHex, RefusedError } from '../../base/index.ts';
import { canonicalText } from './canonical.ts';
import { FieldReader, type Fields, parseJson } from './fields.ts';
import type { TrustCrypto, TrustKey } from './keys.ts';

/** Who may sign a role, and how many of them must. */
export interface RoleKeys {
  readonly keyIds: readonly string[];
  readonly threshold: number;
}

export interface Signature {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/** Metadata as it came: what was signed, and by whom it is said to be. */
export interface Envelope {
  readonly signed: Fields;
  readonly signatures: readonly Signature[];
}

const mostSignatures = 64;

/** InputError `trust-form`. `what`: for messages. */
export function parseEnvelope(bytes: Uint8Array, what: string): Envelope {
  const read = new FieldReader(what);
  const { signed, signatures } = read.object(parseJson(bytes, what), 'the whole');
  const list = read.list(signatures, 'signatures');
  if (list.length > mostSignatures) throw read.wrong('signatures', `at most ${mostSignatures}`);
  const seen = new Set<string>();
  return {
    signed: read.object(signed, 'signed'),
    signatures: list.map((entry, at) => {
      const { keyid, sig } = read.object(entry, `signatures.${at}`);
      const keyId = read.text(keyid, `signatures.${at}.keyid`);
      if (seen.has(keyId)) throw read.wrong('signatures', 'of a different key each');
      seen.add(keyId);
      return { keyId, bytes: fromHex(read.text(sig, `signatures.${at}.sig`)) ?? new Uint8Array(0) };
    }),
  };
}

/** What a signature is over. */
export function signedBytes({ signed }: Pick<Envelope, 'signed'>): Uint8Array {
  return encodeUtf8(canonicalText(signed));
}

/**
 * How many different keys of the role have signed. A key counts once, under however many ids it stands; a signature that is
 * wrong counts nothing and spoils nothing.
 */
export function countSigners(
  message: Uint8Array,
  signatures: readonly Signature[],
  role: RoleKeys,
  keys: ReadonlyMap<string, TrustKey>,
  verifier: TrustCrypto,
): number {
  const allowed = new Set(role.keyIds);
  const signers = new Set<string>();
  for (const { keyId, bytes } of signatures) {
    const key = allowed.has(keyId) ? keys.get(keyId) : undefined;
    const who = key && verifier.identify(key);
    if (key === undefined || who === undefined || signers.has(who)) continue;
    if (verifier.verify(key, message, bytes)) signers.add(who);
  }
  return signers.size;
}

/** RefusedError `trust-signature` where fewer keys than the role's threshold have signed. */
export function expectSigned(
  envelope: Envelope,
  role: RoleKeys,
  keys: ReadonlyMap<string, TrustKey>,
  verifier: TrustCrypto,
  what: string,
): void {
  const signers = countSigners(signedBytes(envelope), envelope.signatures, role, keys, verifier);
  if (signers >= role.threshold) return;
  throw new RefusedError(
    'trust-signature',
    `${what} is signed by ${signers} of the ${role.threshold} keys that it needs.`,
    'It was rejected. Let the keys that the root names sign it: goshawk keys sign.',
  );
}
