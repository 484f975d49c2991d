import { expect } from 'vitest';
import { RosRulesSink } from '../../../src/adapters/ros2/index.ts';
import type { PerceptionResult } from '../../../src/perception/index.ts';
import { readString } from '../../../src/ros2/index.ts';
import { identity, listen, type RosScene, until } from './scene.ts';

const result = (over: Partial<PerceptionResult> = {}): PerceptionResult => ({
  ...{ camera: 'front', sequence: 0, stampNs: 7n, frameId: 'optical', width: 8, height: 4, detections: [] },
  ...{ identity, timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 } },
  ...{ candidates: 0, captureToPublishMs: 0 },
  ...over,
});

const rules: NonNullable<PerceptionResult['rules']> = {
  zones: [{ name: 'gate', points: [[0, 0]], inside: 1, entered: 4, left: 3 }],
  lines: [{ name: 'door', points: [[0, 0]], in: 2, out: 1 }],
  events: [
    {
      ...{ kind: 'crossed', line: 'door', direction: 'in', stampNs: 5n },
      ...{ trackId: 3, label: 'car', speed: 0.5 },
    },
  ],
};

/** What zones and lines of a camera count. */
export function rulesPromises({ contract, join }: RosScene): void {
  contract(
    'tells counts and events of zones and lines as JSON while somebody subscribes, and a camera without has no topic',
    async (graph) => {
      const sink = new RosRulesSink({ node: await join(graph, 'goshawk'), cameras: ['front', 'rear'] });
      const other = await join(graph, 'other');
      const [front, rear, unknown] = ['front', 'rear', 'other'].map((camera) =>
        listen(other, `/goshawk/${camera}/rules`, 'std_msgs/msg/String'),
      ) as [Heard, Heard, Heard];
      sink.publish(result({ camera: 'rear' }));
      // It makes the topic; whether it arrives depends on how soon both sides see each other.
      sink.publish(result({ rules, stampNs: 6n }));
      await until(() => front.publishers === 1);
      const told = () =>
        front.messages.map((bytes) => JSON.parse(readString(bytes)) as { readonly stampNs: string });
      await until(() => {
        sink.publish(result({ rules }));
        sink.publish(result({ camera: 'other', rules }));
        return told().some(({ stampNs }) => stampNs === '7');
      });
      expect(told().find(({ stampNs }) => stampNs === '7')).toEqual({
        ...{ stampNs: '7', frameId: 'optical' },
        zones: [{ name: 'gate', inside: 1, entered: 4, left: 3 }],
        lines: [{ name: 'door', in: 2, out: 1 }],
        events: [expect.objectContaining({ kind: 'crossed', stampNs: '5', trackId: 3 })],
      });
      expect([rear, unknown].map(({ publishers, messages }) => [publishers, messages.length])).toEqual([
        [0, 0],
        [0, 0],
      ]);
    },
  );
}

type Heard = ReturnType<typeof listen>;
