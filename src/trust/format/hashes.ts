import { InputError } from '../../base/index.ts';
import type { HashName, TrustCrypto } from './keys.ts';
import type { FileFacts } from './roles.ts';

/**
 * InputError `trust-hash` where bytes are not those of the facts: their length, and every hash that is known; at least one
 * where any is named.
 */
export function expectFile(
  bytes: Uint8Array,
  { length, hashes }: FileFacts,
  verifier: Pick<TrustCrypto, 'digest'>,
  what: string,
): void {
  if (length !== undefined && bytes.byteLength !== length)
    throw mismatch(what, `it has ${bytes.byteLength} bytes, ${length} are signed`);
  const known = [...hashes].filter(([name]) => isHash(name));
  if (hashes.size > 0 && known.length === 0)
    throw mismatch(what, `no hash of it is known here (${[...hashes.keys()].join(', ').slice(0, 80)})`);
  for (const [name, hash] of known)
    if (verifier.digest(name as HashName, bytes) !== hash) throw mismatch(what, `its ${name} is another`);
}

function isHash(name: string): name is HashName {
  return name === 'sha256' || name === 'sha512';
}

function mismatch(what: string, how: string): InputError {
  return new InputError(
    'trust-hash',
    `${what} differs from what was signed: ${how}.`,
    'It was rejected. Check the server that it came from.',
  );
}
