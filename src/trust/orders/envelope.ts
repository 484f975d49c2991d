import { encodeUtf8, fromBase64, InputError, RefusedError, toBase64 } from '../../base/index.ts';
import { countSigners, type Envelope, type RoleKeys } from '../format/envelope.ts';
import { FieldReader, parseJson } from '../format/fields.ts';
import { keyIdOf, type TrustCrypto, type TrustKey, type TrustSigner } from '../format/keys.ts';

/*
 * DSSE: an envelope around bytes, signed as they are. https://github.com/secure-systems-lab/dsse
 */

export interface SignedPayload {
  readonly type: string;
  readonly payload: Uint8Array;
  readonly signatures: Envelope['signatures'];
}

/** What a signature of DSSE is over. */
export function preAuthentication(type: string, payload: Uint8Array): Uint8Array {
  const head = encodeUtf8(`DSSEv1 ${encodeUtf8(type).byteLength} ${type} ${payload.byteLength} `);
  const bytes = new Uint8Array(head.byteLength + payload.byteLength);
  bytes.set(head);
  bytes.set(payload, head.byteLength);
  return bytes;
}

/** Undefined where the bytes are no envelope at all; InputError `trust-form` for one that is broken. */
export function parseSignedPayload(bytes: Uint8Array): SignedPayload | undefined {
  const read = new FieldReader('The envelope');
  let fields: ReturnType<FieldReader['object']>;
  try {
    fields = read.object(parseJson(bytes, 'The envelope'), 'the whole');
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  if (fields.payloadType === undefined) return undefined;
  const decoded = (value: unknown, name: string) => {
    try {
      return fromBase64(read.text(value, name));
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw read.wrong(name, 'base64');
    }
  };
  const signatures = read.list(fields.signatures, 'signatures');
  if (signatures.length > 16) throw read.wrong('signatures', 'at most 16');
  return {
    type: read.text(fields.payloadType, 'payloadType'),
    payload: decoded(fields.payload, 'payload'),
    signatures: signatures.map((one, at) => {
      const { keyid, sig } = read.object(one, `signatures.${at}`);
      return {
        keyId: read.text(keyid, `signatures.${at}.keyid`),
        bytes: decoded(sig, `signatures.${at}.sig`),
      };
    }),
  };
}

/** The payload, where enough keys of the role have signed it and it is of this type; RefusedError `trust-order` else. */
export function openSignedPayload(
  { type, payload, signatures }: SignedPayload,
  wanted: string,
  role: RoleKeys,
  keys: ReadonlyMap<string, TrustKey>,
  verifier: TrustCrypto,
): Uint8Array {
  const message = preAuthentication(type, payload);
  if (type === wanted && countSigners(message, signatures, role, keys, verifier) >= role.threshold)
    return payload;
  throw new RefusedError(
    'trust-order',
    'The order is not signed by the key that the root names for orders and calls.',
    'It is ignored. Check which program publishes orders; a controller with a new key needs a new root: goshawk keys rotate.',
  );
}

/** The same text for the same keys, under whatever ids the root names them. */
export function signersIdOf(
  { keyIds }: RoleKeys,
  keys: ReadonlyMap<string, TrustKey>,
  verifier: TrustCrypto,
): string {
  const nameOf = (id: string) => {
    const key = keys.get(id);
    return (key && verifier.identify(key)) ?? id;
  };
  const all = keyIds.map(nameOf).sort();
  return verifier.digest('sha256', encodeUtf8(all.join(' ')));
}

/** The envelope as bytes of JSON. */
export function signPayload(
  type: string,
  payload: Uint8Array,
  signer: TrustSigner,
  verifier: Pick<TrustCrypto, 'digest'>,
): Uint8Array {
  const sig = signer.sign(preAuthentication(type, payload));
  return encodeUtf8(
    JSON.stringify({
      payloadType: type,
      payload: toBase64(payload),
      signatures: [{ keyid: keyIdOf(signer.key, verifier), sig: toBase64(sig) }],
    }),
  );
}
