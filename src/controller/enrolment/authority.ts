/** A request for a certificate (PKCS#10) that was read: its signature is right, so whoever made it holds the key. */
export interface SigningRequest {
  readonly der: Uint8Array;
  /** Common name: the device id that it asks for. */
  readonly device: string;
  /** Serial number of the board, as the request's name has it. */
  readonly board?: string;
  /** sha256 of the public key (SubjectPublicKeyInfo), hex. */
  readonly key: string;
}

export interface IssuedCertificate {
  readonly der: Uint8Array;
  /** Hex. */
  readonly serial: string;
  /** sha256 of the DER, hex. */
  readonly fingerprint: string;
  /** What the certificate says. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface CertificateTerms {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface RevokedCertificate {
  readonly serial: string;
  readonly revokedMs: number;
}

/** Port: who signs the certificates of devices. */
export interface CertificateAuthority {
  /** sha256 of the root certificate, base64url: what a claim carries. */
  readonly rootHash: string;
  /** DER: what signs devices first, the root last. */
  readonly chain: readonly Uint8Array[];
  /** When `chain[0]` ends: no certificate can outlive it. */
  readonly endsMs: number;
  /** InputError `request-unreadable`, `request-signature`, `request-key`. */
  read(csr: Uint8Array): Promise<SigningRequest>;
  /** `terms` are wishes to an authority elsewhere, which has rules of its own. */
  issue(request: SigningRequest, terms: CertificateTerms): Promise<IssuedCertificate>;
  /** PEM. Absent: an authority elsewhere has a list of its own, for the broker too. */
  revocationList?(
    revoked: readonly RevokedCertificate[],
    times: { readonly nowMs: number; readonly nextMs: number },
  ): Promise<string>;
  /** Certificates as EST sends them: PKCS#7, certificates only, DER. */
  certsOnly(certificates: readonly Uint8Array[]): Uint8Array;
}
