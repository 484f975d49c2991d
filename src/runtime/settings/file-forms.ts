import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { describeError } from '../../base/index.ts';
import { parseClaim } from '../../protocol/index.ts';

/*
 * What has to be in a file that settings name. Each function takes the text of the file and throws an Error that ends the
 * sentence "<setting> ...". No text is ever shown: it may be a secret.
 */

/** A secret: one line that says something. An editor's line end is not part of it. */
export function secretForm(text: string): void {
  const secret = text.replace(/\r?\n$/, '');
  if (secret.trim() === '') throw new Error('names an empty file');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
  if (/[\u0000-\u001f\u007f]/.test(secret)) throw new Error('must hold exactly one line of text');
}

/** What a controller made; another registry's tokens have forms of their own. */
export function tokenForm(text: string, ofController: boolean): void {
  secretForm(text);
  const token = text.trim();
  if (/[^\x21-\x7e]/.test(token)) throw new Error('holds no token');
  if (ofController && !/^gsk_[0-9a-f]{12}_[0-9a-f]{64}$/.test(token))
    throw new Error('holds no token of a controller (gsk_<12 hex digits>_<64 hex digits>)');
}

/** `name:secret`, as EST servers and stores take it. */
export function pairForm(text: string): void {
  secretForm(text);
  if (!/^[^:\s]+:\S/.test(text)) throw new Error('must hold name:secret');
}

/** A claim, or with another EST server its user. One that is not there yet may come later. */
export function claimForm(text: string, ofOtherServer: boolean): void {
  const claim = text.trim();
  if (claim === '') return;
  const ofServer = ofOtherServer && !claim.startsWith('goshawk-claim:');
  if (ofServer) pairForm(claim);
  try {
    if (!ofServer) parseClaim(claim);
  } catch (error) {
    throw new Error(`holds no claim: ${describeError(error)}`);
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Every certificate of a PEM file. */
export function certificatesForm(text: string): readonly X509Certificate[] {
  if (text.trim() === '') throw new Error('names an empty file');
  const blocks = text.match(certificateBlock);
  if (blocks === null)
    throw new Error(text.includes('-----BEGIN ') ? 'holds no certificate' : 'is not a PEM file');
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error('holds a certificate that is damaged');
    }
  });
}

/** The private key of a PEM file. */
export function keyForm(text: string): KeyObject {
  if (text.trim() === '') throw new Error('names an empty file');
  if (!text.includes('-----BEGIN ')) throw new Error('is not a PEM file');
  if (!text.includes('PRIVATE KEY-----')) throw new Error('holds no private key');
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error('holds a private key that is damaged, or that has a passphrase');
  }
}

/** What to say of certificates that are right and soon of no use; undefined where they are good. */
export function expiryNote(certificates: readonly X509Certificate[], nowMs: number): string | undefined {
  const ended = certificates.find(({ validTo }) => Date.parse(validTo) < nowMs);
  return ended === undefined
    ? undefined
    : `has a certificate that ended on ${new Date(ended.validTo).toISOString().slice(0, 10)}`;
}
