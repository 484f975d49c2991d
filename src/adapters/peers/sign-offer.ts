import { sign } from 'node:crypto';
import { type EngineOffer, offerText } from '../../model/index.ts';
import type { PeerIdentity } from './peer-server.ts';

/** This device vouches for a plan that it built. */
export function signOffer(
  offer: Pick<EngineOffer, 'key' | 'plan'>,
  { cert, key }: Pick<PeerIdentity, 'cert' | 'key'>,
): EngineOffer {
  const signature = sign('sha256', Buffer.from(offerText(offer)), key).toString('base64');
  return { schema: 1, ...offer, certificate: cert, signature };
}
