import { defined } from '../../base/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import type { InferenceListener } from '../settings/inference.ts';
import { redactSource } from '../sources/redact.ts';
import type { FramesJob, ModelJob, RosJob } from '../trials/job.ts';

/* What an agent with these settings would open; pure. */

export interface PlannedTry {
  /** `camera front`. */
  readonly name: string;
  /** In one line, without a password. */
  readonly where: string;
  readonly job: FramesJob | ModelJob | RosJob | BrokerTry | InferenceTry;
}

/** A connection is made and nothing said: a session under the device's name would end that of the agent that runs. */
export interface BrokerTry {
  readonly kind: 'broker';
  readonly url: string;
  readonly caFile?: string;
}

/** Its files are read; the port may be that of the agent that runs. */
export interface InferenceTry {
  readonly kind: 'inference';
  readonly listener: InferenceListener;
  readonly path: string;
}

export const frameWaitMs = 30_000;
const rosWaitMs = 30_000;
const rosScheme = 'ros:';

export function planTries(settings: AgentSettings): readonly PlannedTry[] {
  return [
    ...cameras(settings),
    ...ros(settings),
    ...models(settings),
    ...requests(settings),
    ...broker(settings),
  ];
}

function cameras({ cameras: all }: AgentSettings): PlannedTry[] {
  return Object.entries(all)
    .filter(([, { source }]) => !source.startsWith(rosScheme))
    .map(([name, { source, username, passwordFile, fps, seed }]) => ({
      name: `camera ${name}`,
      where: redactSource(source),
      job: {
        ...{ kind: 'frames', source, frames: 1, waitMs: frameWaitMs, fps, seed },
        ...defined({ username, passwordFile }),
      },
    }));
}

/** Topics that cameras come from, results that go there, and what listens to the robot: one middleware for all. */
function ros({ cameras: all, ros: section, updates }: AgentSettings): PlannedTry[] {
  const uses = [
    ...Object.entries(all).flatMap(([name, { source, publish }]) => [
      ...(source.startsWith(rosScheme) ? [`camera ${name}`] : []),
      ...(publish === 'ros' ? [`results of ${name}`] : []),
    ]),
    ...(section?.bridge === undefined ? [] : ['bridge']),
    ...(updates.ros || updates.rosTopic !== undefined || updates.rosLifecycle !== undefined
      ? ['updates']
      : []),
  ];
  if (uses.length === 0) return [];
  const job: RosJob = { kind: 'ros', adapter: section?.adapter ?? 'auto', waitMs: rosWaitMs };
  return [{ name: 'ROS 2', where: uses.join(', '), job }];
}

function models({ models: bundles = {}, engine, variant, isolate }: AgentSettings): PlannedTry[] {
  return Object.entries(bundles).map(([slot, bundle]) => ({
    name: `model ${slot}`,
    where: bundle,
    job: {
      ...{ kind: 'model', bundle, engine },
      ...defined({ variant }),
      ...(isolate === 'auto' ? {} : { isolate }),
    },
  }));
}

function requests({ inference: { http, grpc } }: AgentSettings): PlannedTry[] {
  return Object.entries(defined({ http, grpc })).map(([kind, listener]) => ({
    name: `requests by ${kind}`,
    where: `${listener.host}:${listener.port}`,
    job: { kind: 'inference', listener, path: `inference.${kind}` },
  }));
}

function broker({ broker: section }: AgentSettings): PlannedTry[] {
  if (section === undefined) return [];
  const { url, servers = [], caFile } = section;
  return [url, ...servers].map((one, at) => ({
    name: servers.length === 0 ? 'broker' : `broker ${at + 1}`,
    where: redactSource(one),
    job: { kind: 'broker', url: one, ...defined({ caFile }) } satisfies BrokerTry,
  }));
}
