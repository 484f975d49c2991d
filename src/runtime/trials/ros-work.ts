import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../adapters/system/index.ts';
import { LimitError, silentLog } from '../../base/index.ts';
import { CdrWriter, qosProfiles, type RosNode, writeDiagnostics } from '../../ros2/index.ts';
import { joinGraph } from '../ros/join-graph.ts';
import type { RosJob, RosOutcome } from './job.ts';

const clock = new SystemClock();

/** Two nodes on this machine, and one message from one to the other. */
export async function sendMessage({ adapter, waitMs }: RosJob): Promise<RosOutcome> {
  const nodes: RosNode[] = [];
  try {
    for (const who of ['goshawk_try_a', 'goshawk_try_b']) {
      const node = { namespace: '/', name: who };
      nodes.push(await joinGraph({ clock, adapter, log: silentLog, name: node, remap: {}, lookAroundMs: 0 }));
    }
    const [sender, receiver] = nodes as [RosNode, RosNode];
    return { carrier: sender.carrier, tookMs: await oneMessage(sender, receiver, waitMs) };
  } finally {
    for (const node of nodes) node.close();
  }
}

/** Milliseconds from joining to the first message; it is sent again until it arrives, as a sensor does. */
async function oneMessage(sender: RosNode, receiver: RosNode, waitMs: number): Promise<number> {
  const topic = `/goshawk_try_${randomUUID().replaceAll('-', '_')}`;
  const type = 'diagnostic_msgs/msg/DiagnosticArray';
  const qos = qosProfiles.sensorData;
  const bytes = writeDiagnostics(new CdrWriter(), { stampNs: 0n, frameId: 'try' }, []);
  const publisher = sender.advertise(topic, type, qos);
  const beganMs = performance.now();
  const again = setInterval(() => publisher.publish(bytes), 50);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      timer = setTimeout(() => reject(noMessage(sender.carrier, waitMs)), waitMs);
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

function noMessage(carrier: string, waitMs: number): LimitError {
  return new LimitError(
    'trial-ros-silent',
    `${carrier}: no message in ${waitMs / 1000} s between two nodes of this machine.`,
    'Check the firewall, and that a network interface of this machine is up.',
  );
}
