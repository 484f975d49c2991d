import { MissingError } from '../../../../src/base/index.ts';
import type { RosNode } from '../../../../src/ros2/index.ts';
import type { RosAdapters } from '../../../../src/runtime/ros/join-graph.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const clock = new FakeClock();
export const noDds = new MissingError('dds-not-built', 'The addon is not built.', 'Build it.');
export const noRcl = new MissingError('rclnodejs-missing', "rclnodejs can't be loaded.", 'Source ROS 2.');

/** Adapters over a graph; one that `has` an error can’t be opened. */
export function machine(
  has: { readonly dds?: unknown; readonly fastdds?: unknown; readonly rclnodejs?: unknown },
  graph = new FakeRosGraph(),
) {
  const opened: string[] = [];
  const open =
    (adapter: keyof RosAdapters) =>
    async (options: Parameters<RosAdapters['dds']>[0]): Promise<RosNode> => {
      if (has[adapter] !== undefined) throw has[adapter];
      opened.push(adapter);
      return graph.join(options.name ?? { namespace: '/', name: 'goshawk' }, options.remap);
    };
  return {
    opened,
    graph,
    adapters: { dds: open('dds'), fastdds: open('fastdds'), rclnodejs: open('rclnodejs') },
  };
}

export function link(over: Partial<ConstructorParameters<typeof RosLink>[0]>) {
  const log = new RecordingLog();
  return { log, link: new RosLink({ clock, log, environment: {}, installed: [], lookAroundMs: 0, ...over }) };
}
