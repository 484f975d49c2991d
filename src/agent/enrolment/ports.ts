import type { BoardFacts, Claim, Membership } from '../../protocol/index.ts';

/** The identity of a device in the fleet: stored on its disk, and useless without the key. */
export interface Identity {
  /** Where it was let in, and renews: https://host:port */
  readonly server: string;
  /** PEM: the certificate, then what signed it, without the root. */
  readonly certificate: string;
  /** PEM: whom the device trusts. */
  readonly authority: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Absent where the power was cut between the certificate and this. */
  readonly membership?: Membership;
}

/**
 * Port: the key of this device. It never leaves the store: a file, or a TPM or an OP-TEE behind PKCS#11, signs by itself.
 */
export interface KeyStore {
  /** Makes the key where there is none; a request for a certificate (PKCS#10, DER), signed with it. */
  request(subject: { readonly device: string; readonly serial?: string }): Promise<Uint8Array>;
}

/** Port: binds a secret to this board, so that it is opened there alone: a TPM. */
export interface KeySeal {
  /** The sealed secret as text, which may be stored on the disk. The secret has at most 64 bytes. */
  seal(secret: Uint8Array): Promise<string>;
  /** Rejects with a RefusedError where a person has to act, and with a MissingError where trying again may help. */
  open(sealed: string): Promise<Uint8Array>;
  /** Whether it would be sealed in the same way today: bound to the same. */
  isCurrent(sealed: string): boolean;
}

/** Port: the identity on the disk. */
export interface IdentityStore {
  /** Undefined where there is none, or none that fits the key. */
  load(): Promise<Identity | undefined>;
  /** Resolves when it would survive a power cut. */
  save(identity: Identity): Promise<void>;
}

export interface CertificateRequest {
  readonly csr: Uint8Array;
  readonly facts: BoardFacts;
}

export type CertificateAnswer =
  | { readonly kind: 'issued'; readonly identity: Identity; readonly serverTimeMs: number | undefined }
  | { readonly kind: 'pending'; readonly retryAfterMs: number };

/**
 * Port: who lets devices in. Rejects with a RefusedError where the answer is no, and with another GoshawkError where asking
 * again may help.
 */
export interface EnrolmentServer {
  enrol(claim: Claim, request: CertificateRequest): Promise<CertificateAnswer>;
  renew(identity: Identity, request: CertificateRequest): Promise<CertificateAnswer>;
  /** Undefined: a server that lets in, and knows nothing of brokers. */
  membership(identity: Identity): Promise<Membership | undefined>;
}
