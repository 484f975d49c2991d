import { type Clock, defined, type Log, toHex } from '../../base/index.ts';
import type { EngineOffer, EngineVoucher } from '../../model/index.ts';
import type { Birth, Membership, Transport } from '../../protocol/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { PeriodicTask } from '../module.ts';
import type { StoredFleet } from '../store/store.ts';
import type { TrustService } from '../trust/trust-service.ts';
import type { CertificateAuthority } from './authority.ts';
import { CertificateRegistry } from './certificate-registry.ts';
import { ClaimRegistry } from './claim-registry.ts';
import { ClaimService } from './claim-service.ts';
import { CloneDetector } from './clone-detector.ts';
import { EnrolmentService, type EnrolmentTerms } from './enrolment-service.ts';
import { enrolmentOff } from './off.ts';
import { PendingEnrolments } from './pending-enrolments.ts';
import { RevocationService, type RevocationTarget } from './revocation-service.ts';

/** What a controller needs to let devices in. */
export interface EnrolmentSetup {
  readonly authority: CertificateAuthority;
  readonly terms: EnrolmentTerms;
  /** Host and port of the device listener, as claims name it. */
  readonly host: () => string;
  /** The broker addresses that a member gets. */
  readonly broker: Membership['broker'];
  readonly target?: RevocationTarget;
  /**
   * sha256 of the certificate that vouches for a plan; RefusedError where none of this authority does. Absent: no plans are
   * taken.
   */
  readonly offerSigner?: (offer: EngineOffer, nowMs: number) => string;
}

export interface FleetEnrolmentPorts {
  readonly setup: EnrolmentSetup | undefined;
  /** Its anchor is for new members. */
  readonly trust: Pick<TrustService, 'anchorObject'> | undefined;
  readonly bus: EventBus;
  readonly registry: DeviceRegistry;
  readonly transport: Transport;
  readonly secrets: Secrets;
  readonly commands: CommandExecutor;
  readonly events: ControllerEvents;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who may be a member of the fleet: claims, devices that ask with them, their certificates, and copies of them. */
export class FleetEnrolment {
  readonly claims: ClaimService;
  readonly revocations: RevocationService;
  readonly #ports: FleetEnrolmentPorts;
  readonly #claims: ClaimRegistry;
  readonly #certificates = new CertificateRegistry();
  readonly #pending: PendingEnrolments;
  readonly #clones = new CloneDetector();
  readonly #service: EnrolmentService | undefined;

  constructor(ports: FleetEnrolmentPorts) {
    const { setup, secrets, clock, bus, registry } = ports;
    this.#ports = ports;
    this.#claims = new ClaimRegistry(secrets, clock);
    this.#pending = new PendingEnrolments(() => toHex(secrets.randomBytes(8)));
    const shared = { ...ports, certificates: this.#certificates };
    const reachedAt =
      setup === undefined ? undefined : { host: setup.host, rootHash: setup.authority.rootHash };
    this.claims = new ClaimService({ ...shared, claims: this.#claims, pending: this.#pending, reachedAt });
    this.revocations = new RevocationService({
      ...{ ...shared, authority: setup?.authority, target: setup?.target },
    });
    bus.on('deviceBorn', ({ id }, birth) => this.#born(id, birth));
    if (setup !== undefined)
      this.#service = new EnrolmentService(
        {
          ...{ ...shared, authority: setup.authority, claims: this.#claims, pending: this.#pending },
          isKnown: (device) => registry.get(device) !== undefined,
        },
        setup.terms,
      );
  }

  load({ claims, certificates }: Pick<StoredFleet, 'claims' | 'certificates'>): void {
    this.#claims.load(claims);
    this.#certificates.load(certificates);
  }

  start(): Promise<void> {
    return this.revocations.publish();
  }

  tasks(): readonly PeriodicTask[] {
    const { revocations } = this;
    return [
      { everyMs: 86_400_000, run: () => void revocations.publish() },
      { everyMs: 60_000, run: () => void revocations.publishAgain() },
    ];
  }

  /** MissingError `enrolment-off` where this controller enrols nothing. */
  get enrolments(): EnrolmentService {
    if (this.#service === undefined) throw enrolmentOff();
    return this.#service;
  }

  get isOpen(): boolean {
    return this.#service !== undefined;
  }

  /** For each device that has a certificate that is not revoked: milliseconds until its newest expires. */
  expiries(): number[] {
    const newest = new Map<string, number>();
    for (const { device, notAfterMs, revokedMs } of this.#certificates.all())
      if (revokedMs === undefined) newest.set(device, Math.max(notAfterMs, newest.get(device) ?? 0));
    const nowMs = this.#ports.clock.wallMs();
    return [...newest.values()].map((notAfterMs) => notAfterMs - nowMs);
  }

  /** The answer to the member with this certificate. */
  membership(fingerprint: string | undefined): Membership {
    const { setup } = this.#ports;
    if (setup === undefined) throw enrolmentOff();
    const { device, groups } = this.revocations.authenticate(fingerprint);
    const trust = this.#ports.trust?.anchorObject();
    return { device, groups: [...groups], broker: setup.broker, ...defined({ trust }) };
  }

  /** The state of another member's certificate, which a member asks for before it takes that member's plan. */
  voucher(fingerprint: string | undefined, of: string): { readonly good: boolean } {
    this.revocations.authenticate(fingerprint);
    return { good: this.revocations.isGood(of) };
  }

  /** The member that vouches for a plan. RefusedError without a currently valid certificate. */
  vouchedBy(offer: EngineOffer): EngineVoucher {
    const { setup, clock } = this.#ports;
    const certificate = setup?.offerSigner?.(offer, clock.wallMs());
    const { device, fingerprint } = this.revocations.authenticate(certificate);
    return { device, certificate: fingerprint };
  }

  #born(device: string, birth: Birth): void {
    const { clock, events } = this.#ports;
    const clone = this.#clones.born(device, birth, clock.monotonicMs());
    if (clone === undefined) return;
    events.tell(device, {
      kind: 'device.cloned',
      severity: 'error',
      message: `Two agents say to be ${device} and take turns${clone.otherHardware === true ? ', on different hardware' : ''}: a disk was copied.`,
      data: {
        sessions: clone.sessions,
        ...defined({ otherHardware: clone.otherHardware }),
        remedy: 'Revoke the device, and enrol each board again: every board needs its own key.',
      },
    });
  }

  forgetDevice(device: string): void {
    this.#clones.forget(device);
  }
}
