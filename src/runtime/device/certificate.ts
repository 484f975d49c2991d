import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../agent/index.ts';

const longest = 300;

/** Of the first certificate in a PEM; undefined for what is none. */
export function certificateFacts(pem: string): CertificateFacts | undefined {
  try {
    const { subject, issuer, serialNumber, validFrom, validTo } = new X509Certificate(pem);
    return {
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      serial: serialNumber,
      notBeforeMs: Date.parse(validFrom),
      notAfterMs: Date.parse(validTo),
    };
  } catch {
    return undefined;
  }
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ').slice(0, longest);
}
