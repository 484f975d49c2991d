import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { counted, InputError, RefusedError } from '../../base/index.ts';

/*
 * What makes files of a bundle readable for named devices alone. The bundle stays what it is: its manifest, and so its
 * digest, name the plain files. What is encrypted is checked twice: its chunks by their tags, and what comes out by the
 * digest in the manifest. So the envelope needs no signature: a false one opens nothing.
 */

const Digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
const Base64 = (bytes: number) =>
  Type.String({
    pattern: '^[A-Za-z0-9+/]+=*$',
    minLength: Math.ceil(bytes / 3) * 4,
    maxLength: Math.ceil(bytes / 3) * 4,
  });

/** Bytes of a plain file in each chunk, and of the tag behind it. */
export const sealedChunkBytes = 65_536;
export const sealedTagBytes = 16;

/** A file that lies encrypted in the place of the plain one. */
export const SealedFile = Type.Object(
  {
    /** Of the plain file, as the manifest has it. */
    blob: Digest,
    /** Of what is encrypted: what a registry keeps. */
    sealed: Digest,
    /** Bytes of it. */
    size: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type SealedFile = Static<typeof SealedFile>;

/** The bundle's key for one device: HPKE (RFC 9180), DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, mode base. */
const Recipient = Type.Object(
  {
    /** sha256 of the public key (SubjectPublicKeyInfo, DER) of the device's certificate. */
    key: Digest,
    /** For people; nothing is decided by it. */
    device: Type.String({ minLength: 1, maxLength: 128 }),
    encapsulated: Base64(65),
    wrapped: Base64(48),
  },
  { additionalProperties: false },
);
export type Recipient = Static<typeof Recipient>;

export const SealedEnvelope = Type.Object(
  {
    schema: Type.Literal(1),
    bundle: Digest,
    /** Bytes of plain text in each chunk but the last. */
    chunkBytes: Type.Literal(sealedChunkBytes),
    files: Type.Array(SealedFile, { minItems: 1, maxItems: 1_000 }),
    recipients: Type.Array(Recipient, { minItems: 1, maxItems: 20_000 }),
  },
  { additionalProperties: false },
);
export type SealedEnvelope = Static<typeof SealedEnvelope>;

/** It has 300 bytes for each device; more than these are not read. */
export const maxEnvelopeBytes = 8_000_000;

/** How long a file is that lies encrypted. */
export function sealedBytes(plainBytes: number): number {
  return plainBytes + Math.max(1, Math.ceil(plainBytes / sealedChunkBytes)) * sealedTagBytes;
}

/** Nobody signed the envelope: how much is fetched follows from what was signed. `plain`: bytes by the digest of the plain file. */
export function expectSealedSizes(envelope: SealedEnvelope, plain: ReadonlyMap<string, number>): void {
  for (const { blob, size } of envelope.files) {
    const bytes = plain.get(blob);
    if (bytes === undefined || sealedBytes(bytes) === size) continue;
    throw new InputError(
      'sealed-envelope',
      `The envelope says ${size} bytes of an encrypted file of ${bytes}, which has ${sealedBytes(bytes)}.`,
      'Check the server that it came from; push the encrypted bundle again (goshawk model push).',
    );
  }
}

export function parseSealedEnvelope(json: unknown, where: string): SealedEnvelope {
  if (Value.Check(SealedEnvelope, json)) return json;
  throw new InputError(
    'sealed-envelope',
    `${where} is not an envelope of an encrypted bundle.`,
    'Encrypt the bundle again with `goshawk model encrypt`.',
  );
}

/** An envelope that lies beside another bundle opens nothing of it; said before anything is decrypted. */
export function expectEnvelopeOf(envelope: SealedEnvelope, bundle: string): void {
  if (envelope.bundle === bundle) return;
  throw new InputError(
    'sealed-envelope',
    `The envelope is of the bundle ${envelope.bundle}; ${bundle} was ordered.`,
    'Encrypt the bundle again with `goshawk model encrypt`.',
  );
}

/** `key`: digest of this device's public key. */
export function recipientOf(envelope: SealedEnvelope, key: string): Recipient {
  const found = envelope.recipients.find((recipient) => recipient.key === key);
  if (found !== undefined) return found;
  throw new RefusedError(
    'sealed-for-others',
    `The model ${envelope.bundle} is encrypted for ${counted(envelope.recipients.length, 'device')}, and this is none of them.`,
    'Add it: goshawk model encrypt BUNDLE --for <certificate of this device>; it may have a new key since it was enrolled again.',
  );
}
