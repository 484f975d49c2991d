import {
  type Backoff,
  backoffMs,
  type Clock,
  counted,
  defined,
  describeError,
  type GoshawkError,
  InputError,
  type Log,
  MissingError,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import type { BoardFacts, Claim } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type {
  CertificateAnswer,
  CertificateRequest,
  EnrolmentServer,
  Identity,
  IdentityStore,
  KeyStore,
} from './ports.ts';
import { nextStep, type Step } from './schedule.ts';

export interface DeviceEnrolmentPorts {
  readonly key: KeyStore;
  readonly store: IdentityStore;
  readonly server: EnrolmentServer;
  /** Undefined while there is none; rejects where what is there is no claim. */
  readonly claim: () => Promise<Claim | undefined>;
  readonly facts: () => Promise<BoardFacts>;
  readonly reportEvent: (event: AgentEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** [0, 1) */
  readonly random: () => number;
}

export interface DeviceEnrolmentOptions {
  readonly device: string;
  readonly serial?: string;
  /** The broker stands in no settings: the controller has to name it. */
  readonly needsMembership: boolean;
  /** For every identity that can be used, also the one that lies on the disk already. */
  readonly onIdentity: (identity: Identity) => void;
}

const awayBackoff: Backoff = { firstMs: 2_000, maxMs: 300_000 };
const refusedBackoff: Backoff = { firstMs: 60_000, maxMs: 3_600_000 };
/** A server must not keep a device from asking for longer. */
const longestRetryMs = 3_600_000;
const toldSkewMs = 86_400_000;

/**
 * Makes this device a member of the fleet and keeps it one. It runs beside the cameras: a device that no one lets in
 * perceives all the same. It never ends by itself and never throws.
 */
export class DeviceEnrolment {
  readonly #ports: DeviceEnrolmentPorts;
  readonly #options: DeviceEnrolmentOptions;
  readonly #closing = new AbortController();
  readonly #spread: number;
  #identity: Identity | undefined;
  /** The disk was read: it has the identity, a damaged one, or none. */
  #loaded = false;
  #attempt = 0;
  #told = '';
  #running: Promise<void> = Promise.resolve();

  constructor(ports: DeviceEnrolmentPorts, options: DeviceEnrolmentOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#spread = ports.random();
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Reads what is on the disk, and does the rest in the background. */
  async start(): Promise<void> {
    try {
      await this.#load();
    } catch {
      // Told when it is tried again, at once.
    }
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Rejects where it may be there later: a token that keeps the key, a disk that is not mounted. */
  async #load(): Promise<void> {
    const { store, log } = this.#ports;
    try {
      this.#identity = await store.load();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      log.error('The identity of this device cannot be read; it asks for a new one', {
        reason: describeError(error),
      });
    }
    this.#loaded = true;
    if (this.#identity !== undefined) this.#use(this.#identity);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const waitMs = await this.#next();
      await sleep(this.#ports.clock, waitMs, signal);
    }
  }

  /** Does what is due; how long to wait after it. */
  async #next(): Promise<number> {
    const { clock, random } = this.#ports;
    let step: Step = { do: 'wait', forMs: 0 };
    try {
      if (!this.#loaded) await this.#load();
      step = nextStep(this.#identity, clock.wallMs(), this.#options.needsMembership, this.#spread);
      const waitMs = await this.#do(step);
      this.#attempt = 0;
      return waitMs;
    } catch (error) {
      const policy = error instanceof RefusedError ? refusedBackoff : awayBackoff;
      const waitMs = backoffMs(policy, this.#attempt++, random);
      this.#tell(step, error as GoshawkError, waitMs);
      return waitMs;
    }
  }

  async #do(step: Step): Promise<number> {
    const { server } = this.#ports;
    switch (step.do) {
      case 'wait':
        if (step.clockBehind) this.#tellClock();
        return step.forMs;
      case 'enrol':
        return this.#enrol();
      case 'renew': {
        const identity = this.#expectIdentity();
        try {
          return await this.#answered(await server.renew(identity, await this.#request()), identity);
        } catch (error) {
          // Too late, or revoked: only a claim lets it in again.
          if (error instanceof RefusedError && (await this.#ports.claim()) !== undefined)
            return this.#enrol();
          throw error;
        }
      }
      case 'ask-membership':
        await this.#askMembership(this.#expectIdentity());
        return 0;
    }
  }

  async #enrol(): Promise<number> {
    const claim = await this.#ports.claim();
    if (claim === undefined)
      throw new MissingError(
        'claim-missing',
        'The device has no claim.',
        'Put what `goshawk claim create` printed into the file that enrolment.claimFile names.',
      );
    return this.#answered(await this.#ports.server.enrol(claim, await this.#request()), undefined);
  }

  async #answered(answer: CertificateAnswer, before: Identity | undefined): Promise<number> {
    const { store, log, reportEvent } = this.#ports;
    if (answer.kind === 'pending') {
      if (this.#told !== 'pending') log.info('Waits to be approved', { device: this.#options.device });
      this.#told = 'pending';
      return Math.min(Math.max(1_000, answer.retryAfterMs), longestRetryMs);
    }
    // Asked again at once it would be the same, for ever.
    if (before !== undefined && answer.identity.notAfterMs <= before.notAfterMs)
      throw new MissingError(
        'renewal-no-later',
        'The new certificate does not expire later than the current one.',
        'Read the log of the server: it must issue a new certificate.',
      );
    this.#told = '';
    const identity: Identity = {
      ...answer.identity,
      ...(before?.membership === undefined ? {} : { membership: before.membership }),
    };
    await store.save(identity);
    this.#identity = identity;
    const notAfter = new Date(identity.notAfterMs).toISOString();
    log.info(before === undefined ? 'Enrolled' : 'The certificate was renewed', {
      device: this.#options.device,
      notAfter,
    });
    reportEvent({
      kind: before === undefined ? 'device.enrolled' : 'certificate.renewed',
      severity: 'info',
      message: `${this.#options.device} has a certificate until ${notAfter}.`,
    });
    this.#compareClock(answer.serverTimeMs);
    if (this.#options.needsMembership) await this.#askMembership(identity);
    else this.#use(identity);
    return 0;
  }

  async #askMembership(identity: Identity): Promise<void> {
    const { server, store } = this.#ports;
    const membership = await server.membership(identity);
    if (membership === undefined)
      throw new RefusedError(
        'membership-missing',
        `${identity.server} issues certificates, but names no broker.`,
        'Give the agent `broker` in its settings.',
      );
    const known = { ...identity, membership };
    await store.save(known);
    this.#identity = known;
    this.#use(known);
  }

  async #request(): Promise<CertificateRequest> {
    const { key, facts } = this.#ports;
    const { device, serial } = this.#options;
    const csr = await key.request({ device, ...defined({ serial }) });
    return { csr, facts: await facts() };
  }

  #use(identity: Identity): void {
    if (this.#options.needsMembership && identity.membership === undefined) return;
    this.#options.onIdentity(identity);
  }

  #expectIdentity(): Identity {
    if (this.#identity === undefined) throw new RangeError('no identity');
    return this.#identity;
  }

  /** Each reason once, until another comes: a device may wait for days. */
  #tell(step: Step, error: GoshawkError, waitMs: number): void {
    const reason = describeError(error);
    const key = `${step.do} ${error.code ?? reason}`;
    const fields = { reason, nextSeconds: Math.round(waitMs / 1000) };
    const message = step.do === 'renew' ? 'The certificate was not renewed yet' : 'Not enrolled yet';
    if (key === this.#told) this.#ports.log.debug(message, fields);
    else this.#ports.log.warn(message, fields);
    if (step.do === 'renew' && key !== this.#told)
      this.#ports.reportEvent({
        kind: 'certificate.not-renewed',
        severity: 'warning',
        message: `${message}: ${reason}`,
      });
    this.#told = key;
  }

  #tellClock(): void {
    if (this.#told === 'clock') return;
    this.#told = 'clock';
    this.#ports.log.warn('The clock of this device was not set yet: it is before its own certificate', {
      clock: new Date(this.#ports.clock.wallMs()).toISOString(),
    });
  }

  #compareClock(serverTimeMs: number | undefined): void {
    if (serverTimeMs === undefined) return;
    const skewMs = this.#ports.clock.wallMs() - serverTimeMs;
    if (Math.abs(skewMs) < toldSkewMs) return;
    this.#ports.reportEvent({
      kind: 'clock.wrong',
      severity: 'warning',
      message: `The clock of this device is ${counted(Math.round(Math.abs(skewMs) / 86_400_000), 'day')} ${skewMs < 0 ? 'behind' : 'ahead of'} the controller's; the broker's certificate can't be checked until it is set.`,
      data: { remedy: 'Let the device reach a time server (NTP).' },
    });
  }
}
