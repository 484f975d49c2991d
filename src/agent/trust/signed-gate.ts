import { type Clock, defined, encodeUtf8, GoshawkError, type Log, RefusedError } from '../../base/index.ts';
import type { DesiredModel, TrustReport } from '../../protocol/index.ts';
import {
  type Admission,
  admit,
  admitAgain,
  callType,
  type DeviceFacts,
  desiredOf,
  directorRepository,
  imageRepository,
  type KeptTime,
  MetadataClient,
  type MetadataSource,
  type MetadataStore,
  openSignedPayload,
  openTrusted,
  orderType,
  parseCall,
  parseSignedPayload,
  type Root,
  signersIdOf,
  type TargetFile,
  type TrustAnchor,
  type TrustCrypto,
  type TrustedSet,
  TrustedTime,
  type TrustLimits,
  targetPath,
  timeText,
  trustLimits,
} from '../../trust/index.ts';
import { AdmissionLedger } from './ledger.ts';
import type { BundleName, OpenedCall, OpenedOrder, TrustGate } from './ports.ts';

export interface SignedGatePorts {
  readonly device: string;
  /** What the device was flashed or enrolled with. */
  readonly anchor: TrustAnchor;
  /** What the owner has signed, and what this device is to run. */
  readonly image: { readonly source: MetadataSource; readonly store: MetadataStore };
  readonly director: { readonly source: MetadataSource; readonly store: MetadataStore };
  /** Of what was admitted here. */
  readonly ledger: MetadataStore;
  readonly verifier: TrustCrypto;
  readonly facts: () => DeviceFacts;
  readonly clock: Clock;
  /** NTP keeps the system clock; absent: nobody knows. */
  readonly isSynchronised?: () => boolean;
  readonly log: Log;
  /** A withdrawn model keeps serving, and that is reported: a choice of the device's settings. */
  readonly servesWithdrawn?: boolean;
  /** The keys are this computer's own, made for a demonstration. */
  readonly throwAway?: boolean;
  readonly limits?: TrustLimits;
}

/** Keys that are not known may come with a new root; whoever sends rubbish must not make the device ask all the time. */
const rootEveryMs = 60_000;
/** The largest desired state, in base64, with what is around it. */
const maxOrderBytes = 512 * 1024;
/** Time that passed is kept in steps of this size: a disk of flash is not written for less. */
const keepEveryMs = 600_000;

/**
 * Only what the owner signed runs here, and only what the controller says for this device (Uptane: director and image
 * repository, both).
 *
 * INVARIANTS
 * - No byte of a bundle reaches an engine unless its digest was admitted by metadata that verified on this device.
 * - Admitted models keep serving when all metadata has expired; no new one is admitted then.
 * - Of a model name nothing below the highest release that was committed is admitted, but by a signed rollback.
 */
export class SignedTrustGate implements TrustGate {
  readonly signed = true;
  readonly #ports: SignedGatePorts;
  readonly #ledger: AdmissionLedger;
  #time: TrustedTime;
  #report: TrustReport;
  /** Why what the controller says of the time is not believed. */
  #timeProblem: string | undefined;
  /** Until then what is known of withdrawals is good; undefined where nothing was fetched yet. */
  #freshUntilMs: number | undefined;
  #rootAskedMs: number | undefined;
  /** Of the newest root of the director that was seen. */
  #orderKeys: { readonly root: number; readonly authority: string } | undefined;
  /** One refresh after the other: what is on the disk never goes back. */
  #refreshing: Promise<unknown> = Promise.resolve();

  private constructor(ports: SignedGatePorts) {
    this.#ports = ports;
    this.#ledger = new AdmissionLedger(ports.ledger);
    this.#time = new TrustedTime(this.#ledger.time, ports.clock.monotonicMs());
    this.#report = { mode: ports.throwAway ? 'throw-away' : 'signed' };
  }

