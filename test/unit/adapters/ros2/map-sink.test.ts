import { describe, expect, it } from 'vitest';
import { RosMapSink } from '../../../../src/adapters/ros2/index.ts';
import {
  labelMapOf,
  type PerceptionResult,
  type TrackedDetection,
} from '../../../../src/perception/index.ts';
import { qosProfiles, readImage } from '../../../../src/ros2/index.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

function found(classId: number, score: number, x: number, values: readonly number[]): TrackedDetection {
  return {
    ...{ classId, label: `class ${classId}`, score },
    box: { x1: x, y1: 0, x2: x + 4, y2: 4 },
    mask: { x, y: 0, cellWidth: 2, cellHeight: 2, columns: 2, rows: 2, values: Uint8Array.from(values) },
  };
}

describe('The map of labels', () => {
  it('has the surest class of every pixel, and none where nothing was found', () => {
    const map = labelMapOf([found(7, 0.9, 2, [255, 255, 0, 0]), found(3, 0.5, 0, [255, 255, 255, 0])], 8, 4);
    const line = (y: number) => [...map.subarray(8 * y, 8 * y + 8)];
    expect(line(0)).toEqual([3, 3, 7, 7, 7, 7, 255, 255]);
    expect(line(3)).toEqual([3, 3, 255, 255, 255, 255, 255, 255]);
  });

  it('stays within the frame and the box', () => {
    const out = { ...found(1, 0.9, -2, [255, 255, 255, 255]), box: { x1: 0, y1: 0, x2: 1, y2: 3 } };
    expect([...labelMapOf([out], 3, 4)]).toEqual([1, 255, 255, 1, 255, 255, 1, 255, 255, 255, 255, 255]);
  });
});

describe('A camera whose model gives masks or depths', () => {
  const result = (task: PerceptionResult['identity']['task'] & string): PerceptionResult => ({
    ...{ camera: 'front', sequence: 0, stampNs: 7n, frameId: 'optical', width: 8, height: 4 },
    detections: [found(3, 0.5, 0, [255, 255, 255, 255])],
    identity: {
      ...{
        model: 'seg',
        version: '1',
        digest: 'sha256:1',
        engine: 'none',
        precision: 'fp32',
        labels: [],
        task,
      },
      ...{ inputWidth: 8, inputHeight: 4 },
    },
    timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
    ...{ candidates: 0, captureToPublishMs: 0 },
  });

  /** The last picture on the topic of the two results: it is made only while somebody subscribes. */
  async function heardOf(map: PerceptionResult, topic: string) {
    const graph = new FakeRosGraph();
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const other = graph.join({ namespace: '/', name: 'other' });
    const sink = new RosMapSink({ node, cameras: ['front'] });
    sink.publish(map);
    const heard: Uint8Array[] = [];
    other.subscribe({
      topic: `/goshawk/front/${topic}`,
      type: 'sensor_msgs/msg/Image',
      qos: qosProfiles.sensorData,
      maxBytes: 1 << 20,
      queue: 1,
      onMessage: ({ bytes, release }) => {
        heard.push(bytes);
        release();
      },
    });
    sink.publish(map);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    return readImage(heard.at(-1)!);
  }

  it.each(['instance-segmentation', 'semantic-segmentation'] as const)(
    'publishes them as a picture of class numbers: %s',
    async (task) => {
      const picture = await heardOf(result(task), 'segmentation');
      expect(picture).toMatchObject({ width: 8, height: 4, step: 8, encoding: 'mono8' });
      expect(picture.header).toMatchObject({ stampNs: 7n, frameId: 'optical' });
      expect([...picture.data.subarray(0, 8)]).toEqual([3, 3, 3, 3, 255, 255, 255, 255]);
    },
  );

  it.each([
    ['metres', 'depth'],
    ['disparity', 'disparity'],
  ] as const)('publishes %s as 32-bit floats on ~/%s', async (gives, topic) => {
    const values = Float32Array.of(1.5, Number.NaN);
    const depth = { ...{ x: 0, y: 0, cellWidth: 4, cellHeight: 4, columns: 2, rows: 1 }, gives, values };
    const whole = { ...{ classId: 0, label: 'depth', score: 1 }, box: { x1: 0, y1: 0, x2: 8, y2: 4 }, depth };
    const picture = await heardOf({ ...result('depth'), detections: [whole] }, topic);
    expect(picture).toMatchObject({ width: 2, height: 1, step: 8, encoding: '32FC1', isBigendian: false });
    expect(new Float32Array(Uint8Array.from(picture.data).buffer)).toEqual(values);
  });
});
