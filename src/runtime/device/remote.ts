import { randomBytes } from 'node:crypto';
import {
  type AddedCameras,
  type DeviceAgent,
  type EventRelay,
  RemoteCommands,
  SupportBundles,
} from '../../agent/index.ts';
import { type Clock, GoshawkError } from '../../base/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { redactSource } from '../sources/redact.ts';
import { RecentEvents } from '../support/recent-events.ts';
import { makeSupportBundle } from '../support/support-bundle.ts';
import type { AgentLog } from './agent-log.ts';
import { openCameraSetup } from './camera-setup.ts';
import type { TrialWiring } from './camera-trial.ts';
import { isSupervised, remoteRefusals, runRebootProgram } from './restarts.ts';

export interface RemoteWiring {
  readonly clock: Clock;
  readonly agent: () => DeviceAgent;
  readonly agentLog?: Pick<AgentLog, 'ring' | 'redact'>;
  readonly added?: AddedCameras;
  readonly live: TrialWiring['live'];
  readonly events: Pick<EventRelay, 'report' | 'watch'>;
  /** Ends this process, to be started again. */
  readonly endProcess: (reason: GoshawkError) => void;
}

/** What the fleet may do with this agent, as its settings say; undefined for one that is a part of another program. */
export async function openRemote(
  settings: AgentSettings & { readonly device: string },
  { clock, agent, agentLog, added = {}, live, events, endProcess }: RemoteWiring,
): Promise<RemoteCommands | undefined> {
  if (agentLog === undefined) return undefined;
  const { remote, device } = settings;
  const { ring, redact } = agentLog;
  const recent = new RecentEvents(() => clock.wallMs());
  events.watch((event) => recent.note(event));
  const bundles = new SupportBundles({
    clock,
    newId: () => randomBytes(8).toString('hex'),
    make: () =>
      makeSupportBundle({
        ...{ device, settings, redact, nowMs: () => clock.wallMs() },
        log: () => ring.lines,
        events: () => recent.list,
        report: () => agent().describe(),
      }),
  });
  return new RemoteCommands({
    ...{ clock, bundles, log: ring },
    cameras: await openCameraSetup(settings, { clock, live, added }),
    added: Object.fromEntries(
      Object.entries(added).map(([name, { source }]) => [name, redactSource(source)]),
    ),
    reportEvent: (event) => void events.report(event),
    refusals: remoteRefusals(remote, isSupervised()),
    session: () => agent().session,
    restart: async (what) => {
      if (what === 'board') return runRebootProgram(remote.rebootProgram ?? []);
      endProcess(
        new GoshawkError(
          'restart-requested',
          'The fleet asked for a restart of the agent.',
          'systemd, or the container, starts it again automatically.',
        ),
      );
    },
  });
}
