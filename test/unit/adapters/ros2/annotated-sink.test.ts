import { beforeEach, describe, expect, it } from 'vitest';
import { RosAnnotatedSink } from '../../../../src/adapters/ros2/index.ts';
import type { Frame, PerceptionResult } from '../../../../src/perception/index.ts';
import {
  type MessageType,
  qosProfiles,
  type RosNode,
  readCompressedImage,
  readImage,
} from '../../../../src/ros2/index.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const frame: Frame = {
  camera: 'front',
  sequence: 0,
  stampNs: 7n,
  frameId: 'optical',
  width: 4,
  height: 2,
  encoding: 'rgb8',
  step: 12,
  pixels: { data: new Uint8Array(24).fill(3), release: () => {} },
};
const result: PerceptionResult = {
  camera: 'front',
  sequence: 0,
  stampNs: 7n,
  frameId: 'optical',
  width: 4,
  height: 2,
  detections: [],
  identity: {
    model: 'street',
    version: '1',
    digest: 'sha256:1',
    engine: 'none',
    precision: 'fp32',
    labels: [],
    inputWidth: 1,
    inputHeight: 1,
  },
  timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
  candidates: 0,
  captureToPublishMs: 0,
};
const jpeg = Uint8Array.of(0xff, 0xd8, 1, 2);
const rgb = {
  width: 1,
  height: 2,
  step: 3,
  encoding: 'rgb8',
  data: Uint8Array.of(1, 2, 3, 4, 5, 6),
} as const;

let node: RosNode;
let other: RosNode;
let log: RecordingLog;
let drawn: {
  readonly first: number | undefined;
  readonly labels: readonly string[];
  answer(): void;
  fail(): void;
}[];
let sink: RosAnnotatedSink;

const soon = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

function subscribe(
  topic = '/goshawk/front/annotated/compressed',
  type: MessageType = 'sensor_msgs/msg/CompressedImage',
) {
  const heard: Uint8Array[] = [];
  const subscription = other.subscribe({
    topic,
    type,
    qos: qosProfiles.sensorData,
    maxBytes: 1 << 20,
    queue: 1,
    onMessage: ({ bytes, release }) => {
      heard.push(bytes);
      release();
    },
  });
  return { heard, subscription };
}

beforeEach(() => {
  const graph = new FakeRosGraph();
  node = graph.join({ namespace: '/', name: 'goshawk' });
  other = graph.join({ namespace: '/', name: 'other' });
  log = new RecordingLog();
  drawn = [];
  sink = new RosAnnotatedSink({
    node,
    cameras: ['front'],
    redact: 'plain',
    log,
    draw: {
      jpeg: ({ data }, detections) =>
        new Promise((resolve, reject) => {
          drawn.push({
            first: data[0],
            labels: detections.map(({ label }) => label),
            answer: () => resolve(jpeg),
            fail: () => reject(new Error('no font')),
          });
        }),
      pixels: async (image) => {
        drawn.push({ first: image.data[0], labels: [], answer: () => {}, fail: () => {} });
        return rgb;
      },
    },
  });
});

