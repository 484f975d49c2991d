import { X509Certificate } from 'node:crypto';
import { expectOfFleet } from '../../adapters/oci/index.ts';
import type { CertificateAuthority, EnrolmentSetup } from '../../controller/index.ts';

/** Holds offers of plans to what the devices that take one hold them to. */
export function offerSignerOf(
  authority: Pick<CertificateAuthority, 'chain'>,
): NonNullable<EnrolmentSetup['offerSigner']> {
  return (offer, nowMs) => {
    const chain = authority.chain.map((der) => new X509Certificate(der).toString());
    return expectOfFleet(offer, chain.join('\n'), nowMs);
  };
}
