import { defined } from '../../base/index.ts';
import { fileKeys } from './key-maker.ts';
import { pemOf } from './library.ts';
import type { LocalAuthority } from './local-authority.ts';
import { validityOf } from './signer.ts';
import { publicKeyOf, signingKeyOf } from './signing-key.ts';

export interface OwnCertificate {
  /** PEM: certificate, intermediate and root, so that a device that knows the root's hash alone can check it. */
  readonly cert: string;
  readonly key: string;
  readonly notAfterMs: number;
}

export interface OwnCertificateTerms {
  readonly use: 'server' | 'client';
  readonly name: string;
  readonly hosts?: readonly string[];
  readonly nowMs: number;
  readonly days: number;
}

/** A new key and its certificate, for a server or client of the fleet that is no device: controller, broker. */
export async function issueOwn(
  authority: LocalAuthority,
  { use, name, hosts, nowMs, days }: OwnCertificateTerms,
): Promise<OwnCertificate> {
  const key = await fileKeys.make();
  const publicKey = publicKeyOf(signingKeyOf(key));
  const notAfterMs = Math.min(nowMs + days * 86_400_000, authority.endsMs);
  const certificate = await authority.signOwn(use, name, publicKey, {
    notBeforeMs: nowMs - 3_600_000,
    notAfterMs,
    ...defined({ hosts }),
  });
  return {
    cert: [certificate, ...authority.chain].map((der) => pemOf('CERTIFICATE', der)).join(''),
    key,
    notAfterMs: validityOf(certificate).notAfterMs,
  };
}
