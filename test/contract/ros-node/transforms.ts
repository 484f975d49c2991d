import { expect } from 'vitest';
import { TfListener } from '../../../src/adapters/ros2/index.ts';
import { CdrWriter, qosProfiles, writeTransforms } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { type RosScene, until } from './scene.ts';

/** Transforms. */
export function transformPromises({ closing, contract, join }: RosScene): void {
  contract('hears of tf what moves, and what is static from before it listened', async (graph) => {
    const robot = await join(graph, 'robot');
    const link = (parent: string, child: string, stampNs: bigint, x: number) => ({
      ...{ parent, child, stampNs, translation: { x, y: 0, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } },
    });
    robot
      .advertise('/tf_static', 'tf2_msgs/msg/TFMessage', { ...qosProfiles.tfStatic, depth: 1 })
      .publish(writeTransforms(new CdrWriter(), [link('base', 'cam', 0n, 0.5)]));
    const moving = robot.advertise('/tf', 'tf2_msgs/msg/TFMessage', qosProfiles.tf);
    const listener = new TfListener(await join(graph, 'goshawk'), new RecordingLog());
    listener.open();
    closing.push(() => listener.close());
    await until(() => moving.subscribers() === 1);
    for (const [stampNs, x] of [
      [1_000n, 1],
      [2_000n, 3],
    ] as const)
      moving.publish(writeTransforms(new CdrWriter(), [link('odom', 'base', stampNs, x)]));
    await until(() => 'transform' in listener.lookup('odom', 'cam', 1_500n, 0n));
    expect(listener.lookup('odom', 'cam', 1_500n, 0n)).toMatchObject({
      transform: { translation: { x: 2.5 } },
    });
  });
}
