import { describe, expect, it } from 'vitest';
import { RosNodeResultsSink } from '../../../../src/adapters/ros2/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import type { RosNode } from '../../../../src/ros2/index.ts';
import { readDetections } from '../../../../src/ros2/index.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const box = { x1: 0, y1: 0, x2: 10, y2: 20 };

function setUp(cameras: readonly string[]) {
  const messages = new Map<string, Uint8Array[]>();
  const node = {
    advertise: (name: string, type: string) => {
      expect(type).toBe('vision_msgs/msg/Detection2DArray');
      expect(messages.has(name)).toBe(false);
      const sent: Uint8Array[] = [];
      messages.set(name, sent);
      return { publish: (message: Uint8Array) => sent.push(Uint8Array.from(message)) > 0 };
    },
  } as unknown as RosNode;
  const log = new RecordingLog();
  const sink = new RosNodeResultsSink({ node, cameras, log });
  const publish = (of: { camera?: string; node: string; further?: true }) =>
    sink.publish({
      ...{ camera: 'front', slot: 'x', stampNs: 7n, frameId: 'optical' },
      detections: [{ classId: 0, label: 'face', score: 0.5, box }],
      ...of,
    } as unknown as PerceptionResult);
  return { messages, publish, log };
}

describe('Results of further nodes', () => {
  it('have a topic of their own, with the header of their frame', () => {
    const { messages, publish } = setUp(['front']);
    publish({ node: 'second-look', further: true });
    publish({ node: 'second-look', further: true });
    expect([...messages].map(([name, sent]) => [name, sent.length])).toEqual([
      ['~/front/second_look/detections', 2],
    ]);
    const read = readDetections(messages.get('~/front/second_look/detections')![0]!);
    expect(read.header).toEqual({ stampNs: 7n, frameId: 'optical' });
    expect(read.detections[0]).toMatchObject({ hypotheses: [{ classId: 'face', score: 0.5 }] });
  });

  it('are told apart by camera, and those of the main node and of other cameras are not theirs', () => {
    const { messages, publish } = setUp(['front', 'rear']);
    publish({ node: 'detect' });
    publish({ camera: 'yard', node: 'faces', further: true });
    publish({ camera: 'rear', node: 'faces', further: true });
    expect([...messages.keys()]).toEqual(['~/rear/faces/detections']);
  });

  it('have no more topics than names can be real, of each camera, and that is told once', () => {
    const { messages, publish, log } = setUp(['front', 'rear']);
    for (let i = 0; i < 100; i++) publish({ node: `n${i}`, further: true });
    expect(messages.size).toBe(64);
    expect(log.at('warn')).toEqual([[expect.stringContaining('too many nodes'), expect.anything()]]);
    publish({ camera: 'rear', node: 'n1', further: true });
    expect([...messages.keys()].at(-1)).toBe('~/rear/n1/detections');
  });
});
