import { createHash, X509Certificate } from 'node:crypto';
import { Value } from '@sinclair/typebox/value';
import type { CertificateAnswer, CertificateRequest, EnrolmentServer, Identity } from '../../agent/index.ts';
import { type Clock, type GoshawkError, InputError, MissingError, RefusedError } from '../../base/index.ts';
import {
  type Claim,
  estPath,
  factsHeader,
  Membership,
  membershipPath,
  Voucher,
  voucherPath,
} from '../../protocol/index.ts';
import { ask, type HttpAnswer, type Peer } from './connection.ts';

export interface EstServerOptions {
  /** Another server than the claim names: `https://est.example:8443`. */
  readonly url?: string;
  /** PEM of its root; without it the root whose hash the claim has. */
  readonly ca?: string;
}

export interface EstServerPorts {
  readonly clock: Clock;
  /** PKCS#7 to DER, of another adapter. */
  readonly certificatesFrom: (pkcs7: Uint8Array) => Uint8Array[];
  /** PEM of this device's key. */
  readonly key: () => Promise<string>;
}

/** Who lets this device in, over EST (RFC 7030): the controller, or another server. */
export class EstServer implements EnrolmentServer {
  readonly #ports: EstServerPorts;
  readonly #options: EstServerOptions;

  constructor(ports: EstServerPorts, options: EstServerOptions = {}) {
    this.#ports = ports;
    this.#options = options;
  }

  async enrol(claim: Claim, request: CertificateRequest): Promise<CertificateAnswer> {
    const server = this.#options.url ?? `https://${claim.host}`;
    const stranger = this.#peer(server, undefined);
    const authorities = await this.#authorities(stranger, this.#options.ca ?? claim.root);
    const peer = { ...stranger, roots: authorities.roots };
    const basic = Buffer.from(`${claim.id}:${claim.secret}`).toString('base64');
    const answer = await this.#send(peer, 'simpleenroll', request, { authorization: `Basic ${basic}` });
    return this.#certificateOf(answer, server, authorities);
  }

  async renew(identity: Identity, request: CertificateRequest): Promise<CertificateAnswer> {
    const peer = await this.#memberPeer(identity);
    // The authority may have a new intermediate since. First, so that no certificate is given that nobody takes.
    const authorities = await this.#authorities(peer, identity.authority);
    const answer = await this.#send(peer, 'simplereenroll', request, {});
    return this.#certificateOf(answer, identity.server, authorities);
  }

