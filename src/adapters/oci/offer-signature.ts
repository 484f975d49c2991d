import { verify, type X509Certificate } from 'node:crypto';
import { describeError, RefusedError } from '../../base/index.ts';
import { type EngineOffer, offerText } from '../../model/index.ts';
import { certificatesIn, chainFault } from './peer-certificate.ts';

/**
 * sha256 of the certificate that vouches for the plan, in hex. RefusedError `engine-offer-signature` where no device of this
 * fleet does. `authorities`: PEM.
 */
export function expectOfFleet(offer: EngineOffer, authorities: string, nowMs: number): string {
  try {
    const shown = certificatesIn(offer.certificate);
    const fault = chainFault(shown, certificatesIn(authorities), nowMs);
    if (fault !== undefined) throw refused(fault);
    const leaf: X509Certificate | undefined = shown[0];
    const signature = Buffer.from(offer.signature, 'base64');
    if (leaf === undefined || !verify('sha256', Buffer.from(offerText(offer)), leaf.publicKey, signature))
      throw refused('its signature is wrong');
    return leaf.fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (error) {
    throw error instanceof RefusedError ? error : refused(describeError(error));
  }
}

/** Name of the device that vouches for it; only of an offer that `expectOfFleet` let through. */
export function voucherOf(offer: EngineOffer): string | undefined {
  const subject = certificatesIn(offer.certificate)[0]?.subject ?? '';
  return /^CN=(.{1,200})$/m.exec(subject)?.[1];
}

function refused(fault: string): RefusedError {
  return new RefusedError(
    'engine-offer-signature',
    `The engine that a peer offers is not taken: ${fault}.`,
    'The engine is built here; look at the agent of the peer.',
  );
}
