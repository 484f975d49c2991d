import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EstServer } from '../../adapters/est/index.ts';
import { MqttjsTransport } from '../../adapters/mqttjs/index.ts';
import type { DownloadIdentity } from '../../adapters/oci/index.ts';
import { boardFacts, boardSerial, hardwareHash, machineHash } from '../../adapters/system/index.ts';
import { certificatesFrom, type IdentityFolder } from '../../adapters/x509/index.ts';
import { type AgentEvent, type CertificateFacts, DeviceEnrolment, type Identity } from '../../agent/index.ts';
import { asGoshawkError, type Clock, defined, InputError, type Log, RefusedError } from '../../base/index.ts';
import { type Claim, maxClaimBytes, parseClaim, type Transport, type Will } from '../../protocol/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { addressesOf } from '../settings/broker.ts';
import { brokerConnector, pem } from '../settings/connect.ts';
import { useToken } from '../token-provider.ts';
import { goshawkVersion } from '../version.ts';
import { certificateFacts } from './certificate.ts';
import { deviceKeys, openIdentityFolder } from './identity.ts';
import { LateTransport } from './late-transport.ts';

export interface MembershipPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => void;
  /** The roots of signed metadata, where the controller tells them; before the broker is reached. */
  readonly adopt: (trust: unknown) => Promise<void>;
}

/** How this device belongs to the fleet: by what its settings say, or by a certificate that it gets itself. */
export interface DeviceMembership {
  readonly groups: readonly string[];
  /** The controller that let the device in. */
  readonly server: string | undefined;
  /** What a download shows; undefined: nothing but the token of the settings. */
  readonly downloads: (() => DownloadIdentity | undefined) | undefined;
  /** What the controller says of another device's certificate, by its sha256; undefined where it can't say. */
  readonly isGood: (fingerprint: string) => Promise<boolean | undefined>;
  /** PEM of the key of its certificate, as soon as there is one: before the broker, the network and the claim. */
  readonly key: string | undefined;
  /** That it shows to the broker; undefined where it has none yet. */
  readonly certificate: () => CertificateFacts | undefined;
  transport(will: Will): Transport;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openMembership(
  settings: AgentSettings & { readonly device: string },
  ports: MembershipPorts,
): Promise<DeviceMembership> {
  const { enrolment, broker, device, groups } = settings;
  if (enrolment !== undefined) return EnrolledMembership.open({ ...settings, enrolment }, ports);
  if (broker === undefined)
    throw new InputError(
      'settings-invalid',
      'broker: is required.',
      'Give the agent a broker, or let it enrol.',
    );
  const connect = await brokerConnector(broker, device, ports);
  const nothing = async () => {};
  const shown = broker.certFile === undefined ? '' : String(await pem(broker.certFile));
  return {
    certificate: () => certificateFacts(shown),
    ...{ groups, downloads: undefined, transport: connect, start: nothing, close: nothing },
    server: undefined,
    isGood: async () => undefined,
    key: undefined,
  };
}

/** `device` of the settings, or a name made of the machine id: the same for the life of the installed system. */
export async function deviceName({ device }: AgentSettings): Promise<string> {
  if (device !== undefined) return device;
  const machine = await machineHash();
  if (machine !== undefined)
    return `goshawk-${createHash('sha256').update(`goshawk device\n${machine}`).digest('hex').slice(0, 12)}`;
  throw new InputError(
    'device-unnamed',
    'The settings name no device, and /etc/machine-id cannot be read to make a name of it.',
    'Give `device` in the settings of the agent.',
  );
}

/** Before anything is opened: a key in a token wants a process that was started for it. */
export async function useDeviceToken({ enrolment }: AgentSettings): Promise<void> {
  const token = enrolment?.pkcs11;
  if (token === undefined) return;
  // Before, since the library of a TPM may not see a key that was made after it was loaded. Where the token is not there
  // yet the device perceives all the same, and says so when it asks.
  await useToken(token, () =>
    deviceKeys(token)
      .prepare()
      .catch(() => undefined),
  );
}

type EnrolmentSettings = NonNullable<AgentSettings['enrolment']>;
type EnrolledSettings = AgentSettings & { readonly device: string; readonly enrolment: EnrolmentSettings };

class EnrolledMembership implements DeviceMembership {
  readonly #settings: EnrolledSettings;
  readonly #ports: MembershipPorts;
  readonly #folder: IdentityFolder;
  #server: EstServer | undefined;
  #enrolment: DeviceEnrolment | undefined;
  #transport: { readonly late: LateTransport; readonly will: Will } | undefined;
  #identity: Identity | undefined;
  #brokerCa: string | undefined;
  #key = '';

  private constructor(settings: EnrolledSettings, ports: MembershipPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#folder = openIdentityFolder(settings.dataDir, settings.enrolment, ports.log);
  }

  static async open(settings: EnrolledSettings, ports: MembershipPorts): Promise<EnrolledMembership> {
    const membership = new EnrolledMembership(settings, ports);
    await membership.#prepare();
    return membership;
  }

