import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate as LibraryCertificate,
  Name,
  newSerial,
  p256,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from './library.ts';
import { libraryKey, type SigningKey, signingCrypto } from './signing-key.ts';

export type CertificateUse = 'authority' | 'signing-authority' | 'device' | 'client' | 'server';

export interface ToSign {
  readonly use: CertificateUse;
  readonly name: string;
  /** Serial number of the board: `serialNumber` of the name, as in an 802.1AR identity. */
  readonly board?: string;
  /** Names and addresses of a server. */
  readonly hosts?: readonly string[];
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface Issuer {
  /** DER; absent: the certificate signs itself. */
  readonly certificate?: Uint8Array;
  readonly key: SigningKey;
}

const serialNumberOid = '2.5.4.5';

/** Signs one certificate; its DER. */
export async function sign(wanted: ToSign, issuer: Issuer): Promise<Uint8Array<ArrayBuffer>> {
  const subject = new Name([
    { CN: [wanted.name] },
    ...(wanted.board === undefined ? [] : [{ [serialNumberOid]: [wanted.board] }]),
  ]);
  const by =
    issuer.certificate === undefined
      ? undefined
      : new LibraryCertificate(Uint8Array.from(issuer.certificate));
  const signed = await X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject,
      issuer: by?.subjectName ?? subject,
      notBefore: new Date(wanted.notBeforeMs),
      notAfter: new Date(wanted.notAfterMs),
      publicKey: Uint8Array.from(wanted.publicKey),
      signingKey: libraryKey(issuer.key),
      signingAlgorithm: p256,
      extensions: await extensionsOf(wanted, by),
    },
    signingCrypto,
  );
  return new Uint8Array(signed.rawData);
}

async function extensionsOf(wanted: ToSign, by: LibraryCertificate | undefined): Promise<Extension[]> {
  const publicKey = await webcrypto.subtle.importKey('spki', Uint8Array.from(wanted.publicKey), p256, true, [
    'verify',
  ]);
  const common = [
    await SubjectKeyIdentifierExtension.create(publicKey),
    ...(by === undefined ? [] : [await AuthorityKeyIdentifierExtension.create(await by.publicKey.export())]),
  ];
  if (wanted.use === 'authority' || wanted.use === 'signing-authority')
    return [
      ...common,
      // The root signs authorities that sign devices; those sign nothing but ends.
      new BasicConstraintsExtension(true, wanted.use === 'authority' ? 1 : 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ];
  // A device must never be taken for a server, nor a server for a device.
  const use = wanted.use === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  return [
    ...common,
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([use], true),
    ...otherNames(wanted),
  ];
}

/** A client has its own name once more: RabbitMQ compares client ids with this one alone. */
function otherNames({ use, name, hosts = [] }: ToSign): Extension[] {
  if (use !== 'server') return [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])];
  if (hosts.length === 0) return [];
  return [
    new SubjectAlternativeNameExtension(
      hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }) as const),
    ),
  ];
}

export function sha256(bytes: Uint8Array, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}

/** Milliseconds of both ends. */
export function validityOf(der: Uint8Array): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  const { validFrom, validTo } = new X509Certificate(der);
  return { notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) };
}
