import { afterEach, describe, expect, it } from 'vitest';
import { DdsDetectionSink, DdsFrameSource, DdsNode, rosEnvironment } from '../../device/dds/index.ts';
import { loadRclnodejs } from '../../device/rclnodejs/index.ts';
import { ddsBuilt } from '../../native/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { Frame, PerceptionResult } from '../../src/perception/index.ts';
import { CdrWriter, qosProfiles, readDetections, readModelEvent, writeImage } from '../../src/ros2/index.ts';

const clock = new SystemClock();
const missing = ddsBuilt() ? undefined : 'goshawk_dds.node is not built';
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function join(name: string): DdsNode {
  const environment = rosEnvironment({ ROS_DOMAIN_ID: '92', ROS_LOCALHOST_ONLY: '1' });
  const node = DdsNode.open({ environment, node: { namespace: '/', name } });
  closing.push(() => node.close());
  return node;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(condition()).toBe(true);
}

/** A node that keeps what comes on a topic. */
function listen(
  node: DdsNode,
  topic: string,
  type: 'vision_msgs/msg/Detection2DArray' | 'goshawk_msgs/msg/ModelEvent',
) {
  const messages: Uint8Array[] = [];
  node.subscribe({
    topic,
    type,
    qos: type === 'goshawk_msgs/msg/ModelEvent' ? qosProfiles.latched : qosProfiles.standard,
    maxBytes: 1 << 20,
    queue: 10,
    onNotice: (reader) => {
      for (const { id, bytes } of reader.take()?.samples ?? []) {
        messages.push(Uint8Array.from(bytes));
        reader.release(id);
      }
    },
  });
  return messages;
}

const picture = (stampNs: bigint, value: number) => ({
  header: { stampNs, frameId: 'optical' },
  width: 4,
  height: 2,
  encoding: 'rgb8',
  isBigendian: false,
  step: 12,
  data: new Uint8Array(24).fill(value),
});

const identity = {
  model: 'street',
  version: '1',
  digest: `sha256:${'1'.repeat(64)}`,
  engine: 'none',
  precision: 'fp32',
  labels: [],
  inputWidth: 1,
  inputHeight: 1,
};

async function openCamera(silentAfterMs = 60_000) {
  const camera = join('camera').advertise('/cam/image', 'sensor_msgs/msg/Image', qosProfiles.standard);
  const source = new DdsFrameSource({
    node: join('goshawk'),
    clock,
    camera: 'front',
    topic: '/cam/image',
    qos: qosProfiles.standard,
    maxBytes: 1 << 20,
    silentAfterMs,
  });
  const frames: Frame[] = [];
  const faults: string[] = [];
  await source.open({
    frame: (frame) => {
      frames.push(frame);
    },
    fault: (error) => faults.push(error.code),
    end: () => {},
  });
  closing.push(() => source.close());
  await until(() => camera.subscribers() === 1 && source.counts.publishers === 1);
  return { camera, source, frames, faults };
}

describe.skipIf(missing !== undefined)(`device/dds${missing ? ` (${missing})` : ''}`, () => {
  it('brings pictures with stamp and frame_id, drops an old one, and goes on after damaged ones', async () => {
    const { camera, source, frames, faults } = await openCamera();
    const writer = new CdrWriter();
    const send = (bytes: Uint8Array) => expect(camera.publish(bytes)).toBe(true);
    // Until one arrives: a volatile reader may miss what was sent before it was ready.
    await until(() => {
      send(writeImage(writer, picture(1_000_000_000n, 1)));
      return frames.length > 0;
    });
    const before = frames.length;
    const stamp = frames.at(-1)?.stampNs ?? 0n;
    send(Uint8Array.of(0, 1, 0, 0, 1, 2, 3));
    send(writeImage(writer, { ...picture(stamp + 1n, 2), step: 11 }));
    send(writeImage(writer, picture(stamp - 5n, 3)));
    send(new Uint8Array(2 << 20));
    send(writeImage(writer, picture(stamp + 2n, 4)));
    await until(() => frames.at(-1)?.stampNs === stamp + 2n);
    await until(() => faults.length >= 3);
    expect(faults.sort()).toEqual(['cdr-truncated', 'ros-image-size', 'ros-image-too-large']);
    expect(frames.at(-1)).toMatchObject({
      camera: 'front',
      frameId: 'optical',
      width: 4,
      height: 2,
      encoding: 'rgb8',
    });
    expect(frames.at(-1)?.pixels.data).toEqual(new Uint8Array(24).fill(4));
    expect(source.counts).toMatchObject({ damaged: 2, outOfOrder: 1, lost: 1 });
    expect(frames.length).toBeGreaterThan(before);
    for (const frame of frames) frame.pixels.release();
  });

  it('says that a camera is silent, once', async () => {
    const { faults } = await openCamera(100);
    await until(() => faults.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(faults).toEqual(['ros-camera-silent']);
  });

  it('says which side asks what where the QoS does not fit', async () => {
    join('camera').advertise('/poor/image', 'sensor_msgs/msg/Image', qosProfiles.sensorData);
    const node = join('goshawk');
    const source = new DdsFrameSource({
      node,
      clock,
      camera: 'f',
      topic: '/poor/image',
      qos: qosProfiles.standard,
    });
    const words: string[] = [];
    await source.open({ frame: () => {}, fault: (error) => words.push(error.explain()), end: () => {} });
    closing.push(() => source.close());
    await until(() => words.length > 0);
    expect(words[0]).toContain('a publisher offers best effort while we, the subscriber, ask for reliable');
  });

  it('publishes detections, and the model event to who comes later', async () => {
    const sink = new DdsDetectionSink({ node: join('goshawk'), clock, cameras: ['front'] });
    closing.push(() => sink.close());
    const detections = listen(join('listener'), '/goshawk/detections', 'vision_msgs/msg/Detection2DArray');
    const result: PerceptionResult = {
      camera: 'front',
      sequence: 0,
      stampNs: 5n,
      frameId: 'optical',
      width: 4,
      height: 2,
      detections: [{ classId: 0, label: 'car', score: 0.5, box: { x1: 1, y1: 2, x2: 3, y2: 4 }, trackId: 9 }],
      identity,
      timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
      candidates: 1,
      captureToPublishMs: 0,
    };
    await until(() => {
      sink.publish(result);
      return detections.length > 0;
    });
    const read = readDetections(detections[0] ?? new Uint8Array());
    expect(read.header).toEqual({ stampNs: 5n, frameId: 'optical' });
    expect(read.detections[0]).toMatchObject({ id: '9', hypotheses: [{ classId: 'car', score: 0.5 }] });
    const events = listen(join('late'), '/goshawk/model_events', 'goshawk_msgs/msg/ModelEvent');
    await until(() => events.length > 0);
    expect(readModelEvent(events[0] ?? new Uint8Array())).toMatchObject({
      oldModel: '',
      newDigest: identity.digest,
    });
  });
});

describe('device/rclnodejs', () => {
  it('says what to install where ROS 2 is absent', async () => {
    const absent = () => Promise.reject(new Error("Cannot find package 'rclnodejs'"));
    await expect(loadRclnodejs(absent)).rejects.toMatchObject({ code: 'rclnodejs-missing' });
  });

  it.skip('sources and sinks: not run, there is no ROS 2 on the machines that this was written on', () => {});
});
