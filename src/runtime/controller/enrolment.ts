import { hostname } from 'node:os';
import { join } from 'node:path';
import { DeviceServer } from '../../adapters/fastify/index.ts';
import {
  authorityExists,
  authorityFiles,
  initAuthority,
  issueOwn,
  type LocalAuthority,
  openAuthority,
} from '../../adapters/x509/index.ts';
import { type Cancel, type Clock, defined, describeError, type Log } from '../../base/index.ts';
import type {
  CertificateAuthority,
  EnrolmentSetup,
  FleetController,
  RevocationTarget,
} from '../../controller/index.ts';
import { useTokenOf } from '../authority-token.ts';
import { deviceAddresses } from '../settings/broker.ts';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { BrokerRevocations } from './broker-revocations.ts';
import { offerSignerOf } from './offer-signer.ts';
import { listenerFiles, openOutside, outsideRevocations } from './outside-authority.ts';

export interface OpenedEnrolment {
  readonly setup: EnrolmentSetup;
  listen(controller: FleetController): Promise<Listening>;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

const day = 86_400_000;
/** Of the device listener's own certificate; its key is nowhere but in memory. */
const serverDays = 30;

type DevicesSetting = NonNullable<ControllerSettings['devices']>;
interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/** Before anything is opened: an authority's key in a token wants a process that was started for it. */
export async function useAuthorityToken({ devices, dataDir }: ControllerSettings): Promise<void> {
  if (devices !== undefined && devices.outside === undefined)
    await useTokenOf(authorityFolder(devices, dataDir));
}

function authorityFolder({ authorityDir }: DevicesSetting, dataDir: string): string {
  return authorityDir ?? join(dataDir, 'ca');
}

/** What lets devices in; undefined where the settings have no `devices`. */
export async function openEnrolment(
  settings: ControllerSettings,
  ports: Ports,
): Promise<OpenedEnrolment | undefined> {
  const { devices } = settings;
  if (devices === undefined) return undefined;
  const signing = await openSigning(settings, devices, ports);
  const ca = devices.brokerCaFile === undefined ? undefined : String(await pem(devices.brokerCaFile));
  const addresses = deviceAddresses(settings);
  let port = devices.port;
  const host = () => hostOf(devices.names[0] ?? hostname(), port);
  return {
    setup: {
      authority: signing.authority,
      host,
      terms: {
        ...{ certificateMs: devices.certificateDays * day, lateMs: devices.lateRenewalDays * day },
        brokerClients: devices.brokerClients.map(({ name }) => name),
      },
      broker: { ...addresses, ...defined({ ca }) },
      target: signing.target,
      offerSigner: offerSignerOf(signing.authority),
    },
    async listen(controller) {
      const listener = await listenToDevices(
        { ...devices, engines: settings.registry.deviceEngines },
        signing.certificate,
        {
          ...ports,
          controller,
        },
      );
      port = Number(new URL(listener.url).port);
      return listener;
    },
  };
}

/** Who signs devices: an authority of this controller, or one elsewhere. */
interface Signing {
  readonly authority: CertificateAuthority;
  readonly target: RevocationTarget;
  /** Of the device listener; asked for again before it ends. */
  readonly certificate: () => Promise<{ readonly cert: string; readonly key: string }>;
}

async function openSigning(
  { dataDir, broker }: ControllerSettings,
  devices: DevicesSetting,
  ports: Ports,
): Promise<Signing> {
  const { outside, names } = devices;
  if (outside !== undefined)
    return {
      authority: await openOutside(outside, { dataDir, clock: ports.clock }),
      target: outsideRevocations,
      certificate: () => listenerFiles(outside),
    };
  const folder = authorityFolder(devices, dataDir);
  const authority = await openOrMake(folder, ports);
  return {
    authority,
    target: new BrokerRevocations({ ...ports, authority, folder, broker }),
    certificate: () =>
      issueOwn(authority, {
        ...{ use: 'server', name: (names[0] ?? 'controller').slice(0, 64), hosts: names },
        ...{ nowMs: ports.clock.wallMs(), days: serverDays },
      }),
  };
}

/** A controller that was never given an authority makes one at its first start, and says that its root is at hand. */
async function openOrMake(folder: string, { clock, log }: Ports): Promise<LocalAuthority> {
  if (!(await authorityExists(folder)))
    await initAuthority({ folder, name: `goshawk ${hostname()}`.slice(0, 48), nowMs: clock.wallMs() });
  const { authority, rootKeyHere } = await openAuthority(folder);
  if (rootKeyHere)
    log.warn(
      'The key of the root is stored beside the controller: move it to a medium that you keep elsewhere',
      {
        file: join(folder, authorityFiles.rootKey),
      },
    );
  return authority;
}

async function listenToDevices(
  { host, port, engines }: DevicesSetting & { readonly engines: boolean },
  certificate: Signing['certificate'],
  { clock, log, controller }: Ports & { controller: FleetController },
): Promise<Listening> {
  const { cert, key } = await certificate();
  const server = new DeviceServer(
    { controller, clock, log },
    {
      host,
      port,
      engines,
      tls: { cert, key },
      clientAuthorities: cert,
    },
  );
  const url = await server.listen();
  log.info('Devices can enrol', { url });
  const cancel: Cancel = clock.every((serverDays / 3) * day, () => {
    certificate().then(
      (fresh) => server.useTls(fresh),
      (error: unknown) =>
        log.error('The certificate of the device listener could not be renewed', {
          cause: describeError(error),
        }),
    );
  });
  return {
    url,
    async close() {
      cancel();
      await server.close();
    },
  };
}

function hostOf(name: string, port: number): string {
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}
