import { join } from 'node:path';
import { nodeTrustCrypto } from '../../adapters/crypto/index.ts';
import { MetadataFolder, writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { type DownloadIdentity, HttpMetadataSource } from '../../adapters/oci/index.ts';
import { TimeSync } from '../../adapters/system/index.ts';
import { type BundleName, OpenTrustGate, SignedTrustGate, type TrustGate } from '../../agent/index.ts';
import { type Clock, defined, describeError, encodeUtf8, type Log, MissingError } from '../../base/index.ts';
import type { DesiredModel, TrustReport } from '../../protocol/index.ts';
import {
  type DeviceFacts,
  type MetadataSource,
  maxAnchorBytes,
  parseAnchor,
  type TrustAnchor,
} from '../../trust/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { anchorFile, deviceTrustFolder, rootOf } from './trust-root.ts';

export interface DeviceTrustPorts {
  readonly clock: Clock;
  /** NTP keeps the system clock; default: as this machine says. */
  readonly isSynchronised?: () => boolean;
  readonly log: Log;
  readonly facts: DeviceFacts;
  /** What runs now, and what the next start would bring up. */
  readonly running: () => Promise<readonly BundleName[]>;
  /** Address of the controller, where the device is a member; asked for each time. */
  readonly controller: () => string | undefined;
  readonly token?: string | undefined;
  readonly identity: () => DownloadIdentity | undefined;
}

type TrustSettings = Pick<AgentSettings, 'trust' | 'dataDir'> & { readonly device: string };

/**
 * Whom this device trusts: a root that its settings name or that it got when it was let into the fleet, else nobody, which
 * it says. A root that it got once stays.
 */
export class DeviceTrust implements TrustGate {
  readonly #settings: TrustSettings;
  readonly #ports: DeviceTrustPorts;
  #gate: TrustGate = new OpenTrustGate('unsigned');

  private constructor(settings: TrustSettings, ports: DeviceTrustPorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  static async open(settings: TrustSettings, ports: DeviceTrustPorts): Promise<DeviceTrust> {
    const sync = new TimeSync();
    if (ports.isSynchronised === undefined) await sync.refresh();
    const trust = new DeviceTrust(settings, { isSynchronised: sync.isSynchronised, ...ports });
    const { mode } = settings.trust;
    if (mode === 'insecure') {
      ports.log.warn('INSECURE: this device runs unsigned models and follows unsigned orders (trust.mode)');
      trust.#gate = new OpenTrustGate('insecure');
      return trust;
    }
    const anchor = await rootOf(settings);
    if (anchor !== undefined) trust.#gate = await trust.#signed(anchor);
    else
      ports.log.warn('This device has no root: it runs every ordered model', {
        remedy: 'Put the root of the fleet on it (trust.rootFile), docs/trust.md.',
      });
    return trust;
  }

  /** The roots that came when the device was let in; those that it has stay. */
  async adopt(told: unknown): Promise<void> {
    if (this.#gate.signed || this.#gate.report().mode === 'insecure' || told === undefined) return;
    const { log, clock } = this.#ports;
    try {
      const bytes = encodeUtf8(JSON.stringify(told));
      if (bytes.byteLength > maxAnchorBytes) throw new RangeError('it is too long');
      const gate = await this.#signed(parseAnchor(bytes));
      // Before the root is kept: else the next start would find nothing that it may run.
      for (const bundle of await this.#ports.running()) await gate.tolerate(bundle);
      // From here on nothing is obeyed that is not signed, whatever runs, and whatever the disk says to the root.
      this.#gate = gate;
      await writeFileAtomic(join(this.#folder, anchorFile), bytes, { mode: 0o600, folderMode: 0o700 });
      log.info('This device runs only what the owner of its fleet signed', { sinceMs: clock.wallMs() });
    } catch (error) {
      const reason = describeError(error);
      if (this.#gate.signed) {
        log.error(
          'The root is active, but the disk does not store it; the agent fetches it again at the next start',
          {
            reason,
          },
        );
        return;
      }
      this.#gate = new OpenTrustGate('unsigned', `The root of the fleet is not taken: ${reason}`);
      log.error('The root that came with the membership is not taken', { reason });
    }
  }

  get signed(): boolean {
    return this.#gate.signed;
  }

  get authority(): string | undefined {
    return this.#gate.authority;
  }

  openOrder(payload: Uint8Array): ReturnType<TrustGate['openOrder']> {
    return this.#gate.openOrder(payload);
  }

  openCall(payload: Uint8Array): ReturnType<TrustGate['openCall']> {
    return this.#gate.openCall(payload);
  }

  admit(model: DesiredModel, signal: AbortSignal): Promise<void> {
    return this.#gate.admit(model, signal);
  }

  expectAdmitted(bundle: Parameters<TrustGate['expectAdmitted']>[0]): Promise<void> {
    return this.#gate.expectAdmitted(bundle);
  }

  get stale(): boolean {
    return this.#gate.stale;
  }

  refresh(signal: AbortSignal): Promise<void> {
    return this.#gate.refresh(signal);
  }

  standing(bundle: BundleName): ReturnType<TrustGate['standing']> {
    return this.#gate.standing(bundle);
  }

  committed(model: DesiredModel): Promise<void> {
    return this.#gate.committed(model);
  }

  report(): TrustReport {
    return this.#gate.report();
  }

  get #folder(): string {
    return join(this.#settings.dataDir, deviceTrustFolder);
  }

  #signed(anchor: TrustAnchor): Promise<SignedTrustGate> {
    const { device, trust } = this.#settings;
    const { clock, log, facts, isSynchronised } = this.#ports;
    const part = (name: string, path: string) => ({
      source: this.#source(path),
      store: new MetadataFolder(join(this.#folder, name)),
    });
    return SignedTrustGate.open({
      ...{ device, anchor, clock, log },
      ...defined({ isSynchronised }),
      image: part('image', 'image'),
      director: part('director', `director/${device}`),
      ledger: new MetadataFolder(this.#folder),
      verifier: nodeTrustCrypto(),
      facts: () => facts,
      throwAway: trust.mode === 'throw-away',
      servesWithdrawn: trust.withdrawn === 'warn',
    });
  }

  /** Each root on the way: who begins with an older one on this machine follows them as this agent did. */
  async #keepRoot(path: string, file: string, bytes: Uint8Array | undefined): Promise<void> {
    if (path !== 'image' || bytes === undefined || !/^\d+\.root\.json$/.test(file)) return;
    const kept = new MetadataFolder(join(this.#folder, path));
    await kept.write(file.replace(/\.json$/, ''), bytes).catch((error: unknown) => {
      this.#ports.log.debug('A root is not kept', { error });
    });
  }

  /** From the controller that the settings name, or that let the device in: never from where an order says. */
  #source(path: string): MetadataSource {
    const { controller, token, identity } = this.#ports;
    return {
      fetch: async (file, maxBytes, signal) => {
        const base = this.#settings.trust.url ?? controller();
        if (base === undefined)
          throw new MissingError(
            'trust-address',
            'This device does not know where signed metadata is published.',
            'Give the address of the controller: trust.url in the settings of the agent.',
          );
        const source = new HttpMetadataSource(`${base.replace(/\/+$/, '')}/tuf/${path}`, { token, identity });
        const bytes = await source.fetch(file, maxBytes, signal);
        await this.#keepRoot(path, file, bytes);
        return bytes;
      },
    };
  }
}