  get groups(): readonly string[] {
    return [...new Set([...this.#settings.groups, ...(this.#identity?.membership?.groups ?? [])])];
  }

  get server(): string | undefined {
    return this.#identity?.server;
  }

  get downloads(): () => DownloadIdentity | undefined {
    return () => {
      const identity = this.#identity;
      if (identity === undefined) return undefined;
      return { cert: identity.certificate, key: this.#key, ca: identity.authority };
    };
  }

  readonly isGood = async (fingerprint: string): Promise<boolean | undefined> => {
    if (this.#identity === undefined) return undefined;
    return this.#server?.isGood(this.#identity, fingerprint);
  };

  get key(): string | undefined {
    return this.#key === '' ? undefined : this.#key;
  }

  readonly certificate = (): CertificateFacts | undefined =>
    certificateFacts(this.#identity?.certificate ?? '');

  transport(will: Will): Transport {
    const late = new LateTransport(() => 'This device is not enrolled yet.');
    this.#transport = { late, will };
    this.#connect();
    return late;
  }

  async start(): Promise<void> {
    await this.#enrolment?.start();
  }

  async close(): Promise<void> {
    await this.#enrolment?.close();
  }

  async #prepare(): Promise<void> {
    const { enrolment, device, broker } = this.#settings;
    const { clock, log, reportEvent } = this.#ports;
    // What serves from the first frame on may be encrypted for it. Why it can't be read is told by the enrolment. A TPM
    // that hangs keeps the first frame back for as long as it gets, and no longer.
    this.#key = (await this.#folder.keyPem().catch(() => undefined)) ?? '';
    const serial = enrolment.serial ?? (await boardSerial());
    const ca = enrolment.caFile === undefined ? undefined : String(await pem(enrolment.caFile));
    if (broker?.caFile !== undefined) this.#brokerCa = String(await pem(broker.caFile));
    const server = new EstServer(
      { clock, certificatesFrom, key: async () => this.#key },
      { ...defined({ url: enrolment.url, ca }) },
    );
    this.#server = server;
    this.#enrolment = new DeviceEnrolment(
      {
        ...{ server, clock, log, reportEvent, random: Math.random, store: this.#folder },
        key: {
          request: async (subject) => {
            this.#key = await this.#folder.key.ensure();
            return this.#folder.key.request(subject);
          },
        },
        claim: () => readClaim(enrolment),
        facts: boardIdentity,
      },
      {
        device,
        ...defined({ serial }),
        needsMembership: broker === undefined,
        onIdentity: (identity) => this.#use(identity),
      },
    );
  }

  #use(identity: Identity): void {
    this.#identity = identity;
    void this.#ports.adopt(identity.membership?.trust).then(async () => {
      this.#key = (await this.#folder.keyPem()) ?? '';
      this.#connect();
    });
  }

  /** Where both are known: the broker, and the will of this session. */
  #connect(): void {
    const { clock, log } = this.#ports;
    const { device, broker } = this.#settings;
    const membership = this.#identity?.membership;
    const named = broker ?? membership?.broker;
    if (
      this.#transport === undefined ||
      this.#identity === undefined ||
      named === undefined ||
      this.#key === ''
    )
      return;
    const { late, will } = this.#transport;
    // Asked for every connection, so that a renewed certificate is used from the next one on.
    const tls = () => ({
      ca: this.#brokerCa ?? membership?.broker.ca ?? this.#identity?.authority ?? '',
      cert: this.#identity?.certificate ?? '',
      key: this.#key,
    });
    const to = { ...addressesOf(named), clientId: device, tls, will };
    late.use(new MqttjsTransport(to, { clock, log, random: Math.random }));
  }
}

/** Undefined while the file is not there or empty: it may come later, e.g. on a stick. */
async function readClaim({ claimFile, url }: EnrolmentSettings): Promise<Claim | undefined> {
  let text: string;
  try {
    text = (await readFile(claimFile, 'utf8')).slice(0, 2 * maxClaimBytes).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw asGoshawkError(error, 'claim-unreadable', `Let this user read ${claimFile}.`);
  }
  if (text === '') return undefined;
  if (url !== undefined && !text.startsWith('goshawk-claim:')) return otherClaim(url, text);
  try {
    return parseClaim(text);
  } catch (error) {
    // Asking again helps only when somebody changed the file.
    throw error instanceof InputError ? new RefusedError(error.code, error.message, error.remedy) : error;
  }
}

/** User and password of another EST server, as `user:password`. */
function otherClaim(url: string, text: string): Claim {
  const cut = text.indexOf(':');
  if (cut < 1)
    throw new RefusedError(
      'claim-form',
      'The claim for another EST server is not user:password.',
      'Write both into the file that enrolment.claimFile names.',
    );
  return { host: new URL(url).host, id: text.slice(0, cut), secret: text.slice(cut + 1), root: '' };
}

async function boardIdentity() {
  const { name, arch } = await boardFacts('/');
  const [machine, hardware] = await Promise.all([machineHash(), hardwareHash()]);
  return {
    ...{ board: name, arch, agentVersion: goshawkVersion() },
    ...defined({ machine, hardware }),
  };
}
