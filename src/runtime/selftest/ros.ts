import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../adapters/system/index.ts';
import { describeError, MissingError, silentLog } from '../../base/index.ts';
import { CdrWriter, qosProfiles, type RosNode, writeDiagnostics } from '../../ros2/index.ts';
import type { RosAdapter } from '../ros/adapter-order.ts';
import { joinGraph } from '../ros/join-graph.ts';
import { absent, attempt, failed, fails, type Trial, works } from './trial.ts';

const adapters = ['dds', 'fastdds', 'rclnodejs'] as const satisfies readonly RosAdapter[];
const titles = { dds: 'Cyclone DDS', fastdds: 'Fast DDS', rclnodejs: 'rclnodejs' } as const;
const waitMs = 10_000;
const clock = new SystemClock();

/** Two nodes on this machine, and one message from one to the other, through each adapter. */
export async function tryRos(): Promise<readonly Trial[]> {
  const rows: Trial[] = [];
  for (const adapter of adapters) {
    rows.push(...(await attempt('ros2', titles[adapter], () => talk(adapter))));
  }
  return rows;
}

async function talk(adapter: (typeof adapters)[number]): Promise<Trial> {
  const name = titles[adapter];
  const nodes: RosNode[] = [];
  try {
    for (const who of ['goshawk_selftest_a', 'goshawk_selftest_b']) {
      const node = { namespace: '/', name: who };
      nodes.push(await joinGraph({ clock, adapter, log: silentLog, name: node, remap: {} }));
    }
    const [sender, receiver] = nodes as [RosNode, RosNode];
    const tookMs = await oneMessage(sender, receiver);
    return tookMs === undefined
      ? fails(
          'ros2',
          name,
          `no message in ${waitMs / 1000} s between two nodes of this machine`,
          'Look at ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, the firewall and multicast on the loopback.',
        )
      : works('ros2', name, `${sender.carrier}: a message arrived after ${tookMs.toFixed(0)} ms`, { tookMs });
  } catch (error) {
    if (error instanceof MissingError) return failed('ros2', name, error, absent);
    return fails('ros2', name, describeError(error), 'See docs/ros2.md.');
  } finally {
    for (const node of nodes) node.close();
  }
}

/** Milliseconds from joining to the first message; it is sent again until it arrives, as a sensor does. */
async function oneMessage(sender: RosNode, receiver: RosNode): Promise<number | undefined> {
  const topic = `/goshawk_selftest_${randomUUID().replaceAll('-', '_')}`;
  const type = 'diagnostic_msgs/msg/DiagnosticArray';
  const qos = qosProfiles.sensorData;
  const bytes = writeDiagnostics(new CdrWriter(), { stampNs: 0n, frameId: 'selftest' }, []);
  const publisher = sender.advertise(topic, type, qos);
  const beganMs = performance.now();
  const again = setInterval(() => publisher.publish(bytes), 50);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<number | undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), waitMs);
      receiver.subscribe({
        ...{ topic, type, qos, maxBytes: 1 << 16, queue: 4 },
        onMessage: (message) => {
          message.release();
          resolve(performance.now() - beganMs);
        },
      });
    });
  } finally {
    clearInterval(again);
    clearTimeout(timer);
  }
}
