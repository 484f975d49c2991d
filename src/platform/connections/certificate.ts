const codes = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT)/;

/** Whether a connection was not made because this side does not trust the certificate of the other one. */
export function isCertificateRefused(error: Error & { readonly code?: unknown }): boolean {
  return typeof error.code === 'string' && codes.test(error.code);
}
