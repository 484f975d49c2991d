import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { RefusedError } from '../../base/index.ts';

const serverAuth = '1.3.6.1.5.5.7.3.1';

export interface ChainCheck {
  /** DER, the server's own first. */
  readonly presented: readonly Uint8Array[];
  readonly roots: readonly X509Certificate[];
  readonly host: string;
  readonly nowMs: number;
}

/**
 * Checks a server's certificate where the clock may not have been set yet. Everything is checked but the time alone is
 * looked at differently: what was signed by our root is not older than it says, so the youngest certificate of the chain
 * tells how late it is at least. A board that believes in 1970 takes that for now; a clock that runs ahead is believed.
 */
export function verifyChain({ presented, roots, host, nowMs }: ChainCheck): void {
  const [leaf, ...others] = presented.map((der) => new X509Certificate(der));
  if (leaf === undefined) throw refused('it shows no certificate');
  const named = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  if (named === undefined) throw refused(`its certificate is not for ${host}`);
  if (leaf.ca) throw refused('its certificate is that of an authority');
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(serverAuth))
    throw refused('its certificate is not for a server');
  const chain = chainTo(leaf, others, roots);
  const earliestMs = Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom)));
  const atMs = Math.max(nowMs, earliestMs);
  if (chain.some(({ validTo }) => atMs >= Date.parse(validTo)))
    throw refused('a certificate of it has ended');
}

/** From the leaf to one of the roots, each signed by the next. */
function chainTo(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): X509Certificate[] {
  const chain = [leaf];
  let last = leaf;
  while (chain.length <= 5) {
    const root = roots.find((one) => signed(last, one));
    if (root !== undefined) return [...chain, root];
    const next = others.find((one) => one.ca && !chain.includes(one) && signed(last, one));
    if (next === undefined) break;
    chain.push(next);
    last = next;
  }
  throw refused('its certificate was not signed by the root that this device trusts');
}

function signed(certificate: X509Certificate, by: X509Certificate): boolean {
  return by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey);
}

function refused(why: string): RefusedError {
  return new RefusedError(
    'server-not-trusted',
    `The server is not the one that the claim is for: ${why}.`,
    'Create a new claim if the controller has a new root. Otherwise the connection is intercepted.',
  );
}
