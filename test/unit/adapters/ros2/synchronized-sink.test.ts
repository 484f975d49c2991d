import { describe, expect, it } from 'vitest';
import { RosSynchronizedSink } from '../../../../src/adapters/ros2/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import { CdrReader, qosProfiles } from '../../../../src/ros2/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

const result = (camera: string, stampMs: number) =>
  ({
    ...{ camera, stampNs: BigInt(stampMs) * 1_000_000n, frameId: `${camera}_optical` },
    detections: [{ classId: 0, label: camera, score: 0.5, box: { x1: 0, y1: 0, x2: 2, y2: 2 } }],
  }) as unknown as PerceptionResult;

/** The beginning of each message: its stamp, cameras, and of each the stamp and frame_id. */
function read(bytes: Uint8Array) {
  const reader = new CdrReader(bytes, 'goshawk_msgs/msg/SynchronizedDetections');
  const stamp = [reader.int32('sec'), reader.uint32('nanosec')];
  reader.string('frame_id');
  const cameras = Array.from({ length: reader.sequence('cameras', 4) }, () => reader.string('camera'));
  expect(reader.sequence('detections', 12)).toBe(cameras.length);
  const first = [reader.int32('sec'), reader.uint32('nanosec'), reader.string('frame_id')];
  return { stamp, cameras, first };
}

describe('~/synchronized', () => {
  it('has the cameras in the order of the settings, under the newest stamp', async () => {
    const graph = new FakeRosGraph();
    const sink = new RosSynchronizedSink({
      node: graph.join({ namespace: '/', name: 'goshawk' }),
      ...{ cameras: ['left', 'right'], slopMs: 20, queue: 4 },
    });
    const heard: ReturnType<typeof read>[] = [];
    graph.join({ namespace: '/', name: 'client' }).subscribe({
      ...{ topic: '/goshawk/synchronized', type: 'goshawk_msgs/msg/SynchronizedDetections' },
      ...{ qos: qosProfiles.standard, maxBytes: 100_000, queue: 10 },
      onMessage: ({ bytes, release }) => {
        heard.push(read(bytes));
        release();
      },
    });
    await settle();
    sink.publish(result('right', 1000));
    sink.publish(result('other', 1000));
    sink.publish(result('left', 1015));
    sink.publish(result('left', 1048));
    sink.publish(result('right', 1090));
    await settle();
    expect(heard).toEqual([
      { stamp: [1, 15_000_000], cameras: ['left', 'right'], first: [1, 15_000_000, 'left_optical'] },
    ]);
  });
});
