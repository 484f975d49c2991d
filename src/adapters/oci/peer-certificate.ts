import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/*
 * A device's certificate is for clients, and TLS refuses it for a server: rightly, since a device must not pass for a
 * controller. Where a device gives models to another one, the chain is followed here, without the purpose.
 */

const mostSteps = 4;

/** The problem of a peer's certificate; undefined if the fleet's authority issued it. */
export function peerFault(socket: TLSSocket, authorities: string, nowMs: number): string | undefined {
  const leaf = socket.getPeerCertificate(true);
  if (leaf.raw === undefined) return 'it shows no certificate';
  const shown: X509Certificate[] = [];
  for (let at = leaf; at?.raw !== undefined && shown.length < mostSteps; at = at.issuerCertificate) {
    shown.push(new X509Certificate(at.raw));
    if (at.issuerCertificate === at) break;
  }
  return chainFault(shown, certificatesIn(authorities), nowMs);
}

/** The first is the peer's own; each of the others has signed the one before it. */
export function chainFault(
  shown: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  nowMs: number,
): string | undefined {
  for (const [index, certificate] of shown.slice(0, mostSteps).entries()) {
    if (index > 0 && !certificate.ca) return 'the signer of its certificate is not an authority';
    if (Date.parse(certificate.validFrom) > nowMs || Date.parse(certificate.validTo) < nowMs)
      return 'its certificate is not valid now';
    if (authorities.some((authority) => authority.ca && signed(authority, certificate))) return undefined;
    const next = shown[index + 1];
    if (next === undefined || !signed(next, certificate)) break;
  }
  return 'its certificate is not of this fleet';
}

function signed(signer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(signer) && certificate.verify(signer.publicKey);
}

export function certificatesIn(pem: string): X509Certificate[] {
  const texts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return texts.map((text) => new X509Certificate(text));
}
