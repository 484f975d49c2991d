import { describe, expect, it } from 'vitest';
import { RosDetections3dSink, TfListener } from '../../../../src/adapters/ros2/index.ts';
import type { DepthPicture, PerceptionResult } from '../../../../src/perception/index.ts';
import {
  type CameraInfo,
  CdrWriter,
  type LocatedObject,
  qosProfiles,
  readDetections3d,
  type StampedTransform,
  writeTransforms,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const ms = 1_000_000n;
const start = 1_000_000_000n;
const info: CameraInfo = {
  header: { stampNs: 0n, frameId: 'optical' },
  ...{ width: 64, height: 48, distortionModel: 'plumb_bob', d: [], binningX: 0, binningY: 0 },
  ...{ k: [50, 0, 31.5, 0, 50, 23.5, 0, 0, 1], r: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
  p: [50, 0, 31.5, 0, 0, 50, 23.5, 0, 0, 0, 1, 0],
  roi: { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: false },
};
/** Everything two metres away. */
const picture: DepthPicture = {
  data: new Uint8Array(Uint16Array.from({ length: 64 * 48 }, () => 2000).buffer),
  ...{ width: 64, height: 48, step: 128, unit: 'mm', bigEndian: false },
};
const optical = { x: -0.5, y: 0.5, z: -0.5, w: 0.5 };
const straight = { x: 0, y: 0, z: 0, w: 1 };

function link(parent: string, child: string, x: number, atMs: number, rotation = straight): StampedTransform {
  return {
    ...{ parent, child, stampNs: start + BigInt(atMs) * ms },
    ...{ translation: { x, y: 0, z: 0 }, rotation },
  };
}

async function setUp({ waitMs = 100, toleranceMs = 0, to = 'odom' } = {}) {
  const graph = new FakeRosGraph();
  const log = new RecordingLog();
  const clock = new FakeClock();
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const robot = graph.join({ namespace: '/', name: 'robot' });
  const moving = robot.advertise('/tf', 'tf2_msgs/msg/TFMessage', qosProfiles.tf);
  const fixed = robot.advertise('/tf_static', 'tf2_msgs/msg/TFMessage', {
    ...qosProfiles.tfStatic,
    depth: 1,
  });
  const tell = async (...transforms: StampedTransform[]) => {
    moving.publish(Uint8Array.from(writeTransforms(new CdrWriter(), transforms)));
    await clock.pass(0);
  };
  // As robot_state_publisher does: before anybody listens.
  fixed.publish(
    Uint8Array.from(writeTransforms(new CdrWriter(), [link('base', 'optical', 0.5, 0, optical)])),
  );
  const listener = new TfListener(node, log);
  listener.open();
  const depth = { at: () => picture, cameraInfo: info, tf: { listener, frameId: to, waitMs, toleranceMs } };
  const sink = new RosDetections3dSink({
    ...{ node, clock, cameras: ['front'], log, depth: () => depth, cameraInfo: () => info },
  });
  const seen: { frameId: string; atMs: number; x: number; objects: readonly LocatedObject[] }[] = [];
  const result = async (atMs: number) => {
    sink.publish({
      ...{ camera: 'front', stampNs: start + BigInt(atMs) * ms, frameId: 'optical', width: 64, height: 48 },
      detections: [{ classId: 0, label: 'car', score: 0.9, box: { x1: 27, y1: 14, x2: 36, y2: 33 } }],
    } as unknown as PerceptionResult);
    await clock.pass(0);
  };
  // Advertised with the first result.
  await result(0);
  robot.subscribe({
    ...{ topic: '/goshawk/front/detections_3d', type: 'vision_msgs/msg/Detection3DArray' },
    ...{ qos: qosProfiles.standard, maxBytes: 1 << 20, queue: 99 },
    onMessage: (message) => {
      const { header, objects } = readDetections3d(message.bytes);
      const atMs = Number((header.stampNs - start) / ms);
      seen.push({ frameId: header.frameId, atMs, x: objects[0]?.center.x ?? Number.NaN, objects });
      message.release();
    },
  });
  await clock.pass(0);
  const told = () =>
    log.lines
      .filter(([, message]) => message === 'No third dimension')
      .map(([, , fields]) => `${fields?.reason}: ${fields?.remedy}`);
  return { graph, log, clock, tell, result, seen, told, listener, sink, moving, fixed };
}

describe('Results of a camera that tf places', () => {
  it('are where the camera was at the stamp of the picture, under the target’s name', async () => {
    const { tell, result, seen, told } = await setUp({ to: '/odom' });
    await tell(link('/odom', '/base', 10, 0));
    await tell(link('odom', 'base', 20, 100));
    await result(50);
    // Half way, half a metre in front of the base, and what it sees lies two metres ahead.
    expect(seen).toMatchObject([{ frameId: 'odom', atMs: 50, x: expect.closeTo(17.5, 9) }]);
    expect(seen[0]?.objects[0]?.orientation).toEqual(optical);
    expect(told()).toEqual([]);
  });

  it('wait for a transform that is not told yet, and go out in their order', async () => {
    const { tell, result, seen, told, clock } = await setUp();
    await tell(link('odom', 'base', 0, 0));
    await result(10);
    await result(40);
    await clock.pass(30);
    expect(seen).toEqual([]);
    await tell(link('odom', 'base', 1, 30));
    await tell(link('odom', 'base', 1, 60));
    expect(seen.map(({ atMs }) => atMs)).toEqual([10, 40]);
    expect(told()).toEqual([]);
    expect(clock.pending).toBe(1);
    await clock.pass(500);
    expect([told(), clock.pending]).toEqual([[], 0]);
  });

  it('are given up after the wait, which is said once until it changes', async () => {
    const { tell, result, seen, told, clock } = await setUp();
    await tell(link('odom', 'base', 0, 0));
    for (const at of [10, 20, 30]) {
      await result(at);
      await clock.pass(100);
    }
    expect(seen).toEqual([]);
    expect(told()).toEqual([
      expect.stringMatching(/^tf tells where "base" is 10\.0 ms too late for the picture: Raise tf_wait_ms/),
    ]);
    await tell(link('odom', 'base', 0, 200));
    await result(150);
    expect(seen).toHaveLength(1);
    // Late again within ten seconds is no new line, later it is one.
    await result(250);
    await clock.pass(100);
    expect(told()).toHaveLength(1);
    await clock.pass(10_000);
    await result(260);
    await clock.pass(100);
    expect(told()).toHaveLength(2);
  });

  it('that lie before all that tf knows are given up at once', async () => {
    const { tell, result, told, clock } = await setUp();
    await tell(link('odom', 'base', 0, 100), link('odom', 'base', 0, 200));
    await result(50);
    expect(told()).toEqual([
      expect.stringMatching(/^the picture is 50\.0 ms older than what tf knows of "base"/),
    ]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['a frame that nobody tells', 'moon', /^tf has no frame "moon": Publish where it is/],
    ['another tree', 'world', /^tf does not connect "optical" and "world": .* view_frames/],
  ])('to %s are given up with a remedy', async (_, to, sentence) => {
    const { tell, result, told, seen, clock } = await setUp({ to });
    await tell(link('odom', 'base', 0, 0), link('odom', 'base', 0, 100), link('world', 'table', 0, 0));
    await result(50);
    await clock.pass(100);
    expect(told()).toEqual([expect.stringMatching(sentence)]);
    expect(seen).toEqual([]);
  });

  it('take the newest transform as it is where the settings allow its age', async () => {
    const { tell, result, seen, told, clock } = await setUp({ toleranceMs: 50, waitMs: 0 });
    await tell(link('odom', 'base', 3, 0), link('odom', 'base', 4, 100));
    await result(150);
    await result(151);
    await clock.pass(100);
    expect(seen.map(({ x }) => Number(x.toFixed(6)))).toEqual([6.5]);
    expect(told()).toHaveLength(1);
  });

  it('wait in a bounded number, and not after the end', async () => {
    const { tell, result, seen, sink, clock, listener, graph } = await setUp({ waitMs: 2000 });
    const listened: (() => void)[] = [];
    let cancelled = 0;
    listener.onChange = (changed) => {
      listened.push(changed);
      return () => {
        cancelled += 1;
      };
    };
    sink.close();
    await tell(link('odom', 'base', 0, -1));
    await result(-1);
    sink.close();
    expect([listened.length, cancelled]).toEqual([1, 1]);
    Reflect.deleteProperty(listener, 'onChange');
    seen.length = 0;
    await tell(link('odom', 'base', 0, 0));
    for (let at = 1; at <= 70; at += 1) await result(at);
    await tell(link('odom', 'base', 0, 1000));
    expect(seen.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 64 }, (_, i) => i + 7));
    await result(1001);
    sink.close();
    await tell(link('odom', 'base', 0, 2000));
    await clock.pass(5000);
    expect(seen).toHaveLength(64);
    listener.close();
    expect([clock.pending, graph.held]).toEqual([0, 0]);
  });
});

describe('What tf says', () => {
  it('is heard while somebody needs it, and static ones again after that', async () => {
    const { listener, moving, fixed, tell, clock } = await setUp();
    await tell(link('odom', 'base', 0, 0));
    listener.open();
    listener.close();
    expect([moving.subscribers(), fixed.subscribers()]).toEqual([1, 1]);
    listener.close();
    listener.close();
    expect([moving.subscribers(), fixed.subscribers()]).toEqual([0, 0]);
    expect(listener.lookup('base', 'optical', 0n, 0n)).toMatchObject({ missing: { kind: 'unknown' } });
    listener.open();
    await clock.pass(0);
    expect(listener.lookup('base', 'optical', 0n, 0n)).toHaveProperty('transform');
    expect(listener.lookup('odom', 'base', start, 0n)).toMatchObject({ missing: { kind: 'unknown' } });
  });

  it('is forgotten where time jumps back, but for what is static', async () => {
    const { listener, tell, log } = await setUp();
    await tell(link('odom', 'base', 0, 0));
    listener.timeJumped();
    expect(listener.lookup('odom', 'base', start, 0n)).toMatchObject({ missing: { kind: 'unknown' } });
    expect(listener.lookup('base', 'optical', 0n, 0n)).toHaveProperty('transform');
    expect(log.at('warn')).toContainEqual([expect.stringContaining('Time jumped back'), undefined]);
  });

  it('and can’t be used is told once for each frame, and the rest of the message is used', async () => {
    const { listener, tell, log, moving, clock, graph } = await setUp();
    const broken = { ...link('odom', 'arm', 0, 0), rotation: { ...straight, w: 2 } };
    for (let i = 0; i < 3; i += 1) await tell(broken, link('odom', 'odom', 0, i), link('odom', 'base', 0, i));
    moving.publish(Uint8Array.of(0, 1, 0, 0, 255, 255, 0, 0));
    moving.publish(Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 0));
    await clock.pass(0);
    expect(listener.lookup('odom', 'base', start, 0n)).toHaveProperty('transform');
    const sentences = log.at('warn').map(([sentence, fields]) => [sentence, fields?.child ?? fields?.topic]);
    expect(sentences).toEqual([
      ['A transform of tf is left out: it is not finite, or its quaternion has not length 1', 'arm'],
      ['A transform of tf is left out: a frame in itself', 'odom'],
      ['Transforms of tf can’t be read', '/tf'],
    ]);
    for (let i = 0; i < 200; i += 1) await tell({ ...broken, child: `x${i}` });
    expect(log.at('warn')).toHaveLength(64);
    expect(graph.held).toBe(0);
  });
});