  /** Rejects where not even the root that the device was flashed with can be believed. */
  static async open(ports: SignedGatePorts): Promise<SignedTrustGate> {
    const gate = new SignedTrustGate(ports);
    await gate.#ledger.open();
    gate.#time = new TrustedTime(gate.#ledger.time, ports.clock.monotonicMs());
    const image = await openTrusted(gate.#repository('image'), ports.anchor.image);
    const { root } = image;
    const timestamp = await ports.image.store.read('timestamp');
    if (timestamp !== undefined && image.knowTimestamp(timestamp))
      gate.#freshUntilMs = image.timestamp?.expiresMs;
    const director = await openTrusted(gate.#repository('director'), ports.anchor.director);
    gate.#sawDirector(director.root);
    // What the owners signed counts from the first moment on.
    for (const known of [root, director.root]) gate.#time.under(known, ports.clock.monotonicMs());
    gate.#report = { ...gate.#report, root: root.version };
    return gate;
  }

  get authority(): string | undefined {
    return this.#orderKeys?.authority;
  }

  async openOrder(payload: Uint8Array): Promise<OpenedOrder> {
    const { opened, authority } = await this.#open('An order', payload, orderType, (order) =>
      desiredOf(order, this.#ports.device),
    );
    return { payload: opened, authority };
  }

  async openCall(payload: Uint8Array): Promise<OpenedCall> {
    const { opened: signed, authority } = await this.#open('A call', payload, callType, parseCall);
    return { request: encodeUtf8(signed.request), signed, authority };
  }

  /** Once more with a fresh root where it is not right by the one that is known: a new key may have come. */
  async #open<T>(
    what: string,
    payload: Uint8Array,
    type: string,
    read: (opened: Uint8Array) => T,
  ): Promise<{ readonly opened: T; readonly authority: string }> {
    if (payload.byteLength > maxOrderBytes)
      throw new RefusedError(
        'trust-order',
        `${what} of ${payload.byteLength} bytes came.`,
        'The device ignores it.',
      );
    const signed = parseSignedPayload(payload);
    if (signed === undefined)
      throw new RefusedError(
        'trust-order',
        `${what} without a signature came.`,
        'It is ignored. Find out which program publishes there; the controller must sign its orders (docs/trust.md).',
      );
    const open = async () => {
      const { root } = await openTrusted(this.#repository('director'), this.#ports.anchor.director);
      const role = root.roles.get('targets')!;
      const opened = read(openSignedPayload(signed, type, role, root.keys, this.#ports.verifier));
      return { opened, authority: this.#sawDirector(root) };
    };
    try {
      return await open();
    } catch (error) {
      if (!(await this.#freshRoot())) throw error;
      return await open();
    }
  }

  async admit(model: DesiredModel, signal: AbortSignal): Promise<void> {
    const path = targetPath(model);
    try {
      // Uptane's order: first what this device is told, then what exists.
      const director = await this.#refresh('director', signal);
      const image = await this.#refresh('image', signal);
      const admission = admit({
        digest: model.digest,
        director: await director.target(path),
        image: await image.target(path),
        device: this.#ports.facts(),
        floor: this.#ledger.floor(model.name),
      });
      await this.#take(model, admission);
      const { problem: _, ...report } = this.#report;
      this.#report = report;
    } catch (error) {
      if (error instanceof GoshawkError)
        this.#report = { ...this.#report, problem: error.message.slice(0, 2000) };
      throw error;
    }
  }

  async refresh(signal: AbortSignal): Promise<void> {
    await this.#refresh('director', signal);
    await this.#refresh('image', signal);
  }

  async standing(bundle: BundleName): Promise<'withdrawn' | 'unsigned' | undefined> {
    const admission = await this.#admittedAgain(bundle);
    if (isWithdrawn(admission)) return 'withdrawn';
    const isTolerated = this.#ledger.find(bundle.digest)?.unsigned === true;
    return isTolerated && admission?.kind !== 'admitted' ? 'unsigned' : undefined;
  }

  get stale(): boolean {
    const { clock } = this.#ports;
    const nowMs = this.#time.nowMs(clock.wallMs(), clock.monotonicMs());
    return this.#freshUntilMs !== undefined && nowMs >= this.#freshUntilMs;
  }

  async expectAdmitted(bundle: BundleName): Promise<void> {
    const known = this.#ledger.find(bundle.digest);
    const admission = await this.#admittedAgain(bundle);
    // An admitted model keeps serving, even without metadata, until its owner withdraws it.
    if (known !== undefined && (this.#ports.servesWithdrawn === true || !isWithdrawn(admission))) return;
    if (admission !== undefined) {
      if (admission.kind === 'refused') throw refusal(bundle, admission.detail, admission.why);
      // The signature was verified just now: a disk that does not keep that costs the next start the same work.
      await this.#take(bundle, admission).catch((error: unknown) => {
        this.#ports.log.warn('The admission of a model was not stored', { error });
      });
      return;
    }
    throw refusal(bundle, 'No signed metadata names it.', 'not-signed');
  }

  async committed({ name, digest }: DesiredModel): Promise<void> {
    const known = this.#ledger.find(digest);
    if (known === undefined || this.#ledger.floor(name) === known.release) return;
    // A disk that refuses says nothing against the model; this process knows its floor all the same.
    await this.#ledger.setFloor(name, known.release, this.#keptTime()).catch((error: unknown) => {
      this.#ports.log.warn('The release that this device has reached is not kept', { error });
    });
  }

  /** It runs unsigned: it continues until an order replaces it. */
  async tolerate(bundle: BundleName): Promise<void> {
    const { log } = this.#ports;
    try {
      await this.expectAdmitted(bundle);
    } catch (error) {
      log.warn('A model runs that the owner has not signed; it continues until an order replaces it', {
        ...bundle,
        error,
      });
      await this.#ledger.tolerate(bundle, this.#keptTime()).catch((refused: unknown) => {
        log.warn('The permission of this model to continue was not stored', { error: refused });
      });
    }
  }

  report(): TrustReport {
    const { clock } = this.#ports;
    const knownMs = Math.floor(Math.max(0, this.#time.nowMs(clock.wallMs(), clock.monotonicMs())));
    const problem = this.#report.problem ?? this.#timeProblem;
    return { ...this.#report, ...defined({ problem }), knownMs };
  }

  async #take(bundle: BundleName, admission: Admission): Promise<void> {
    if (admission.kind === 'refused') throw refusal(bundle, admission.detail, admission.why);
    await this.#ledger.admit(bundle, admission.release.release, this.#keptTime());
  }

  /** By what is on this disk; undefined where nothing there names it. */
  async #admittedAgain(bundle: BundleName): Promise<Admission | undefined> {
    const image = await this.#knownTarget(bundle);
    return image && admitAgain(bundle.digest, image, this.#ports.facts(), this.#ledger.floor(bundle.name));
  }

  /** What the targets on this disk, or those that it was flashed with, say; however old. */
  async #knownTarget(bundle: BundleName): Promise<TargetFile | undefined> {
    const { anchor, image } = this.#ports;
    const trusted = await openTrusted(this.#repository('image'), anchor.image);
    const found = [await image.store.read('targets'), anchor.targets].find(
      (bytes) => bytes !== undefined && trusted.knowTargets(bytes),
    );
    return found && trusted.role('targets')?.targets.get(targetPath(bundle));
  }

  #refresh(which: 'image' | 'director', signal?: AbortSignal): Promise<MetadataClient> {
    const refreshed = this.#refreshing.then(() => this.#refreshNow(which, signal));
    this.#refreshing = refreshed.catch(() => {});
    return refreshed;
  }

  async #refreshNow(which: 'image' | 'director', signal?: AbortSignal): Promise<MetadataClient> {
    const { clock, anchor } = this.#ports;
    const timeUnder = (root: Root) => {
      this.#time.under(root, clock.monotonicMs());
      return this.#time.nowMs(clock.wallMs(), clock.monotonicMs());
    };
    const client = await MetadataClient.refresh(timeUnder, this.#repository(which), anchor[which], signal);
    if (which === 'director') this.#sawDirector(client.trusted.root);
    await this.#learnTime(which, client.trusted);
    if (which === 'image') this.#sawImage(client.trusted);
    return client;
  }

  #sawImage(trusted: TrustedSet): void {
    const { root, timestamp } = trusted;
    this.#freshUntilMs = timestamp?.expiresMs;
    this.#report = {
      ...this.#report,
      root: root.version,
      targets: trusted.role('targets')?.version ?? 0,
      checkedMs: Math.max(0, Math.floor(this.#ports.clock.wallMs())),
    };
  }

  async #learnTime(which: 'image' | 'director', trusted: TrustedSet): Promise<void> {
    const { clock, isSynchronised, log } = this.#ports;
    const [wallMs, monotonicMs] = [clock.wallMs(), clock.monotonicMs()];
    const ownersMs = which === 'image' ? trusted.role('targets')?.issuedMs : undefined;
    if (ownersMs !== undefined) this.#time.ownersSaid(ownersMs, monotonicMs);
    const issuedMs = trusted.timestamp?.issuedMs;
    if (issuedMs !== undefined) {
      const wall = { ms: wallMs, synchronised: isSynchronised?.() === true };
      const believed = this.#time.controllerSaid(issuedMs, wall, monotonicMs);
      this.#timeProblem = believed ? undefined : controllerAhead(issuedMs, wallMs, wall.synchronised);
      if (!believed) log.warn('The time that the controller signed is not accepted', { issuedMs, wallMs });
    }
    const time = this.#keptTime();
    const { ms, root, stepFromMs } = this.#ledger.time;
    if (time.root === root && time.stepFromMs === stepFromMs && time.ms < ms + keepEveryMs) return;
    // A disk that refuses makes the next start learn it anew.
    await this.#ledger.keepTime(time).catch((error: unknown) => {
      log.debug('The lower bound of the time was not stored', { error });
    });
  }

  #repository(which: 'image' | 'director') {
    const { device, verifier, limits = trustLimits } = this.#ports;
    const repository = which === 'image' ? imageRepository : directorRepository(device);
    return { ...this.#ports[which], verifier, limits, repository };
  }

  /** Gives what names its keys for orders. */
  #sawDirector({ version, roles, keys }: Root): string {
    const authority = signersIdOf(roles.get('targets')!, keys, this.#ports.verifier);
    if (version >= (this.#orderKeys?.root ?? 0)) this.#orderKeys = { root: version, authority };
    return authority;
  }

  /** Whether the director's root may be a newer one now. */
  async #freshRoot(): Promise<boolean> {
    const { clock, log } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (this.#rootAskedMs !== undefined && nowMs - this.#rootAskedMs < rootEveryMs) return false;
    this.#rootAskedMs = nowMs;
    try {
      await this.#refresh('director');
    } catch (error) {
      log.debug('The root of the director is as it was', { error });
    }
    return true;
  }

  #keptTime(): KeptTime {
    return this.#time.kept(this.#ports.clock.monotonicMs());
  }
}

function isWithdrawn(admission: Admission | undefined): boolean {
  return admission?.kind === 'refused' && admission.why === 'revoked';
}

function controllerAhead(issuedMs: number, wallMs: number, synchronised: boolean): string {
  const here = synchronised
    ? `the clock of this device, which NTP keeps, says ${timeText(wallMs)}`
    : 'no other source confirms it';
  return `The controller signed at ${timeText(issuedMs)}, and ${here}: that time is not accepted. Check the clock of the controller.`;
}

function refusal({ name, version }: BundleName, detail: string, why: string): RefusedError {
  return new RefusedError(
    'trust-refused',
    `${name} ${version} is not run: ${detail} (${why})`,
    'Have the owner sign it (goshawk model sign), publish it (goshawk keys publish), then order it again.',
  );
}
