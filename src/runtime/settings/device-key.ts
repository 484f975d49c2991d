import { Type } from '@sinclair/typebox';

/** A path that can stand in settings of OpenSSL. */
const plainPath = '^/[A-Za-z0-9/._+@:-]+$';

export const Pkcs11Token = Type.Object(
  {
    module: Type.String({
      pattern: plainPath,
      description: 'Its PKCS #11 library, e.g. /usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1',
    }),
    label: Type.String({
      minLength: 1,
      maxLength: 32,
      default: 'goshawk',
      description: 'Label of the token',
    }),
    pinFile: Type.String({ pattern: plainPath, description: 'File that holds only the PIN' }),
  },
  {
    additionalProperties: false,
    description: 'Keep the key of this device in a token (TPM, OP-TEE, SoftHSM) instead of a file',
  },
);

/** Those that are written up to the start of the system and never after it. */
const bootPcrs = [0, 1, 2, 3, 4, 5, 6, 7, 14] as const;

export const KeySealSetting = Type.Object(
  {
    with: Type.Literal('tpm2', { description: 'The TPM 2.0 of the board; needs tpm2-tools' }),
    pcrs: Type.Array(Type.Union(bootPcrs.map((pcr) => Type.Literal<number>(pcr))), {
      default: [],
      maxItems: bootPcrs.length,
      uniqueItems: true,
      description:
        'Registers (SHA-256) it is bound to, e.g. 7; after a change of what they measure it does not open. The others may change while the system runs: the key would not open again',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Keep the key of this device on the disk only as the TPM sealed it; it is opened into memory',
  },
);
