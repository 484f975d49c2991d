import { createHash } from 'node:crypto';
import { RefusedError } from '../../base/index.ts';

/** A secret sealed by the TPM: useless without that TPM. */
export interface SealedObject {
  /** TPM2B_PUBLIC */
  readonly public: Uint8Array;
  /** TPM2B_PRIVATE, encrypted by the TPM. */
  readonly private: Uint8Array;
  /** Platform configuration registers (SHA-256 bank) whose values it is bound to; none: by any system that booted. */
  readonly pcrs: readonly number[];
}

const form = 'goshawk-tpm2-sealed/1';
/** Both parts are below 1 kB. */
const maxText = 16_384;

export function sealedText({ public: open, private: closed, pcrs }: SealedObject): string {
  const body = { form, public: base64(open), private: base64(closed), pcrs: [...pcrs] };
  return `${JSON.stringify({ ...body, sha256: digest(body) }, undefined, 2)}\n`;
}

/** RefusedError `tpm-object-damaged`: told apart from an object of another TPM by its digest. */
export function sealedObjectOf(text: string): SealedObject {
  const read = parsed(text);
  if (read === undefined)
    throw new RefusedError(
      'tpm-object-damaged',
      'The sealed key of this device is damaged: no TPM opens it.',
      'Remove identity/ in the data folder of the agent and give it a claim: it makes a new key.',
    );
  return read;
}

function parsed(text: string): SealedObject | undefined {
  if (text.length > maxText) return undefined;
  try {
    const { sha256, ...body } = JSON.parse(text) as Record<string, unknown>;
    const { public: open, private: closed, pcrs } = body;
    if (body.form !== form || sha256 !== digest(body) || !Array.isArray(pcrs)) return undefined;
    if (typeof open !== 'string' || typeof closed !== 'string' || !pcrs.every(isPcr)) return undefined;
    return { public: Buffer.from(open, 'base64'), private: Buffer.from(closed, 'base64'), pcrs };
  } catch {
    return undefined;
  }
}

function isPcr(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 24;
}

function digest(body: Record<string, unknown>): string {
  const { form: of, public: open, private: closed, pcrs } = body;
  return createHash('sha256')
    .update(JSON.stringify([of, open, closed, pcrs]))
    .digest('hex');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
