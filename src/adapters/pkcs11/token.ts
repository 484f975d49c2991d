/** A place that keeps keys and signs with them: a TPM, an OP-TEE, a smart card, SoftHSM. */
export interface Token {
  /** Library that speaks PKCS #11, e.g. /usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1 */
  readonly module: string;
  /** What the token was called when it was made. */
  readonly label: string;
  /** Holds only the user's PIN. */
  readonly pinFile: string;
}
