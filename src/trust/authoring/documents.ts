import { defined, encodeUtf8, fromHex, toHex } from '../../base/index.ts';
import { countSigners, type RoleKeys, signedBytes } from '../format/envelope.ts';
import type { Fields } from '../format/fields.ts';
import { keyIdOf, type TrustCrypto, type TrustKey, type TrustSigner } from '../format/keys.ts';
import { timeText } from '../format/time.ts';

/** Metadata in the making: what is signed, and the signatures so far. */
export interface Document {
  readonly signed: Fields;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

export interface RoleHolders {
  readonly keys: readonly TrustKey[];
  readonly threshold: number;
}

interface Common {
  readonly version: number;
  readonly expiresMs: number;
  readonly repository: string;
  /** When it is made; devices without a clock learn the time from it. */
  readonly issuedMs?: number;
}

const specVersion = '1.0.34';

function common({ version, expiresMs, repository, issuedMs }: Common, type: string): Fields {
  return {
    ...{ _type: type, spec_version: specVersion, version, expires: timeText(expiresMs), repository },
    ...(issuedMs === undefined ? {} : { issued: timeText(issuedMs) }),
  };
}

export function newRoot(
  of: Common,
  roles: Readonly<Record<'root' | 'targets' | 'snapshot' | 'timestamp', RoleHolders>>,
  verifier: Pick<TrustCrypto, 'digest'>,
): Document {
  const keys: Record<string, TrustKey> = {};
  const named = Object.entries(roles).map(([role, holders]) => {
    const keyids = holders.keys.map((key) => keyIdOf(key, verifier));
    holders.keys.forEach((key, at) => {
      keys[keyids[at]!] = key;
    });
    return [role, { keyids, threshold: holders.threshold }];
  });
  return unsigned({
    ...common(of, 'root'),
    consistent_snapshot: true,
    keys,
    roles: Object.fromEntries(named),
  });
}

export function newTargets(of: Common, targets: Readonly<Record<string, Fields>>): Document {
  return unsigned({ ...common(of, 'targets'), targets });
}

export function newSnapshot(of: Common, meta: Fields): Document {
  return unsigned({ ...common(of, 'snapshot'), meta });
}

export function newTimestamp(
  of: Common & { readonly issuedMs: number },
  snapshot: Fields,
  custom?: Fields,
): Document {
  return unsigned({
    ...common(of, 'timestamp'),
    meta: { 'snapshot.json': snapshot },
    ...defined({ custom }),
  });
}

/** Adds a signature; one of the same key is replaced. */
export function withSignature(
  document: Document,
  signer: TrustSigner,
  verifier: Pick<TrustCrypto, 'digest'>,
): Document {
  const keyid = keyIdOf(signer.key, verifier);
  const sig = toHex(signer.sign(signedBytes(document)));
  return {
    ...document,
    signatures: [...document.signatures.filter((one) => one.keyid !== keyid), { keyid, sig }],
  };
}

/** How many of the role's keys have signed it. */
export function signersOf(
  document: Document,
  role: RoleKeys,
  keys: ReadonlyMap<string, TrustKey>,
  verifier: TrustCrypto,
): number {
  const signatures = document.signatures.map(({ keyid, sig }) => ({
    keyId: keyid,
    bytes: fromHex(sig) ?? new Uint8Array(0),
  }));
  return countSigners(signedBytes(document), signatures, role, keys, verifier);
}

/** As it is published: readable, with a last line end. */
export function documentBytes({ signed, signatures }: Document): Uint8Array {
  return encodeUtf8(`${JSON.stringify({ signatures, signed }, undefined, 1)}\n`);
}

/** What one file of metadata says of another. */
export function metaOf(version: number, bytes: Uint8Array, verifier: Pick<TrustCrypto, 'digest'>): Fields {
  return { version, length: bytes.byteLength, hashes: { sha256: verifier.digest('sha256', bytes) } };
}

function unsigned(signed: Fields): Document {
  return { signed, signatures: [] };
}
