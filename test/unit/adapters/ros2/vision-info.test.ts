import { describe, expect, it } from 'vitest';
import { RosVisionInfoSink } from '../../../../src/adapters/ros2/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import { type MessageType, qosProfiles, readLabelInfo, readVisionInfo } from '../../../../src/ros2/index.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { identity } from '../../perception/fakes.ts';

const soon = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('What results mean', () => {
  const setUp = (cameras = ['front']) => {
    const graph = new FakeRosGraph();
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    let threshold: number | undefined = 0.25;
    const sink = new RosVisionInfoSink({ node, cameras, threshold: () => threshold });
    const publish = async (over: Partial<PerceptionResult> = {}) => {
      const result = { camera: 'front', stampNs: 5n, frameId: 'optical', identity: identity(), ...over };
      sink.publish(result as PerceptionResult);
      await soon();
    };
    /** Who comes later too. */
    const listen = async <Value>(topic: string, type: MessageType, read: (bytes: Uint8Array) => Value) => {
      const seen: Value[] = [];
      const late = graph.join({ namespace: '/', name: 'late' });
      late.subscribe({
        ...{ topic, type, qos: qosProfiles.latched, maxBytes: 1 << 20, queue: 9 },
        onMessage: (message) => {
          seen.push(read(message.bytes));
          message.release();
        },
      });
      await soon();
      return seen;
    };
    const labels = () => listen('/goshawk/front/label_info', 'vision_msgs/msg/LabelInfo', readLabelInfo);
    const vision = () => listen('/goshawk/front/vision_info', 'vision_msgs/msg/VisionInfo', readVisionInfo);
    const setThreshold = (value: number | undefined) => {
      threshold = value;
    };
    const announce = async (model: ReturnType<typeof identity>) => {
      sink.announce(model, 9n);
      await soon();
    };
    return { publish, announce, labels, vision, listen, setThreshold };
  };

  it('is there for who comes later: classes by their numbers, the threshold, and the model', async () => {
    const { publish, labels, vision } = setUp();
    const header = { stampNs: 5n, frameId: 'optical' };
    await publish();
    expect(await labels()).toEqual([
      {
        header,
        classes: [
          { id: 0, name: 'car' },
          { id: 1, name: 'person' },
        ],
        threshold: 0.25,
      },
    ]);
    expect(await vision()).toEqual([
      { header, method: 'fake 1', databaseLocation: '/goshawk/front/label_info', databaseVersion: 1 },
    ]);
  });

  it('is there before the first picture, which does not tell it again', async () => {
    const { announce, publish, labels, vision } = setUp();
    const one = identity();
    await announce(one);
    const [told, models] = [await labels(), await vision()];
    expect(told[0]).toMatchObject({ header: { stampNs: 9n, frameId: '' }, threshold: 0.25 });
    expect(told[0]?.classes).toHaveLength(2);
    expect(models[0]?.method).toBe('fake 1');
    await publish({ identity: one });
    expect([told.length, models.length]).toEqual([1, 1]);
  });

  it('is told again when the threshold or the model changes, and not with every result', async () => {
    const { publish, labels, vision, setThreshold } = setUp();
    const one = identity();
    await publish({ identity: one });
    const [told, models] = [await labels(), await vision()];
    await publish({ identity: one });
    expect([told.length, models.length]).toEqual([1, 1]);
    setThreshold(0.5);
    await publish({ identity: one });
    expect([told.at(-1)?.threshold, told.length, models.length]).toEqual([0.5, 2, 1]);
    // Of a camera that was just taken away.
    setThreshold(undefined);
    await publish({ identity: one });
    expect(told).toHaveLength(2);
    const swapped = { ...identity('other', ['plate']), digest: `sha256:${'1'.repeat(64)}` };
    await publish({ identity: swapped });
    expect(told.at(-1)?.classes).toEqual([{ id: 0, name: 'plate' }]);
    expect(models.at(-1)).toMatchObject({ method: 'other 1', databaseVersion: 2 });
    // Another version of the same classes.
    await publish({ identity: { ...swapped, version: '2', digest: `sha256:${'2'.repeat(64)}` } });
    expect(models.at(-1)).toMatchObject({ method: 'other 2', databaseVersion: 2 });
  });

  it('is that of the main node, and of published cameras', async () => {
    const { publish, labels } = setUp();
    await publish({ further: true });
    await publish({ camera: 'rear' });
    expect(await labels()).toEqual([]);
  });

  it('is told beside each camera where there are several; without a known threshold it says 0', async () => {
    const { publish, listen, setThreshold } = setUp(['front', 'rear']);
    setThreshold(undefined);
    await publish({ camera: 'rear' });
    const seen = await listen('/goshawk/rear/label_info', 'vision_msgs/msg/LabelInfo', readLabelInfo);
    expect(seen[0]?.threshold).toBe(0);
  });
});