describe('The annotated picture', () => {
  it('is not drawn while nobody subscribes, and not any more when the last one goes', async () => {
    sink.publish(result, frame);
    expect(drawn).toHaveLength(0);
    const { subscription } = subscribe();
    subscription.close();
    sink.publish(result, frame);
    expect(drawn).toHaveLength(0);
  });

  it('carries stamp and frame_id of the picture it was drawn on', async () => {
    const { heard } = subscribe();
    sink.publish(result, frame);
    drawn[0]?.answer();
    await soon();
    expect(readCompressedImage(heard[0] ?? new Uint8Array())).toEqual({
      header: { stampNs: 7n, frameId: 'optical' },
      format: 'jpeg',
      data: jpeg,
    });
  });

  it('has what further nodes of the graph found on it, and is not drawn for each of them', () => {
    subscribe();
    const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
    const found = (label: string) => [{ classId: 0, label, score: 1, box }];
    expect(sink.nodes).toBe('all');
    sink.publish({ ...result, node: 'faces', further: true, detections: found('face') }, frame);
    expect(drawn).toHaveLength(0);
    sink.publish({ ...result, detections: found('car') }, frame);
    expect(drawn.map(({ labels }) => labels)).toEqual([['car', 'face']]);
  });

  it('is sent as pixels to who wants pixels, and as JPEG only where somebody asks for that', async () => {
    const { heard } = subscribe('/goshawk/front/annotated', 'sensor_msgs/msg/Image');
    sink.publish(result, frame);
    await soon();
    expect(drawn).toHaveLength(1);
    expect(readImage(heard[0] ?? new Uint8Array())).toEqual({
      header: { stampNs: 7n, frameId: 'optical' },
      isBigendian: false,
      ...rgb,
    });
    subscribe();
    sink.publish(result, frame);
    expect(drawn).toHaveLength(2);
    drawn[1]?.answer();
    await soon();
    expect(heard).toHaveLength(2);
  });

  it('keeps the pixels of its own picture, and leaves out those that come while it is drawn', async () => {
    const { heard } = subscribe();
    const pixels = { data: new Uint8Array(24).fill(3), release: () => {} };
    sink.publish(result, { ...frame, pixels });
    pixels.data.fill(9);
    sink.publish(result, { ...frame, pixels });
    expect(drawn.map(({ first }) => first)).toEqual([3]);
    drawn[0]?.answer();
    await soon();
    sink.publish(result, { ...frame, pixels });
    expect(drawn.map(({ first }) => first)).toEqual([3, 9]);
    expect(heard).toHaveLength(1);
  });

  it('that can’t be drawn is told once, until one is drawn again', async () => {
    subscribe();
    for (const good of [false, false, true, false]) {
      sink.publish(result, frame);
      const last = drawn.at(-1);
      if (good) last?.answer();
      else last?.fail();
      await soon();
    }
    const told: (typeof log.lines)[number] = [
      'warn',
      'No annotated picture',
      { camera: 'front', reason: 'no font' },
    ];
    expect(log.lines).toEqual([told, told]);
  });

  it('is drawn on what may be seen of the picture by the rule of its own moment', async () => {
    const asked: number[] = [];
    const redacting = new RosAnnotatedSink({
      node,
      cameras: ['rear'],
      redact: async (image, { sequence }) => {
        asked.push(sequence);
        await Promise.resolve();
        return { ...image, data: new Uint8Array(image.data.length) };
      },
      draw: {
        jpeg: async (image) => image.data.slice(0, 1),
        pixels: async () => rgb,
      },
    });
    const { heard } = subscribe('/goshawk/rear/annotated/compressed');
    redacting.publish({ ...result, camera: 'rear', sequence: 5 }, frame);
    expect(asked).toEqual([5]);
    await soon();
    expect(readCompressedImage(heard[0] ?? new Uint8Array()).data).toEqual(Uint8Array.of(0));
  });

  it('is not sent where what may be seen can’t be made', async () => {
    const failing = new RosAnnotatedSink({
      ...{ node, cameras: ['rear'], log },
      redact: async () => Promise.reject(new Error('no memory')),
      draw: { jpeg: async () => jpeg, pixels: async () => rgb },
    });
    const { heard } = subscribe('/goshawk/rear/annotated/compressed');
    failing.publish({ ...result, camera: 'rear' }, frame);
    await soon();
    expect(heard).toEqual([]);
    expect(log.lines).toEqual([['warn', 'No annotated picture', { camera: 'rear', reason: 'no memory' }]]);
  });

  it('of a camera that is not published is not sent', () => {
    subscribe();
    sink.publish({ ...result, camera: 'rear' }, frame);
    expect(drawn).toHaveLength(0);
  });

  it('of several cameras has a topic for each', () => {
    const several = new RosAnnotatedSink({
      node,
      redact: 'plain',
      cameras: ['front-left', 'rear'],
      draw: {
        jpeg: async ({ data }) => {
          drawn.push({ first: data[0], labels: [], answer: () => {}, fail: () => {} });
          return jpeg;
        },
        pixels: async () => rgb,
      },
    });
    subscribe('/goshawk/front_left/annotated/compressed');
    several.publish({ ...result, camera: 'rear' }, frame);
    expect(drawn).toHaveLength(0);
    several.publish({ ...result, camera: 'front-left' }, frame);
    expect(drawn).toHaveLength(1);
  });
});
