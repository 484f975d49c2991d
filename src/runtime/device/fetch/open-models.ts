import { join } from 'node:path';
import { type DamagedBundle, readAnyBundle } from '../../../adapters/filesystem/index.ts';
import { RegistryClient } from '../../../adapters/oci/index.ts';
import { type AgentEvent, damagedModelEvent } from '../../../agent/index.ts';
import type { Clock, Log } from '../../../base/index.ts';
import type { AnyManifest } from '../../../model/index.ts';
import { DiskReserve } from '../../../platform/index.ts';
import type { AgentSettings } from '../../settings/agent.ts';
import type { ArtifactSettings } from '../../settings/artifacts.ts';
import { readSecret } from '../../settings/read.ts';
import { DeviceModels, type DeviceModelsPorts } from '../device-models.ts';
import type { DeviceMembership } from '../membership.ts';
import type { SealedModels } from '../sealed-models.ts';
import { LateRegistryEngines, PeerEngineSource } from './engine-sources.ts';
import { fetchTimes } from './fetch-times.ts';
import { FleetEngines, GivenEngines, ownEngines } from './fleet-engines.ts';
import { PeerGiving } from './peer-giving.ts';
import { Peers } from './peers.ts';
import { latestRegistry } from './registry-source.ts';

export interface OpenModelsPorts {
  readonly membership: Pick<DeviceMembership, 'downloads' | 'server' | 'isGood'>;
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  readonly sealed: SealedModels;
}

/** The models of a device, as its settings want them fetched. */
export function openModels(
  settings: AgentSettings & { readonly device: string },
  ports: OpenModelsPorts,
): DeviceModels {
  return new DeviceModels(...waysTo('models', settings, ports));
}

/** Releases of the agent, fetched as models are. */
export function openReleases(
  settings: AgentSettings & { readonly device: string },
  ports: OpenModelsPorts,
): DeviceModels<AnyManifest> {
  return new DeviceModels<AnyManifest>(...waysTo('releases', settings, ports), readAnyBundle);
}

function waysTo(
  kind: 'models' | 'releases',
  settings: AgentSettings & { readonly device: string },
  { membership, token, clock, log, reportEvent, sealed }: OpenModelsPorts,
): [folder: string, DeviceModelsPorts] {
  const { artifacts, dataDir, device } = settings;
  const identity = membership.downloads;
  const peers = peerClients(artifacts, identity);
  const folder = join(dataDir, kind);
  const reserve = new DiskReserve(folder, {
    code: 'models-disk-full',
    keptFor: 'the messages of the device',
    remedy: 'Make room on that disk, or order a smaller model.',
  });
  const ways = {
    room: (bytes: number) => reserve.expectRoom(bytes),
    source: latestRegistry(() => artifacts.registry ?? membership.server, {
      prefix: artifacts.repositoryPrefix,
      ...{ token, identity },
    }),
    ...fetchTimes(artifacts, { device, clock, log }),
    ...(peers.length === 0 ? {} : { peers: new Peers(peers, { log, nowMs: () => clock.monotonicMs() }) }),
    onDamage: (damaged: DamagedBundle) => void reportEvent(damagedModelEvent(damaged)),
    ...{ log, sealed },
  };
  return [folder, ways];
}

function peerClients(
  { peers }: Pick<ArtifactSettings, 'peers'>,
  identity: DeviceMembership['downloads'],
): RegistryClient[] {
  return peers.map((url) => new RegistryClient({ url, identity, answerMs: 5_000, peer: true }));
}

/** Plans of devices of the same kind, from peers and from the registry, where the settings want them. */
export function openFleetEngines(
  { artifacts, dataDir }: Pick<AgentSettings, 'artifacts' | 'dataDir'>,
  { membership, clock, log }: Pick<OpenModelsPorts, 'membership' | 'clock' | 'log'>,
): { readonly take: FleetEngines; readonly give?: GivenEngines } | undefined {
  const { downloads: identity } = membership;
  const { peerEngines, registryEngines, peers } = artifacts;
  if (identity === undefined) return undefined;
  const nearest = peerEngines ? peerClients({ peers }, identity).map((one) => new PeerEngineSource(one)) : [];
  const url = () => artifacts.registry ?? membership.server;
  const registry = registryEngines
    ? new LateRegistryEngines(url, identity, artifacts.repositoryPrefix)
    : undefined;
  const sources = registry === undefined ? nearest : [...nearest, registry];
  if (sources.length === 0) return undefined;
  const nowMs = () => clock.wallMs();
  const take = new FleetEngines(sources, identity, { log, nowMs, isGood: membership.isGood });
  if (registry === undefined) return { take };
  const own = ownEngines(join(dataDir, 'engines'), identity);
  // Another registry takes nothing from devices.
  const to = () => (artifacts.registry === undefined ? membership.server : undefined);
  return { take, give: new GivenEngines({ own, registry, identity, url: to, log, nowMs }) };
}

/** Gives models, and engines where the settings say so, to peers. */
export function startGiving(
  { artifacts, dataDir }: Pick<AgentSettings, 'artifacts' | 'dataDir'>,
  models: DeviceModels,
  { membership, clock, log }: Pick<OpenModelsPorts, 'membership' | 'clock' | 'log'>,
): PeerGiving | undefined {
  const { downloads: identity } = membership;
  const { peerServer, peerEngines } = artifacts;
  if (peerServer === undefined || identity === undefined) return undefined;
  const own = peerEngines ? ownEngines(join(dataDir, 'engines'), identity) : undefined;
  const files = async () => new Map([...(await models.files()), ...((await own?.files()) ?? [])]);
  return new PeerGiving(peerServer, {
    ...{ identity, files, clock, log },
    ...(own === undefined ? {} : { engine: (key: string) => own.offer(key) }),
  });
}

export async function artifactToken({ artifacts }: AgentSettings): Promise<string | undefined> {
  return artifacts.tokenFile === undefined ? undefined : readSecret(artifacts.tokenFile);
}
