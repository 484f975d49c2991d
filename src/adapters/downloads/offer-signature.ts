import { verify, type X509Certificate } from 'node:crypto';
import { describeError, RefusedError } from '../../base/index.ts';
import { type EngineOffer, offerText } from '../../model/index.ts';
import { certificatesIn, chainFault } from './peer-certificate.ts';

/** RefusedError `engine-offer-signature` where no device of this fleet vouches for the plan. `authorities`: PEM. */
export function expectOfFleet(offer: EngineOffer, authorities: string, nowMs: number): void {
  const fault = faultOf(offer, authorities, nowMs);
  if (fault === undefined) return;
  throw new RefusedError(
    'engine-offer-signature',
    `The engine that a peer offers is not taken: ${fault}.`,
    'The engine is built here; look at the agent of the peer.',
  );
}

function faultOf(offer: EngineOffer, authorities: string, nowMs: number): string | undefined {
  try {
    const shown = certificatesIn(offer.certificate);
    const fault = chainFault(shown, certificatesIn(authorities), nowMs);
    if (fault !== undefined) return fault;
    const leaf: X509Certificate | undefined = shown[0];
    const signature = Buffer.from(offer.signature, 'base64');
    const right =
      leaf !== undefined && verify('sha256', Buffer.from(offerText(offer)), leaf.publicKey, signature);
    return right ? undefined : 'its signature is wrong';
  } catch (error) {
    return describeError(error);
  }
}
