import { describe, expect, it } from 'vitest';
import { loadRclnodejs } from '../../device/rclnodejs/index.ts';
import { describeRosNode } from './ros-node.ts';
import { graphKinds } from './ros2-graphs.ts';

for (const kind of graphKinds) describeRosNode(kind);

describe('device/rclnodejs', () => {
  it('says what to install where ROS 2 is absent', async () => {
    const absent = () => Promise.reject(new Error("Cannot find package 'rclnodejs'"));
    await expect(loadRclnodejs(absent)).rejects.toMatchObject({ code: 'rclnodejs-missing' });
  });
});
