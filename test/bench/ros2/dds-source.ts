import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { RclnodejsNode } from '../../../device/rclnodejs/index.ts';
import type { Middleware } from '../../../native/index.ts';
import { RosFrameSource, type RosFrameSourceOptions } from '../../../src/adapters/ros2/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { qosProfiles, type RosNode } from '../../../src/ros2/index.ts';

/** Our end of the bench's camera: the node and the frame source that `goshawk run` has. `over`: cyclone, fastdds or rclnodejs. */
export async function openSource(
  domain: string,
  over: string,
  more: Pick<RosFrameSourceOptions, 'convert' | 'convertAside' | 'qos'> = {},
) {
  const clock = new SystemClock();
  const node = await openNode(domain, over);
  const source = new RosFrameSource({
    node,
    clock,
    camera: 'front',
    topic: '/camera/image_raw',
    qos: { ...qosProfiles.standard, depth: 10 },
    ...more,
  });
  return { clock, node, source };
}

async function openNode(domain: string, over: string): Promise<RosNode> {
  const variables = { ...process.env, ROS_DOMAIN_ID: domain };
  if (over === 'rclnodejs')
    return RclnodejsNode.open({
      environment: variables,
      load: () => import(process.env.GOSHAWK_RCLNODEJS ?? 'rclnodejs'),
    });
  const middleware: Middleware = over === 'fastdds' ? 'fastdds' : 'cyclone';
  const environment = rosEnvironment({ ...variables, ROS_LOCALHOST_ONLY: '1' }, middleware);
  return DdsNode.open({ middleware, environment });
}
