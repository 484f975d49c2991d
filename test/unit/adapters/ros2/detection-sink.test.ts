import { describe, expect, it } from 'vitest';
import { RosDetectionSink } from '../../../../src/adapters/ros2/index.ts';
import { type DiagnosticStatus, qosProfiles, readDiagnostics } from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

function publishing(more: Partial<ConstructorParameters<typeof RosDetectionSink>[0]> = {}) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const statuses: DiagnosticStatus[] = [];
  graph.join({ namespace: '/', name: 'listener' }).subscribe({
    ...{ topic: '/diagnostics', type: 'diagnostic_msgs/msg/DiagnosticArray' },
    ...{ qos: qosProfiles.standard, maxBytes: 100_000, queue: 10 },
    onMessage: ({ bytes, release }) => {
      statuses.push(...readDiagnostics(bytes).statuses);
      release();
    },
  });
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const advertise = node.advertise.bind(node);
  const slow = { subscriber: false };
  node.advertise = (name, type, qos) => {
    const publisher = advertise(name, type, qos);
    const late = () => slow.subscriber && name.endsWith('detections');
    return { ...publisher, publish: (bytes) => !late() && publisher.publish(bytes) };
  };
  const camera = { on: true };
  const sink = new RosDetectionSink({ node, clock, cameras: ['front'], isOn: () => camera.on, ...more });
  const identity = {
    ...{ model: 'street', version: '1', digest: 'sha256:1', engine: 'native', precision: 'int8' },
    ...{ labels: [] },
  } as const;
  const publish = (times: number) => {
    for (let at = 0; at < times; at += 1)
      sink.publish({
        ...{
          camera: 'front',
          sequence: at,
          stampNs: 1n,
          frameId: 'f',
          identity,
          detections: [],
          candidates: 0,
        },
        ...{ timings: { queueMs: 0, preprocessMs: 0, inferMs: 0, postprocessMs: 0 }, captureToPublishMs: 1 },
      } as unknown as Parameters<typeof sink.publish>[0]);
  };
  const announce = () => sink.announce(identity as unknown as Parameters<typeof sink.announce>[0]);
  return { sink, announce, publish, slow, clock, statuses, camera };
}

describe('The diagnostics', () => {
  it('name the model before the first picture', async () => {
    const counts = () => ({ received: 9, lost: 0, stale: 7 });
    const { announce, clock, statuses } = publishing({ counts });
    announce();
    clock.advance(1000);
    await settle();
    expect(statuses.at(-1)?.values).toMatchObject({
      model: 'street 1',
      engine: 'native',
      'stale stamps': '7',
    });
  });
});

describe('The status of the models', () => {
  it('reports the fault of a model that still gives results, and is absent if the state is unknown', async () => {
    let faults: readonly string[] | undefined = ['street 1 runs, and its owner withdrew it.'];
    const { clock, statuses } = publishing({ faults: () => faults });
    const models = async () => {
      clock.advance(1000);
      await settle();
      return statuses.findLast(({ name }) => name === 'goshawk: models');
    };
    expect(await models()).toMatchObject({ level: 2, message: 'street 1 runs, and its owner withdrew it.' });
    faults = undefined;
    expect(await models()).toMatchObject({ level: 0, message: 'may run' });
    const other = publishing();
    other.clock.advance(1000);
    await settle();
    expect(other.statuses.map(({ name }) => name)).toEqual(['goshawk: front']);
  });
});

describe('Results that a subscriber is too slow for', () => {
  it('are not counted as published, and the diagnostics warn for as long as it lasts', async () => {
    const { sink, publish, slow, clock, statuses } = publishing();
    publish(3);
    slow.subscriber = true;
    publish(2);
    expect(sink.counts('front')).toEqual({ published: 3, refused: 2 });
    clock.advance(1000);
    slow.subscriber = false;
    publish(4);
    clock.advance(1000);
    await settle();
    expect(statuses.map(({ level, message }) => [level, message])).toEqual([
      [1, 'a subscriber is too slow: 2 results were not sent in the last second'],
      [0, '4 results in the last second'],
    ]);
    expect(statuses.at(-1)?.values).toMatchObject({
      'results published': '7',
      'results refused': '2',
      'frames received': '9',
    });
    sink.close();
  });
});

describe('The diagnostics of a camera', () => {
  it('are an error where it gives nothing, and none where it is off on purpose, nor right after', async () => {
    const { sink, publish, clock, statuses, camera } = publishing();
    const lastAfter = async (ms: number) => {
      clock.advance(ms);
      await settle();
      const { level, message } = statuses.at(-1) ?? {};
      return [level, message];
    };
    publish(1);
    expect(await lastAfter(1000)).toEqual([0, '1 results in the last second']);
    camera.on = false;
    expect(await lastAfter(60_000)).toEqual([0, 'off']);
    camera.on = true;
    expect(await lastAfter(1000)).toEqual([0, '0 results in the last second']);
    expect(await lastAfter(6000)).toEqual([2, 'no result for 7.0 s']);
    sink.close();
  });
});
