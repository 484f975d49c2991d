import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { chainFault } from '../../../../src/adapters/oci/peer-certificate.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;
const nowMs = Date.now();

/** `ca`: whether it may sign others. Without key usage, so that nothing else says no. */
async function certificate(name: string, ca: boolean, by?: { name: string; key: CryptoKey }) {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: '01', subject: `CN=${name}`, issuer: `CN=${by?.name ?? name}` },
    ...{ notBefore: new Date(nowMs - day), notAfter: new Date(nowMs + day) },
    ...{ publicKey: keys.publicKey, signingKey: by?.key ?? keys.privateKey, signingAlgorithm: algorithm },
    extensions: [new x509.BasicConstraintsExtension(ca, undefined, true)],
  });
  return {
    certificate: new X509Certificate(Buffer.from(made.rawData)),
    signer: { name, key: keys.privateKey },
  };
}

describe('The certificate of a peer', () => {
  it.each([
    [true, undefined],
    [false, 'the signer of its certificate is not an authority'],
  ])('that another one signed counts only where that one is an authority (%s)', async (ca, fault) => {
    const root = await certificate('root', true);
    const middle = await certificate('middle', ca, root.signer);
    const peer = await certificate('peer', false, middle.signer);
    expect(chainFault([peer.certificate, middle.certificate], [root.certificate], nowMs)).toBe(fault);
  });
});
