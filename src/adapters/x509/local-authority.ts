import { defined } from '../../base/index.ts';
import type {
  CertificateAuthority,
  CertificateTerms,
  IssuedCertificate,
  RevokedCertificate,
  SigningRequest,
} from '../../controller/index.ts';
import { certsOnly } from './certs-only.ts';
import {
  AuthorityKeyIdentifierExtension,
  Pkcs10CertificateRequest,
  p256,
  pemOf,
  X509Certificate,
  X509CrlGenerator,
  X509CrlReason,
} from './library.ts';
import { readRequest } from './read-request.ts';
import { sha256, sign, validityOf } from './signer.ts';
import { libraryKey, type SigningKey, signingCrypto } from './signing-key.ts';

export interface AuthorityKeys {
  /** DER. */
  readonly root: Uint8Array;
  /** DER: what the key belongs to. */
  readonly intermediate: Uint8Array;
  readonly key: SigningKey;
  /** What signed before this one: only its revocations are still of interest. */
  readonly former?: readonly Signer[];
}

/** A certificate (DER) and its key. */
export interface Signer {
  readonly certificate: Uint8Array;
  readonly key: SigningKey;
}

/** The certificate authority inside of the controller: an intermediate signs, the root that signed it may be far away. */
export class LocalAuthority implements CertificateAuthority {
  readonly rootHash: string;
  readonly chain: readonly Uint8Array[];
  readonly endsMs: number;
  readonly #key: SigningKey;
  readonly #signers: readonly Signer[];
  readonly #intermediate: Uint8Array;

  constructor({ root, intermediate, key, former = [] }: AuthorityKeys) {
    this.#signers = [{ certificate: intermediate, key }, ...former];
    this.rootHash = sha256(root, 'base64url');
    this.chain = [intermediate, root];
    this.endsMs = validityOf(intermediate).notAfterMs;
    this.#key = key;
    this.#intermediate = intermediate;
  }

  read(csr: Uint8Array): Promise<SigningRequest> {
    return readRequest(csr);
  }

  async issue(
    { der, device, board }: SigningRequest,
    { notBeforeMs, notAfterMs }: CertificateTerms,
  ): Promise<IssuedCertificate> {
    const request = new Pkcs10CertificateRequest(Uint8Array.from(der));
    const signed = await sign(
      {
        use: 'device',
        name: device,
        ...defined({ board }),
        publicKey: new Uint8Array(request.publicKey.rawData),
        notBeforeMs,
        notAfterMs,
      },
      { certificate: this.#intermediate, key: this.#key },
    );
    return {
      der: signed,
      serial: new X509Certificate(signed).serialNumber,
      fingerprint: sha256(signed, 'hex'),
      ...{ notBeforeMs, notAfterMs },
    };
  }

  /** A certificate of the controller itself: for its device listener, or for its own word with the broker. */
  signOwn(
    use: 'server' | 'client',
    name: string,
    publicKey: Uint8Array,
    terms: CertificateTerms & { readonly hosts?: readonly string[] },
  ): Promise<Uint8Array> {
    return sign({ use, name, publicKey, ...terms }, { certificate: this.#intermediate, key: this.#key });
  }

  /** One list for each signer: a broker asks that of whoever signed the certificate before it, and refuses without. */
  async revocationList(
    revoked: readonly RevokedCertificate[],
    { nowMs, nextMs }: { readonly nowMs: number; readonly nextMs: number },
  ): Promise<string> {
    const lists: string[] = [];
    for (const signer of this.#signers) lists.push(await listOf(signer, revoked, { nowMs, nextMs }));
    return lists.join('');
  }

  certsOnly(certificates: readonly Uint8Array[]): Uint8Array {
    return certsOnly(certificates);
  }
}

async function listOf(
  { certificate, key }: Signer,
  revoked: readonly RevokedCertificate[],
  { nowMs, nextMs }: { readonly nowMs: number; readonly nextMs: number },
): Promise<string> {
  const by = new X509Certificate(Uint8Array.from(certificate));
  const list = await X509CrlGenerator.create(
    {
      issuer: by.subjectName,
      thisUpdate: new Date(nowMs),
      nextUpdate: new Date(nextMs),
      // Serial numbers are 127 random bits: one of another signer is nobody's here.
      entries: revoked.map(({ serial, revokedMs }) => ({
        serialNumber: serial,
        revocationDate: new Date(revokedMs),
        // Without a reason the library writes an empty list of extensions, which RFC 5280 does not know.
        reason: X509CrlReason.privilegeWithdrawn,
      })),
      extensions: [await AuthorityKeyIdentifierExtension.create(await by.publicKey.export())],
      signingAlgorithm: p256,
      signingKey: libraryKey(key),
    },
    signingCrypto,
  );
  return pemOf('X509 CRL', list.rawData);
}
