import { encodeUtf8 } from '../../base/index.ts';
import type { TrustCrypto } from '../format/keys.ts';
import type { Delegation } from '../format/roles.ts';

/** Whether a delegation is for this target: `*` and `?` match within one part of the path. */
export function isDelegated(
  { paths, pathHashPrefixes }: Delegation,
  target: string,
  verifier: Pick<TrustCrypto, 'digest'>,
): boolean {
  if (paths.some((pattern) => matchesPath(pattern, target))) return true;
  if (pathHashPrefixes.length === 0) return false;
  const hash = verifier.digest('sha256', encodeUtf8(target));
  return pathHashPrefixes.some((prefix) => prefix !== '' && hash.startsWith(prefix.toLowerCase()));
}

export function matchesPath(pattern: string, target: string): boolean {
  const wanted = pattern.split('/');
  const parts = target.split('/');
  return wanted.length === parts.length && wanted.every((part, at) => matchesPart(part, parts[at]!));
}

/** Without a regular expression: patterns come from outside, and some of those take for ever. */
function matchesPart(pattern: string, text: string): boolean {
  let star = -1;
  let resume = 0;
  let p = 0;
  let t = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === '?' || (p < pattern.length && pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
