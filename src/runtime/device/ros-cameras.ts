import type { DeviceAgent, PrivacyRule } from '../../agent/index.ts';
import type { DetectionSink, Pipeline } from '../../perception/index.ts';
import { manage } from '../ros/manage.ts';
import { serveRosSnapshots } from '../ros/model-control.ts';
import type { RosLink } from '../ros/ros-link.ts';
import type { AgentSettings } from '../settings/agent.ts';
import type { ManagedCameras } from './managed-cameras.ts';
import type { RosModels } from './ros-models.ts';
import {
  graphPicture,
  privateSnapshot,
  type Reload,
  rosSynchronized,
  serveRosAgent,
} from './ros-services.ts';

interface GraphPorts {
  readonly ros: RosLink;
  readonly privacy: PrivacyRule;
  /** Once there is one. */
  readonly agent: () => DeviceAgent | undefined;
}

/** What the ROS graph gets of each result. `published`: cameras that are nodes of the graph. */
export async function rosSinks(
  settings: Pick<AgentSettings, 'cameras' | 'ros'>,
  published: readonly string[],
  { ros, privacy, agent }: GraphPorts,
): Promise<DetectionSink[]> {
  const sync = await rosSynchronized(ros, settings.ros?.sync, Object.keys(settings.cameras));
  if (published.length === 0) return sync;
  const snapshots = await serveRosSnapshots(ros, published, privateSnapshot(privacy));
  const sinks = await ros.sinks(published, graphPicture(privacy), () => agent()?.faults);
  return [...sinks, snapshots, ...sync];
}

/** Lets the ROS graph set the cameras, choose models and start and stop what it manages. */
export async function manageRosCameras(
  pipeline: Pipeline,
  published: readonly string[],
  {
    ros,
    managed,
    autoActivate,
    choice,
    reload,
  }: GraphPorts & {
    readonly managed: ManagedCameras;
    readonly autoActivate: boolean;
    readonly choice: RosModels;
    readonly reload: () => Reload | undefined;
  },
): Promise<void> {
  if (published.length === 0) return;
  await ros.control(pipeline, published);
  await serveRosAgent(ros, choice, reload);
  managed.restAll(pipeline);
  await manage(ros, managed.work(pipeline), autoActivate);
}
