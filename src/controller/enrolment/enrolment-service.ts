import type { CertificateInfo, EnrolmentList } from '../../api/index.ts';
import {
  type Clock,
  defined,
  fromBase64,
  type GoshawkError,
  type Log,
  MissingError,
  RateLimitedLog,
  RefusedError,
  toBase64,
} from '../../base/index.ts';
import type { BoardFacts } from '../../protocol/index.ts';
import { type Caller, systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { CertificateRow, ClaimRow } from '../store/rows.ts';
import type { Change } from '../store/store.ts';
import type { CertificateAuthority, SigningRequest } from './authority.ts';
import type { CertificateRegistry } from './certificate-registry.ts';
import type { ClaimRegistry } from './claim-registry.ts';
import {
  certificateUnknown,
  decideEnrolment,
  decideRenewal,
  type Refusal,
  reservedNames,
} from './decision.ts';
import type { PendingEnrolments } from './pending-enrolments.ts';
import { Turns } from './turns.ts';

export interface EnrolmentServicePorts {
  readonly authority: CertificateAuthority;
  readonly claims: ClaimRegistry;
  readonly certificates: CertificateRegistry;
  readonly pending: PendingEnrolments;
  readonly commands: CommandExecutor;
  readonly events: Pick<ControllerEvents, 'tell'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The fleet has a device of this name. */
  readonly isKnown: (device: string) => boolean;
}

export interface EnrolmentTerms {
  /** Of a certificate. */
  readonly certificateMs: number;
  /** How long after its end it may still be renewed. */
  readonly lateMs: number;
  /** When a device that waits for a person shall ask again; 30 s when not set. */
  readonly askAgainSeconds?: number;
  /** Clients of the broker that are no devices. */
  readonly brokerClients?: readonly string[];
}

/** What a device sends when it asks for a certificate. */
export interface Asked {
  readonly csr: Uint8Array;
  readonly facts?: BoardFacts;
  readonly address: string;
}

export type Answered =
  | { readonly kind: 'issued'; readonly der: Uint8Array }
  | { readonly kind: 'pending'; readonly retryAfterSeconds: number };

/** What a certificate is given for. */
interface IssuedFrom {
  /** Of the claim. */
  readonly id: string;
  readonly groups: readonly string[];
  readonly facts?: BoardFacts;
  readonly isRenewal?: boolean;
  /** Decides again: throws where it may not be given any more; the claim that it uses up, as it is now. */
  readonly again: () => ClaimRow | undefined;
}

/** Requests that wait for their turn; each is a signature or two. */
const maxWaiting = 256;
const askAgainSeconds = 30;
/** So that a clock that is a little slow does not find its certificate too young. */
const backdatedMs = 3_600_000;

/** Lets devices in: one request after the other, so that a claim for one device lets in one, however many ask at once. */
export class EnrolmentService {
  readonly #ports: EnrolmentServicePorts;
  readonly #terms: EnrolmentTerms;
  readonly #reserved: ReadonlySet<string>;
  readonly #refusals: RateLimitedLog;
  readonly #turns = new Turns(maxWaiting);

  constructor(ports: EnrolmentServicePorts, terms: EnrolmentTerms) {
    this.#ports = ports;
    this.#terms = terms;
    this.#reserved = reservedNames(terms.brokerClients ?? []);
    this.#refusals = new RateLimitedLog(ports.log, ports.clock);
  }

  get authority(): CertificateAuthority {
    return this.#ports.authority;
  }

  list(): EnrolmentList {
    return { enrolments: this.#ports.pending.list() };
  }

  /** RefusedError `claim-refused`; before anything else is done for a stranger. */
  checkClaim(id: string, secret: string): ClaimRow {
    return this.#ports.claims.authenticate(id, secret);
  }

  /** A first certificate, for whoever has a claim. */
  enrol(claimId: string, { csr, facts, address }: Asked): Promise<Answered> {
    return this.#turns.take(claimId, async () => {
      const { authority, claims, certificates, pending, clock, isKnown } = this.#ports;
      const request = await authority.read(csr);
      const decide = () => {
        const claim = claims.expect(claimId);
        const verdict = decideEnrolment({
          ...{ claim, request, nowMs: clock.wallMs() },
          ofDevice: certificates.ofDevice(request.device),
          ofKey: certificates.ofKey(request.key),
          reserved: this.#reserved,
          deviceKnown: isKnown(request.device),
        });
        if (verdict.kind === 'refuse') throw this.#refused(verdict, address);
        return { claim, verdict };
      };
      const { claim, verdict } = decide();
      if (verdict.kind === 'again') return { kind: 'issued', der: fromBase64(verdict.certificate.der) };
      if (verdict.kind === 'issue') {
        const row = await this.#issue(systemCaller, request, {
          ...{ id: claimId, groups: claim.groups, ...(facts && { facts }) },
          again: () => {
            const now = decide();
            if (now.verdict.kind !== 'issue') throw changed(request.device);
            return now.claim;
          },
        });
        return { kind: 'issued', der: fromBase64(row.der) };
      }
      if (pending.find(claim.id, request.key)?.info.state === 'rejected') throw rejected();
      const waits = {
        ...{ device: request.device, claim: claim.id, claimName: claim.name, key: request.key, address },
        ...{ why: verdict.why, lastMs: clock.wallMs() },
        ...defined({ serial: request.board, facts }),
      };
      pending.put(waits, request);
      return { kind: 'pending', retryAfterSeconds: this.#terms.askAgainSeconds ?? askAgainSeconds };
    });
  }

  /** A new certificate for a device that proved the key of an old one. */
  async renew(fingerprint: string | undefined, { csr, facts, address }: Asked): Promise<Uint8Array> {
    const known = fingerprint === undefined ? undefined : this.#ports.certificates.get(fingerprint);
    // Before anything is done for a stranger.
    if (known === undefined) throw this.#refused(certificateUnknown(), address);
    return this.#turns.take(`device ${known.device}`, async () => {
      const { authority, certificates, clock } = this.#ports;
      const request = await authority.read(csr);
      const decide = () => {
        const certificate = certificates.get(known.fingerprint);
        const verdict = decideRenewal({
          ...{ certificate, request, nowMs: clock.wallMs(), lateMs: this.#terms.lateMs },
          ofDevice: certificate === undefined ? [] : certificates.ofDevice(certificate.device),
          ofKey: certificates.ofKey(request.key),
          reserved: this.#reserved,
        });
        if (verdict.kind === 'refuse' || certificate === undefined)
          throw verdict.kind === 'refuse'
            ? this.#refused(verdict, address)
            : new RangeError('no certificate');
        return certificate;
      };
      const certificate = decide();
      this.#compareHardware(certificate, facts);
      const { claim: id, groups } = certificate;
      const kept = facts ?? certificate.facts;
      const row = await this.#issue(systemCaller, request, {
        ...{ id, groups, ...(kept && { facts: kept }) },
        isRenewal: true,
        again: () => void decide(),
      });
      return fromBase64(row.der);
    });
  }

  /** A person lets a device in that waits. */
  approve(caller: Caller, id: string): Promise<CertificateInfo> {
    return this.#turns.take(`token ${caller.tokenId}`, async () => {
      const { claims, certificates, pending, clock } = this.#ports;
      const decide = () => {
        const { info, request } = pending.expectPending(id);
        const claim = claims.expect(info.claim);
        // It asked in time, however late a person looks. What no person can overrule may have changed since.
        const verdict = decideEnrolment({
          ...{ claim, request, nowMs: Math.min(clock.wallMs(), claim.expiresMs - 1) },
          ofDevice: certificates.ofDevice(request.device),
          ofKey: certificates.ofKey(request.key),
          reserved: this.#reserved,
          deviceKnown: true,
        });
        if (verdict.kind === 'refuse') throw verdict.error;
        return { info, request, claim };
      };
      const { info, request, claim } = decide();
      const revoked = revokedOf(certificates.ofDevice(request.device));
      const row = await this.#issue(caller, request, {
        ...{ id: claim.id, groups: claim.groups, ...(info.facts && { facts: info.facts }) },
        again: () => {
          // The name was taken back while the certificate was signed: a person looks again.
          if (revokedOf(certificates.ofDevice(request.device)) !== revoked) throw changed(request.device);
          return decide().claim;
        },
      });
      pending.remove(info);
      return infoOf(row);
    });
  }

  reject(caller: Caller, id: string): Promise<void> {
    const { pending, commands } = this.#ports;
    return commands.execute(caller, 'enrolment.rejected', id, {}, () => {
      pending.expectPending(id);
      return { changes: [], apply: () => pending.reject(id) };
    });
  }

  /** Signing takes its time, seconds at an authority elsewhere: what was decided before it is decided again after it. */
  async #issue(caller: Caller, request: SigningRequest, from: IssuedFrom): Promise<CertificateRow> {
    const { authority, claims, certificates, commands, clock, log } = this.#ports;
    const nowMs = clock.wallMs();
    const terms = {
      notBeforeMs: nowMs - backdatedMs,
      notAfterMs: Math.min(nowMs + this.#terms.certificateMs, authority.endsMs),
    };
    const { der, serial, fingerprint, notBeforeMs, notAfterMs } = await authority.issue(request, terms);
    // An authority elsewhere may give the one that it gave before: registered anew, a revoked one would be good again.
    if (certificates.get(fingerprint) !== undefined)
      throw new MissingError(
        'certificate-again',
        'The authority issued the same certificate again.',
        'Configure it to issue a new certificate for each request, also for the same key.',
      );
    const row: CertificateRow = {
      ...{ serial, fingerprint, device: request.device, key: request.key, der: toBase64(der) },
      ...{ claim: from.id, groups: from.groups, issuedMs: nowMs },
      ...{ notBeforeMs, notAfterMs },
      ...defined({ board: request.board, facts: from.facts }),
    };
    const action = from.isRenewal === true ? 'certificate.renewed' : 'enrolment.issued';
    await commands.execute(caller, action, request.device, { claim: from.id, serial }, () => {
      const claim = from.again();
      const used = claim === undefined ? undefined : claims.usedBy(claim, request.device);
      const over = this.#outdated(request.device, nowMs);
      const changes: Change[] = [
        { kind: 'certificate', certificate: row },
        ...(used === undefined ? [] : [{ kind: 'claim', claim: used } as const]),
        ...over.map((one) => ({ kind: 'certificate-deleted', fingerprint: one }) as const),
      ];
      return {
        changes,
        apply: () => {
          certificates.put(row);
          if (used !== undefined) claims.put(used);
          for (const one of over) certificates.remove(one);
        },
      };
    });
    log.info('A device was given a certificate', { device: row.device, serial, claim: from.id });
    return row;
  }

  /** Certificates of this device that can neither be used nor renewed, and need not be listed as revoked. */
  #outdated(device: string, nowMs: number): string[] {
    return this.#ports.certificates
      .ofDevice(device)
      .filter(({ notAfterMs }) => notAfterMs + this.#terms.lateMs < nowMs)
      .map(({ fingerprint }) => fingerprint);
  }

  #compareHardware({ device, facts: before }: CertificateRow, facts: BoardFacts | undefined): void {
    if (before?.hardware === undefined || facts?.hardware === undefined || before.hardware === facts.hardware)
      return;
    this.#ports.events.tell(device, {
      kind: 'device.hardware-changed',
      severity: 'warning',
      message: `${device} renews its certificate on other hardware than it was enrolled on: its disk was moved or copied.`,
      data: { remedy: 'If the disk was not moved, revoke the device and look for the copy.' },
    });
  }

  /** Never in the audit log, which is kept for ever: whoever has an address could fill it. */
  #refused({ error, victim }: Refusal, address: string): GoshawkError {
    const { code, message } = error;
    this.#refusals.warn(`enrolment ${code}`, 'A request for a certificate was refused', {
      code,
      message,
      address,
    });
    if (victim !== undefined && this.#ports.isKnown(victim))
      this.#ports.events.tell(victim, {
        kind: 'device.name-asked',
        severity: 'warning',
        message: `A request from ${address} for a certificate with the name ${victim} was refused.`,
        data: { address },
      });
    return error;
  }
}

export function infoOf(row: CertificateRow): CertificateInfo {
  const { serial, device, board, claim, issuedMs, notAfterMs, revokedMs, reason } = row;
  return {
    ...{ serial, device, claim, issuedMs, notAfterMs },
    ...defined({ board, revokedMs, reason }),
  };
}

function rejected(): RefusedError {
  return new RefusedError(
    'enrolment-rejected',
    'A person refused this device.',
    'Ask an admin of the fleet.',
  );
}

function revokedOf(rows: readonly CertificateRow[]): number {
  return rows.filter(({ revokedMs }) => revokedMs !== undefined).length;
}

function changed(device: string): RefusedError {
  return new RefusedError(
    'enrolment-changed',
    `The record of ${device} changed while its certificate was signed.`,
    'Check it again: goshawk enrolment list. The device retries automatically.',
  );
}
