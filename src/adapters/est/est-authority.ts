import { createHash, X509Certificate } from 'node:crypto';
import { type Clock, defined, InputError, MissingError, RefusedError } from '../../base/index.ts';
import type { CertificateAuthority, IssuedCertificate, SigningRequest } from '../../controller/index.ts';
import { estPath } from '../../protocol/index.ts';
import { ask, type HttpAnswer, type Peer } from './connection.ts';

export interface EstAuthorityOptions {
  /** `https://est.example:8443` */
  readonly url: string;
  /** PEM: the root that the server, and every device, is under. */
  readonly root: string;
  /** How this controller shows that it may ask for others: as a user, or by a certificate. */
  readonly user?: { readonly name: string; readonly password: string };
  readonly own?: { readonly cert: string; readonly key: string };
  /** PEM of what the server said it signs with, the last time that it was reached. */
  readonly known?: string;
}

export interface EstAuthorityPorts {
  readonly clock: Clock;
  /** Of another adapter: reads a request, and PKCS #7 both ways. */
  readonly read: CertificateAuthority['read'];
  readonly certsOnly: CertificateAuthority['certsOnly'];
  readonly certificatesFrom: (pkcs7: Uint8Array) => Uint8Array[];
  /** What the server signs with, to be known at the next start. */
  readonly keep: (pem: string) => Promise<void>;
}

/**
 * An authority that is another EST server (RFC 7030): whom this controller lets in gets a certificate from there. The
 * device's own request is passed on, so nobody but the device has the key. What comes back has to be for that key and name.
 */
export class EstAuthority implements CertificateAuthority {
  readonly rootHash: string;
  readonly #ports: EstAuthorityPorts;
  readonly #options: EstAuthorityOptions;
  readonly #root: X509Certificate;
  #signers: readonly X509Certificate[];

  private constructor(ports: EstAuthorityPorts, options: EstAuthorityOptions) {
    this.#ports = ports;
    this.#options = options;
    const [root] = certificatesOf(options.root);
    if (root?.verify(root.publicKey) !== true)
      throw new InputError(
        'est-root',
        'The file of the outside authority holds no root certificate.',
        'Give its root in devices.authority.caFile: the one that signed itself.',
      );
    this.#root = root;
    this.rootHash = createHash('sha256').update(root.raw).digest('base64url');
    this.#signers = this.#trusted(certificatesOf(options.known ?? ''));
  }

  /** Asks what the server signs with. Where it is away, what is known from before will do. */
  static async open(ports: EstAuthorityPorts, options: EstAuthorityOptions): Promise<EstAuthority> {
    const authority = new EstAuthority(ports, options);
    try {
      await authority.#learn();
    } catch (error) {
      if (options.known === undefined) throw error;
    }
    return authority;
  }

  get chain(): readonly Uint8Array[] {
    return [...this.#signers, this.#root].map(({ raw }) => new Uint8Array(raw));
  }

  get endsMs(): number {
    return Math.max(...[...this.#signers, this.#root].map(({ validTo }) => Date.parse(validTo)));
  }

  read(csr: Uint8Array): Promise<SigningRequest> {
    return this.#ports.read(csr);
  }

  certsOnly(certificates: readonly Uint8Array[]): Uint8Array {
    return this.#ports.certsOnly(certificates);
  }

  async issue({ der, device, key }: SigningRequest): Promise<IssuedCertificate> {
    const { user } = this.#options;
    const answer = await ask(this.#peer(), `${estPath}/simpleenroll`, {
      method: 'POST',
      headers: {
        'content-type': 'application/pkcs10',
        'content-transfer-encoding': 'base64',
        ...(user && { authorization: `Basic ${btoa(`${user.name}:${user.password}`)}` }),
      },
      body: `${(
        Buffer.from(der)
          .toString('base64')
          .match(/.{1,64}/g) ?? []
      ).join('\n')}\n`,
    });
    if (answer.status === 202)
      throw new MissingError(
        'authority-pending',
        'The outside authority has not decided yet.',
        'The device retries automatically. You may have to approve it at that server.',
      );
    const [first] = this.#certificatesIn(answer);
    if (first === undefined) throw refused('its answer holds no certificate');
    const issued = new X509Certificate(first);
    const spki = issued.publicKey.export({ type: 'spki', format: 'der' });
    if (createHash('sha256').update(spki).digest('hex') !== key) throw refused('it gave one for another key');
    if (commonNameOf(issued) !== device)
      throw refused(`it gave one for ${commonNameOf(issued) ?? 'no name'}`);
    if (issued.ca) throw refused('it gave one of an authority');
    if (!this.#signed(issued)) await this.#learn();
    if (!this.#signed(issued)) throw refused('its certificate is not under its root');
    return {
      der: new Uint8Array(issued.raw),
      serial: issued.serialNumber.toLowerCase(),
      fingerprint: createHash('sha256').update(issued.raw).digest('hex'),
      notBeforeMs: Date.parse(issued.validFrom),
      notAfterMs: Date.parse(issued.validTo),
    };
  }

  #signed(one: X509Certificate): boolean {
    return [...this.#signers, this.#root].some(
      (signer) => one.checkIssued(signer) && one.verify(signer.publicKey),
    );
  }

  /** Its intermediates change in the course of the years. */
  async #learn(): Promise<void> {
    const all = this.#certificatesIn(await ask(this.#peer(), `${estPath}/cacerts`));
    this.#signers = this.#trusted(all.map((der) => new X509Certificate(der)));
    await this.#ports.keep(this.#signers.map(String).join(''));
  }

  /** Those that lead to the root, each by the one before or by the root itself. */
  #trusted(all: readonly X509Certificate[]): X509Certificate[] {
    const others = all.filter((one) => one.ca && one.fingerprint256 !== this.#root.fingerprint256);
    const trusted = [this.#root];
    for (let found = true; found; ) {
      const next = others.find(
        (one) =>
          !trusted.includes(one) && trusted.some((by) => one.checkIssued(by) && one.verify(by.publicKey)),
      );
      found = next !== undefined;
      if (next !== undefined) trusted.push(next);
    }
    return trusted.slice(1).reverse();
  }

  #certificatesIn({ status, body }: HttpAnswer): Uint8Array[] {
    if (status === 200) return this.#ports.certificatesFrom(new Uint8Array(Buffer.from(body, 'base64')));
    const said = `it answered ${status}: ${body.slice(0, 200).trim() || 'no text'}`;
    // What is its own fault or a lack of time is over some time; the device asks again.
    if (status >= 500 || status === 429 || status === 408)
      throw new MissingError(
        'authority-away',
        `The outside authority issued no certificate: ${said}.`,
        'Read its log.',
      );
    throw refused(said);
  }

  #peer(): Peer {
    const { url, own } = this.#options;
    const { hostname, port } = new URL(url);
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 443 : Number(port),
      roots: [this.#root],
      nowMs: this.#ports.clock.wallMs(),
      ...defined({ own }),
    };
  }
}

function refused(why: string): RefusedError {
  return new RefusedError(
    'authority-refused',
    `The outside authority gave no certificate that fits: ${why}.`,
    'Read its log, and check the user and the rights of this controller there.',
  );
}

function commonNameOf({ subject }: X509Certificate): string | undefined {
  return subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice(3);
}

function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