  async membership(identity: Identity): Promise<Membership | undefined> {
    const { status, body, headers } = await ask(await this.#memberPeer(identity), membershipPath);
    if (status === 404) return undefined;
    if (status !== 200) throw refusalOf({ status, body, headers });
    const told: unknown = parse(body);
    if (Value.Check(Membership, told)) return told;
    throw new InputError(
      'membership-invalid',
      'The broker settings from the controller are invalid.',
      'Use the same version of Goshawk on both sides.',
    );
  }

  /** Whether this certificate is of a device of the fleet and not revoked; undefined where the server does not know of such things. */
  async isGood(identity: Identity, fingerprint: string): Promise<boolean | undefined> {
    const path = `${voucherPath}/${fingerprint}`;
    const { status, body, headers } = await ask(await this.#memberPeer(identity), path);
    if (status === 404) return undefined;
    if (status !== 200) throw refusalOf({ status, body, headers });
    const told: unknown = parse(body);
    return Value.Check(Voucher, told) && told.good;
  }

  async #send(
    peer: Peer,
    operation: 'simpleenroll' | 'simplereenroll',
    { csr, facts }: CertificateRequest,
    headers: Record<string, string>,
  ): Promise<HttpAnswer> {
    return ask(peer, `${estPath}/${operation}`, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/pkcs10',
        'content-transfer-encoding': 'base64',
        [factsHeader]: Buffer.from(JSON.stringify(facts)).toString('base64'),
      },
      body: `${lines(Buffer.from(csr).toString('base64'))}\n`,
    });
  }

  /** The roots that are trusted, and what they signed. `trusted`: PEM, or the hash of one root. */
  async #authorities(peer: Peer, trusted: string): Promise<Authorities> {
    const known = trusted.includes('-----BEGIN') ? certificatesOfPem(trusted) : undefined;
    const asked = await ask({ ...peer, roots: peer.roots ?? known }, `${estPath}/cacerts`);
    if (asked.status !== 200) throw refusalOf(asked);
    const all = this.#ports.certificatesFrom(base64Of(asked.body)).map((der) => new X509Certificate(der));
    const roots =
      known ?? all.filter((one) => one.ca && hashOf(one) === trusted && one.verify(one.publicKey));
    if (roots.length === 0)
      throw new RefusedError(
        'server-not-trusted',
        'The server does not have the root that the claim names.',
        'Create a new claim if the controller has a new root. Otherwise the connection is intercepted.',
      );
    return {
      roots,
      others: all.filter((one) => !roots.some((root) => root.fingerprint256 === one.fingerprint256)),
    };
  }

  #certificateOf(answer: HttpAnswer, server: string, { roots, others }: Authorities): CertificateAnswer {
    if (answer.status === 202)
      return {
        kind: 'pending',
        retryAfterMs: retryAfterMs(answer.headers['retry-after'], this.#ports.clock),
      };
    if (answer.status !== 200) throw refusalOf(answer);
    const [first] = this.#ports.certificatesFrom(base64Of(answer.body));
    if (first === undefined)
      throw new InputError('est-answer', 'The answer holds no certificate.', 'Read the log of the server.');
    const leaf = new X509Certificate(first);
    const signers = others.filter((one) => leaf.checkIssued(one));
    const date = Date.parse(String(answer.headers.date ?? ''));
    return {
      kind: 'issued',
      serverTimeMs: Number.isFinite(date) ? date : undefined,
      identity: {
        server,
        certificate: [leaf, ...signers].map(String).join(''),
        authority: roots.map(String).join(''),
        notBeforeMs: Date.parse(leaf.validFrom),
        notAfterMs: Date.parse(leaf.validTo),
      },
    };
  }

  async #memberPeer(identity: Identity): Promise<Peer> {
    return {
      ...this.#peer(identity.server, certificatesOfPem(identity.authority)),
      own: { cert: identity.certificate, key: await this.#ports.key() },
    };
  }

  #peer(server: string, roots: readonly X509Certificate[] | undefined): Peer {
    const { hostname, port } = new URL(server);
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 443 : Number(port),
      roots,
      nowMs: this.#ports.clock.wallMs(),
    };
  }
}

interface Authorities {
  readonly roots: readonly X509Certificate[];
  readonly others: readonly X509Certificate[];
}

/** What a refusal means: the controller says it as JSON, other servers as they like. */
function refusalOf({ status, body }: HttpAnswer): GoshawkError {
  const { code, message, remedy } = (parse(body) ?? {}) as Record<string, unknown>;
  const known = typeof code === 'string' && typeof message === 'string' && typeof remedy === 'string';
  const Kind = status >= 500 || status === 408 || status === 429 ? MissingError : RefusedError;
  if (known) return new Kind(code.slice(0, 64), message.slice(0, 500), remedy.slice(0, 500));
  return new Kind(
    'enrolment-refused',
    `The server answered ${status}: ${body.slice(0, 200).trim() || 'no text'}.`,
    'Read the log of the server.',
  );
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | undefined, clock: Clock): number {
  const seconds = Number(header);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const date = Date.parse(header ?? '');
  return Number.isFinite(date) ? Math.max(0, date - clock.wallMs()) : 30_000;
}

function certificatesOfPem(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function hashOf({ raw }: X509Certificate): string {
  return createHash('sha256').update(raw).digest('base64url');
}

function base64Of(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function lines(base64: string): string {
  return (base64.match(/.{1,64}/g) ?? []).join('\n');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
