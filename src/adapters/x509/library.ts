// The library's container of dependencies asks for decorators' metadata when it is loaded, whatever one uses of it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';

export * from '@peculiar/x509';

/** The only kind of key that is made and taken here: ECDSA on P-256, which every TPM, TLS library and broker knows. */
export const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export function pemOf(label: string, der: ArrayBuffer | Uint8Array): string {
  const bytes = der instanceof Uint8Array ? der : new Uint8Array(der);
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The DER of every block with this label. */
export function derOf(label: string, pem: string): Uint8Array[] {
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g');
  return [...pem.matchAll(block)].map(([, base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')));
}

/** A positive number of 127 random bits, as RFC 5280 wants it. */
export function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
