import { join } from 'node:path';
import { DeviceRegistryClient } from '../../../adapters/downloads/index.ts';
import { type AgentEvent, damagedModelEvent } from '../../../agent/index.ts';
import type { Clock, Log } from '../../../base/index.ts';
import type { AgentSettings } from '../../settings/agent.ts';
import { DeviceModels } from '../device-models.ts';
import type { DeviceMembership } from '../membership.ts';
import type { SealedModels } from '../sealed-models.ts';
import { fetchTimes } from './fetch-times.ts';
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
  const peers = artifacts.peers.map(
    (url) => new DeviceRegistryClient({ url, identity, answerMs: 5_000, peer: true }),
  );
  return new DeviceModels(join(dataDir, 'models'), {
    source: (model, signal) => chooser.choose(model, signal),
    ...fetchTimes(artifacts, { device, clock, log }),
    ...(peers.length === 0 ? {} : { peers: new Peers(peers, { log, nowMs: () => clock.monotonicMs() }) }),
    onDamage: (damaged) => void reportEvent(damagedModelEvent(damaged)),
    ...{ log, sealed },
  });
}

function hostOf(url: string | undefined): readonly string[] {
  return url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : [];
}
