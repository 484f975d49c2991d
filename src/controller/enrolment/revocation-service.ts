import type {
  BrokerNotice,
  CertificateList,
  CertificateQuery,
  Revocation,
  RevocationAnswer,
} from '../../api/index.ts';
import { type Clock, defined, describeError, type Log, RefusedError } from '../../base/index.ts';
import type { Transport } from '../../protocol/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import { publishDeath } from '../fleet/death.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { CertificateRow } from '../store/rows.ts';
import type { CertificateAuthority } from './authority.ts';
import type { CertificateRegistry } from './certificate-registry.ts';
import { infoOf } from './enrolment-service.ts';
import { enrolmentOff } from './off.ts';

/** Port: tells the broker whom it must not let in any more. */
export interface RevocationTarget {
  /** The list of all that were revoked, PEM, whenever it changes and once a day. */
  publish(list: string): Promise<void>;
  /** Ends the connection that this device has at the broker now; `elsewhere`: not from here, but where the broker is looked after. */
  disconnect(device: string): Promise<'ended' | 'elsewhere'>;
}

export interface RevocationServicePorts {
  readonly authority: CertificateAuthority | undefined;
  readonly certificates: CertificateRegistry;
  readonly commands: CommandExecutor;
  readonly target: RevocationTarget | undefined;
  readonly bus: EventBus;
  readonly registry: DeviceRegistry;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
}

const shownCertificates = 5000;
const day = 86_400_000;
/** A broker refuses all clients once its list is too old: a controller that is down for a week must not cause that. */
const listMs = 30 * day;
/** The broker may read the list a little later than it is written: whoever slipped in before is put out again. */
const disconnectAgainMs = [3_000, 15_000, 40_000];

/** Certificates: who has one, and who has none any more. */
export class RevocationService {
  readonly #ports: RevocationServicePorts;
  #publishing: Promise<void> = Promise.resolve();
  /** The broker has an older list than it should. */
  #isBehind = false;
  /** Who was revoked meanwhile. */
  readonly #owed = new Set<string>();

  constructor(ports: RevocationServicePorts) {
    this.#ports = ports;
  }

  list({ device }: CertificateQuery, view: FleetView = wholeFleet): CertificateList {
    const { certificates } = this.#ports;
    const rows = device === undefined ? certificates.all() : certificates.ofDevice(device);
    return {
      certificates: rows
        .filter((row) => view.has(row.device))
        .sort((a, b) => b.issuedMs - a.issuedMs)
        .slice(0, shownCertificates)
        .map(infoOf),
    };
  }

  /** The device behind a certificate that a connection was made with; RefusedError `certificate-refused`. */
  authenticate(fingerprint: string | undefined): CertificateRow {
    const row = fingerprint === undefined ? undefined : this.#ports.certificates.get(fingerprint);
    if (row !== undefined && this.isGood(fingerprint)) return row;
    throw new RefusedError(
      'certificate-refused',
      row === undefined
        ? 'The device connected without a certificate of this fleet.'
        : `The certificate of ${row.device} ${row.revokedMs === undefined ? 'has ended' : 'was revoked'}.`,
      row?.revokedMs === undefined ? 'Renew it: the agent does so automatically.' : 'Enrol the device again.',
    );
  }

  /** Given by this controller, neither revoked nor over. */
  isGood(fingerprint: string | undefined): boolean {
    const row = fingerprint === undefined ? undefined : this.#ports.certificates.get(fingerprint);
    return row !== undefined && row.revokedMs === undefined && this.#ports.clock.wallMs() < row.notAfterMs;
  }

  /** What a broker asks that looks certificates up: one that is not of a device is not revoked. */
  isRevoked(fingerprint: string): boolean {
    return this.#ports.certificates.get(fingerprint)?.revokedMs !== undefined;
  }

  /**
   * At once for downloads and renewals; for the broker within a minute where the answer says that it was told. Given again
   * for a device that has only revoked ones, the broker is told again.
   */
  async revoke(caller: Caller, device: string, { reason }: Revocation): Promise<RevocationAnswer> {
    const { certificates, commands, clock, authority } = this.#ports;
    if (authority === undefined) throw enrolmentOff();
    const revoked = await commands.execute(caller, 'device.revoked', device, { reason }, () => {
      const given = certificates.ofDevice(device);
      if (given.length === 0)
        throw new RefusedError(
          'nothing-to-revoke',
          `${device} has no certificate from this controller.`,
          'List them with goshawk certificate list. Revoke one that was made elsewhere there, and in the list of the broker.',
        );
      const rows = given
        .filter(({ revokedMs }) => revokedMs === undefined)
        .map((row) => ({ ...row, revokedMs: clock.wallMs(), ...defined({ reason }) }));
      return {
        changes: rows.map((certificate) => ({ kind: 'certificate', certificate }) as const),
        apply: () => {
          for (const row of rows) certificates.put(row);
          return rows.length;
        },
      };
    });
    await this.publish();
    await this.#ports.bus.settle('certificatesRevoked');
    return { revoked, broker: await this.#putOut(device) };
  }

  /** Writes the list for the broker; called at the start, after each revocation and once a day. */
  publish(): Promise<void> {
    this.#publishing = this.#publishing.then(() => this.#publish());
    return this.#publishing;
  }

  /** Where the list could not be written: called every minute. Who came back by the old one is put out again. */
  async publishAgain(): Promise<void> {
    if (!this.#isBehind) return;
    await this.publish();
    if (this.#isBehind) return;
    const owed = [...this.#owed];
    this.#owed.clear();
    await Promise.all(owed.map((device) => this.#putOut(device)));
  }

  async #publish(): Promise<void> {
    const { authority, certificates, target, clock, log } = this.#ports;
    if (authority?.revocationList === undefined || target === undefined) return;
    const nowMs = clock.wallMs();
    try {
      const times = { nowMs: nowMs - 3_600_000, nextMs: nowMs + listMs };
      await target.publish(await authority.revocationList(certificates.revoked(nowMs), times));
      this.#isBehind = false;
    } catch (error) {
      this.#isBehind = true;
      log.error('The list of revoked certificates could not be written: it is tried again every minute', {
        cause: describeError(error),
      });
    }
  }

  async #putOut(device: string): Promise<BrokerNotice> {
    const { clock } = this.#ports;
    if (this.#isBehind) this.#owed.add(device);
    const ended = await this.#disconnect(device);
    if (ended !== 'elsewhere')
      for (const delayMs of disconnectAgainMs) clock.after(delayMs, () => void this.#disconnect(device));
    return this.#isBehind ? 'failed' : ended;
  }

  async #disconnect(device: string): Promise<BrokerNotice> {
    const { target, certificates, registry, transport, log } = this.#ports;
    // It may have been let in again meanwhile.
    if (certificates.ofDevice(device).some(({ revokedMs }) => revokedMs === undefined)) return 'told';
    try {
      if ((await target?.disconnect(device)) !== 'ended') {
        log.warn('The controller cannot disconnect a revoked device from the broker', {
          device,
          remedy: 'Remove it at the broker: its password, or its entry in the list of the other authority.',
        });
        return 'elsewhere';
      }
      // Brokers differ in whether the will of a connection that was taken over is sent: the controller says it itself.
      const session = registry.get(device)?.birth?.session;
      if (session !== undefined) await publishDeath(transport, device, session);
      return 'told';
    } catch (error) {
      log.warn('A revoked device could not be disconnected from the broker', {
        device,
        cause: describeError(error),
      });
      return 'failed';
    }
  }
}
