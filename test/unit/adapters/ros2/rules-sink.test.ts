import { describe, expect, it } from 'vitest';
import { RosRulesSink } from '../../../../src/adapters/ros2/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import { qosProfiles, readString } from '../../../../src/ros2/index.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

const result = (over: Partial<PerceptionResult> = {}): PerceptionResult => ({
  ...{ camera: 'front', sequence: 0, stampNs: 7n, frameId: 'optical', width: 8, height: 4, detections: [] },
  identity: {
    ...{ model: 'm', version: '1', digest: 'sha256:1', engine: 'none', precision: 'fp32', labels: [] },
    ...{ inputWidth: 8, inputHeight: 4 },
  },
  timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
  ...{ candidates: 0, captureToPublishMs: 0 },
  ...over,
});

const rules: PerceptionResult['rules'] = {
  zones: [{ name: 'gate', points: [[0, 0]], inside: 1, entered: 4, left: 3 }],
  lines: [{ name: 'door', points: [[0, 0]], in: 2, out: 1 }],
  events: [
    {
      ...{ kind: 'crossed', line: 'door', direction: 'in', stampNs: 5n },
      ...{ trackId: 3, label: 'car', speed: 0.5 },
    },
  ],
};

describe('A camera with zones and lines', () => {
  it('tells its counts and events as JSON while somebody subscribes, and one without has no topic', async () => {
    const graph = new FakeRosGraph();
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const other = graph.join({ namespace: '/', name: 'other' });
    const sink = new RosRulesSink({ node, cameras: ['front', 'rear'] });
    sink.publish(result({ camera: 'rear' }));
    sink.publish(result({ rules }));
    const heard: unknown[] = [];
    other.subscribe({
      ...{ topic: '/goshawk/front/rules', type: 'std_msgs/msg/String', qos: qosProfiles.standard },
      ...{ maxBytes: 1 << 20, queue: 4 },
      onMessage: ({ bytes, release }) => {
        heard.push(JSON.parse(readString(bytes)));
        release();
      },
    });
    sink.publish(result({ rules }));
    sink.publish(result({ camera: 'other', rules }));
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(heard).toEqual([
      {
        ...{ stampNs: '7', frameId: 'optical' },
        zones: [{ name: 'gate', inside: 1, entered: 4, left: 3 }],
        lines: [{ name: 'door', in: 2, out: 1 }],
        events: [expect.objectContaining({ kind: 'crossed', stampNs: '5', trackId: 3 })],
      },
    ]);
  });
});
