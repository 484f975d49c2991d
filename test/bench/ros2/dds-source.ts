import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import type { Middleware } from '../../../native/index.ts';
import { RosFrameSource, type RosFrameSourceOptions } from '../../../src/adapters/ros2/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { qosProfiles } from '../../../src/ros2/index.ts';

/** Our end of the bench's camera: the node and the frame source that `goshawk run` has. */
export function openSource(
  domain: string,
  over: string,
  more: Pick<RosFrameSourceOptions, 'convert' | 'convertAside' | 'qos'> = {},
) {
  const middleware: Middleware = over === 'fastdds' ? 'fastdds' : 'cyclone';
  const clock = new SystemClock();
  const node = DdsNode.open({
    middleware,
    environment: rosEnvironment(
      { ...process.env, ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' },
      middleware,
    ),
  });
  const source = new RosFrameSource({
    node,
    clock,
    camera: 'front',
    topic: '/camera/image_raw',
    qos: { ...qosProfiles.standard, depth: 10 },
    ...more,
  });
  return { middleware, clock, node, source };
}
