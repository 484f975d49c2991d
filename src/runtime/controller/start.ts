import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { aesSecretBox, nodeSecrets } from '../../adapters/crypto/index.ts';
import { FleetServer, type Health } from '../../adapters/fastify/index.ts';
import { FleetMetrics, ProcessMetrics } from '../../adapters/prometheus/index.ts';
import { type Clock, defined, InputError, type Log } from '../../base/index.ts';
import {
  defaultRetention,
  FleetController,
  type FleetLimits,
  type Retention,
} from '../../controller/index.ts';
import { controllerId } from '../../protocol/index.ts';
import { openAlertChannels } from '../settings/alert-channels.ts';
import { brokerConnector, pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { openOtlp } from '../telemetry.ts';
import { goshawkVersion } from '../version.ts';
import { inDatabase, openArtifacts } from './artifacts.ts';
import { finishRestore } from './backup/replace.ts';
import { openStore, type TurnHooks } from './database.ts';
import { openEnrolment } from './enrolment.ts';
import { expiryOf } from './own-certificates.ts';
import { peopleSetup } from './people.ts';
import { RegistryReferences } from './reference-answers.ts';
import { rolesOf } from './roles.ts';
import { ensureSecretKey } from './secret-key.ts';
import { openTrust } from './trust.ts';

export interface RunningController {
  readonly controller: FleetController;
  /** Where the API and the dashboard are. */
  readonly url: string;
  /** Where devices are let in. */
  readonly devicesUrl?: string;
  readonly health: () => Health;
  close(): Promise<void>;
}

/** Name of the controller at the broker; the access list of docs/brokers.md knows it. */
export const controllerClientId = controllerId;

/** Start order: database, broker connection, controller, HTTP; closed the other way round. */
export async function startController(
  settings: ControllerSettings,
  given: { readonly clock: Clock; readonly log: Log; readonly process?: ProcessMetrics },
  hooks: TurnHooks = {},
): Promise<RunningController> {
  let metrics: FleetMetrics | undefined;
  const otlp = await openOtlp(settings.telemetry.otlp, {
    ...{ ...given, program: 'controller', instance: hostname() },
    metrics: async () => (await metrics?.shown()) ?? [],
  });
  const { process = new ProcessMetrics(goshawkVersion()) } = given;
  const ports = { clock: given.clock, log: otlp?.logged(given.log) ?? given.log };
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
  if (await finishRestore(settings.dataDir)) ports.log.info('A restore that was cut short is finished');
  const connect = await brokerConnector(settings.broker, controllerClientId, ports);
  const tls = await serverTls(settings);
  const alertChannels = await openAlertChannels(settings, ports);
  const artifacts = await openArtifacts(settings, ports.clock);
  const opened = await openStore(settings, hooks);
  // Keys are made by who leads: two that start together in one folder would each make their own.
  const opening = openKeys(settings, ports).then(async (keys) => {
    const { ports: before } = artifacts;
    const { shared } = opened;
    return {
      ...keys,
      registry: shared ? await inDatabase(before, shared.repositories, settings.dataDir) : before,
    };
  });
  const { secretBox, enrolment, trust, registry } = await opening.catch(async (error: unknown) => {
    await opened.store.close();
    throw error;
  });
  const store = process.work.measured(opened.store);
  const shared = rolesOf(settings).shared ? opened.shared : undefined;
  const controller = new FleetController(
    {
      transport: connect(),
      store,
      ...registry,
      references: new RegistryReferences(registry.artifacts.blobs),
      secrets: nodeSecrets,
      secretBox,
      alertChannels: alertChannels.channels,
      trust,
      ...defined({ people: await peopleSetup(settings), ingested: shared, channel: shared }),
      ...ports,
      ...(enrolment && { enrolment: enrolment.setup }),
      ...(otlp && { onOrder: (order) => otlp.order(order, true) }),
    },
    {
      ...limitsOf(settings),
      ...artifacts.options,
      usualRules: true,
      ...reachedAt(settings),
    },
  );
  metrics = new FleetMetrics(controller, {
    process,
    certificates: await expiryOf(settings),
  });
  const server = new FleetServer(
    { controller, metrics, ...ports },
    {
      host: settings.http.host,
      port: settings.http.port,
      dashboard: fileURLToPath(new URL('../../../dashboard', import.meta.url)),
      docs: fileURLToPath(new URL('../../../docs', import.meta.url)),
      ...defined({ publicUrl: settings.http.publicUrl, map: settings.http.map }),
      version: goshawkVersion(),
      requestsPerToken: settings.quotas.requestsPerToken,
      ...defined({ tls, provider: settings.people?.name }),
    },
  );
  const stop = async () => {
    await controller.close();
    await alertChannels.close();
    await otlp?.close();
  };
  await controller.start().catch(async (error: unknown) => {
    await store.close();
    await alertChannels.close();
    throw error;
  });
  const url = await server.listen().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const devices = await enrolment?.listen(controller).catch(async (error: unknown) => {
    await server.close();
    await stop();
    throw error;
  });
  ports.log.info('The controller listens', { url });
  await shared?.announce(innerUrl(settings, url));
  return {
    controller,
    url,
    health: () => server.health(),
    ...(devices === undefined ? {} : { devicesUrl: devices.url }),
    async close() {
      await devices?.close();
      await server.close();
      await stop();
    },
  };
}

async function openKeys(settings: ControllerSettings, ports: { readonly clock: Clock; readonly log: Log }) {
  return {
    secretBox: aesSecretBox(await ensureSecretKey(settings.dataDir)),
    enrolment: await openEnrolment(settings, ports),
    trust: await openTrust(settings, ports.log),
  };
}

/** Where people reach the dashboard. Without `publicUrl` on this machine alone, and at a port of chance nowhere. */
function reachedAt({ http }: ControllerSettings): { readonly publicUrl?: string } {
  if (http.publicUrl !== undefined) return { publicUrl: http.publicUrl };
  if (http.port === 0) return {};
  return { publicUrl: `${http.certFile === undefined ? 'http' : 'https'}://127.0.0.1:${http.port}` };
}

/** Where other processes of the fleet reach this one. */
function innerUrl({ http }: ControllerSettings, url: string): string {
  if (http.innerUrl !== undefined) return http.innerUrl;
  if (!['0.0.0.0', '::'].includes(http.host)) return url;
  const { protocol, port } = new URL(url);
  return `${protocol}//${hostname()}:${port}`;
}

export async function serverTls({ http }: Pick<ControllerSettings, 'http'>) {
  if (http.certFile === undefined && http.keyFile === undefined) return undefined;
  if (http.certFile === undefined || http.keyFile === undefined) {
    throw new InputError(
      'settings-invalid',
      'http: certFile and keyFile belong together.',
      'Give both or none of them.',
    );
  }
  return { cert: await pem(http.certFile), key: await pem(http.keyFile) };
}

/** What can change while the controller runs. */
export function limitsOf(settings: ControllerSettings): FleetLimits {
  return {
    retention: retentionOf(settings),
    quotas: settings.quotas,
    falseDiscoveryRate: settings.drift.falseDiscoveryRate,
  };
}

function retentionOf({ retention }: ControllerSettings): Retention {
  const hour = 3_600_000;
  const share = (tier: 'raw' | 'minute' | 'hour') =>
    Math.round((retention.maxBytes * defaultRetention[tier].maxBytes) / allDefaultBytes);
  return {
    raw: { maxAgeMs: retention.rawHours * hour, maxBytes: share('raw') },
    minute: { maxAgeMs: retention.minuteDays * 24 * hour, maxBytes: share('minute') },
    hour: { maxAgeMs: retention.hourDays * 24 * hour, maxBytes: share('hour') },
    events: { ...defaultRetention.events, maxAgeMs: retention.eventDays * 24 * hour },
    drift: { ...defaultRetention.drift, maxAgeMs: retention.eventDays * 24 * hour },
    alerts: { ...defaultRetention.alerts, maxAgeMs: retention.eventDays * 24 * hour },
  };
}

const allDefaultBytes =
  defaultRetention.raw.maxBytes + defaultRetention.minute.maxBytes + defaultRetention.hour.maxBytes;
