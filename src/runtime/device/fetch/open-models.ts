import { join } from 'node:path';
import { DeviceRegistryClient } from '../../../adapters/downloads/index.ts';
import { type AgentEvent, damagedModelEvent } from '../../../agent/index.ts';
import type { Clock, Log } from '../../../base/index.ts';
import type { AgentSettings } from '../../settings/agent.ts';
import type { ArtifactSettings } from '../../settings/artifacts.ts';
import { DeviceModels } from '../device-models.ts';
import type { DeviceMembership } from '../membership.ts';
import type { SealedModels } from '../sealed-models.ts';
import { fetchTimes } from './fetch-times.ts';
import { ownEngines, PeerEngines } from './peer-engines.ts';
import { PeerGiving } from './peer-giving.ts';
import { Peers } from './peers.ts';
import { SourceChooser } from './source-chooser.ts';

export interface OpenModelsPorts {
  readonly membership: Pick<DeviceMembership, 'downloads' | 'server' | 'brokerUrl'>;
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  readonly sealed: SealedModels;
}

/** The models of a device, as its settings want them fetched. */
export function openModels(
  settings: AgentSettings & { readonly device: string },
  { membership, token, clock, log, reportEvent, sealed }: OpenModelsPorts,
): DeviceModels {
  const { artifacts, dataDir, device } = settings;
  const identity = membership.downloads;
  const chooser = new SourceChooser({
    registry: () => artifacts.registry ?? membership.server,
    repositoryPrefix: artifacts.repositoryPrefix,
    ...{ token, identity },
    hosts: () => hostOf(membership.brokerUrl),
  });
  const peers = peerClients(artifacts, identity);
  return new DeviceModels(join(dataDir, 'models'), {
    source: (model, signal) => chooser.choose(model, signal),
    ...fetchTimes(artifacts, { device, clock, log }),
    ...(peers.length === 0 ? {} : { peers: new Peers(peers, { log, nowMs: () => clock.monotonicMs() }) }),
    onDamage: (damaged) => void reportEvent(damagedModelEvent(damaged)),
    ...{ log, sealed },
  });
}

function peerClients(
  { peers }: Pick<ArtifactSettings, 'peers'>,
  identity: DeviceMembership['downloads'],
): DeviceRegistryClient[] {
  return peers.map((url) => new DeviceRegistryClient({ url, identity, answerMs: 5_000, peer: true }));
}

/** Plans of peers of the same kind, where the settings want them. */
export function openPeerEngines(
  { artifacts }: Pick<AgentSettings, 'artifacts'>,
  { membership, clock, log }: Pick<OpenModelsPorts, 'membership' | 'clock' | 'log'>,
): PeerEngines | undefined {
  const { downloads: identity } = membership;
  if (!artifacts.peerEngines || artifacts.peers.length === 0 || identity === undefined) return undefined;
  return new PeerEngines(peerClients(artifacts, identity), identity, { log, nowMs: () => clock.wallMs() });
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

function hostOf(url: string | undefined): readonly string[] {
  return url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : [];
}
