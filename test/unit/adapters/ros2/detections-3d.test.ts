import { describe, expect, it, vi } from 'vitest';
import { type CameraDepth, DepthKeeper, RosDetections3dSink } from '../../../../src/adapters/ros2/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { PerceptionResult, Placement } from '../../../../src/perception/index.ts';
import {
  type CameraInfo,
  CdrWriter,
  type ImageMessage,
  type LocatedObject,
  qosProfiles,
  readDetections3d,
  writeCameraInfo,
  writeImage,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const second = 1_000_000_000n;
const ms = 1_000_000n;
/** A picture of 64 x 48 whose focal length is 50. */
const info: CameraInfo = {
  header: { stampNs: 0n, frameId: 'optical' },
  ...{ width: 64, height: 48, distortionModel: 'plumb_bob', d: [], binningX: 0, binningY: 0 },
  ...{ k: [50, 0, 31.5, 0, 50, 23.5, 0, 0, 1], r: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
  p: [50, 0, 31.5, 0, 0, 50, 23.5, 0, 0, 0, 1, 0],
  roi: { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: false },
};

/** All of it at this depth. */
function depthImage(stampNs: bigint, metres: number, over: Partial<ImageMessage> = {}): Uint8Array {
  const { width = 64, height = 48 } = over;
  const values = new Uint16Array(width * height).fill(metres * 1000);
  return Uint8Array.from(
    writeImage(new CdrWriter({ capacity: 64 << 10 }), {
      ...{ header: { stampNs, frameId: 'depth' }, width, height, encoding: '16UC1', isBigendian: false },
      ...{ step: width * 2, data: new Uint8Array(values.buffer), ...over },
    }),
  );
}

const soon = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

async function setUp({
  placement,
  calibrated = true,
  waits = false,
}: {
  placement?: Placement;
  calibrated?: boolean;
  waits?: boolean;
} = {}) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const robot = graph.join({ namespace: '/', name: 'robot' });
  const depths = robot.advertise('/depth/image', 'sensor_msgs/msg/Image', qosProfiles.standard);
  const infos = robot.advertise('/depth/camera_info', 'sensor_msgs/msg/CameraInfo', qosProfiles.standard);
  const keeper = new DepthKeeper({ node, clock, log, camera: 'front' });
  keeper.open('/depth/image');
  const depth: CameraDepth = {
    at: (stampNs) => keeper.at(stampNs),
    get cameraInfo() {
      return keeper.cameraInfo;
    },
    ...(placement === undefined ? {} : { placement }),
    ...(waits
      ? {
          awaits: (stampNs: bigint) => keeper.awaits(stampNs),
          onChange: (changed: () => void) => keeper.onChange(changed),
        }
      : {}),
  };
  const sink = new RosDetections3dSink({
    ...{ node, clock, cameras: ['front'], log },
    ...{ depth: (camera: string) => (camera === 'front' ? depth : undefined) },
    cameraInfo: () => (calibrated ? info : undefined),
  });
  const seen: { frameId: string; stampNs: bigint; objects: readonly LocatedObject[] }[] = [];
  const listen = async () => {
    robot.subscribe({
      ...{ topic: '/goshawk/front/detections_3d', type: 'vision_msgs/msg/Detection3DArray' },
      ...{ qos: qosProfiles.standard, maxBytes: 1 << 20, queue: 9 },
      onMessage: (message) => {
        const { header, objects } = readDetections3d(message.bytes);
        seen.push({ ...header, objects });
        message.release();
      },
    });
    await soon();
  };
  const result = async (stampNs: bigint, over: Partial<PerceptionResult> = {}) => {
    sink.publish({
      ...{ camera: 'front', stampNs, frameId: 'optical', width: 64, height: 48 },
      detections: [
        { classId: 0, label: 'car', score: 0.9, box: { x1: 37, y1: 14, x2: 47, y2: 34 }, trackId: 7 },
      ],
      ...over,
    } as PerceptionResult);
    await soon();
  };
  const send = async (bytes: Uint8Array) => {
    depths.publish(bytes);
    await soon();
  };
  const reasons = () =>
    log.lines.filter(([, message]) => message === 'No third dimension').map(([, , fields]) => fields?.reason);
  // Advertised with the first result.
  await result(0n);
  await listen();
  return { graph, clock, sink, log, keeper, depths, infos, seen, send, result, reasons };
}

describe('Detections of a camera with depth', () => {
  it('are where their depth says, with the stamp of the picture and the id of the track', async () => {
    const { send, result, seen, keeper, graph } = await setUp();
    await send(depthImage(second, 2));
    await result(second + 20n * ms);
    expect(seen).toEqual([
      {
        ...{ frameId: 'optical', stampNs: second + 20n * ms },
        objects: [
          {
            ...{ label: 'car', score: 0.9, id: '7', orientation: { x: 0, y: 0, z: 0, w: 1 } },
            // The middle is 10 pixels right of the optical centre: a fifth of the distance.
            center: { x: expect.closeTo(0.4, 9), y: expect.closeTo(0, 9), z: 2 },
            size: { x: expect.closeTo(0.4, 9), y: expect.closeTo(0.8, 9), z: 0 },
          },
        ],
      },
    ]);
    keeper.close();
    expect(graph.held).toBe(0);
  });

  it('are in another frame where the settings say how the camera stands in it', async () => {
    const rotation = { x: -0.5, y: 0.5, z: -0.5, w: 0.5 };
    const placement = { frameId: 'base_link', translation: { x: 1, y: 0, z: 0.5 }, rotation };
    const { send, result, seen } = await setUp({ placement });
    await send(depthImage(second, 2));
    await result(second);
    expect(seen[0]?.frameId).toBe('base_link');
    expect(seen[0]?.objects[0]).toMatchObject({
      center: { x: expect.closeTo(3, 9), y: expect.closeTo(-0.4, 9), z: expect.closeTo(0.5, 9) },
      orientation: rotation,
    });
  });

  it('go by the depth picture nearest to their stamp', async () => {
    const { send, result, seen } = await setUp();
    for (const [at, metres] of [
      [0n, 1],
      [33n, 2],
      [66n, 3],
    ] as const)
      await send(depthImage(second + at * ms, metres));
    await result(second + 40n * ms);
    expect(seen[0]?.objects[0]?.center.z).toBe(2);
  });

  it('are those alone that can be located', async () => {
    const { send, result, seen } = await setUp();
    await send(depthImage(second, 0));
    await result(second);
    expect(seen).toEqual([{ frameId: 'optical', stampNs: second, objects: [] }]);
  });

  it('go by the calibration of the depth camera where it has one', async () => {
    const { send, infos, result, seen, reasons } = await setUp();
    await send(depthImage(second, 2, { width: 100, height: 40 }));
    await result(second);
    expect(seen).toEqual([]);
    expect(reasons().at(-1)).toMatch(/100x40 is not aligned/);
    const k = [50, 0, 49.5, 0, 50, 19.5, 0, 0, 1];
    infos.publish(Uint8Array.from(writeCameraInfo(new CdrWriter(), { ...info, width: 100, height: 40, k })));
    await soon();
    await result(second);
    expect(seen[0]?.objects[0]?.center).toMatchObject({ x: expect.closeTo(0.4, 9), z: 2 });
  });

  it('have no third dimension without depth, or with one that is stale: said once, until it changes', async () => {
    const { send, result, seen, reasons, clock } = await setUp();
    await result(second);
    await result(second);
    await send(depthImage(second, 2));
    await result(second + 101n * ms);
    await result(second + 100n * ms);
    await result(2n * second);
    expect(seen).toHaveLength(1);
    clock.advance(10_000);
    await result(3n * second);
    const stale = 'no depth picture came within 0.1 s of its stamp';
    expect(reasons()).toEqual([stale, stale]);
  });

  it('wait for a depth picture that comes later, and go out in their order', async () => {
    const { send, result, seen, reasons, clock, sink, keeper } = await setUp({ waits: true });
    await result(second);
    await result(second + 33n * ms);
    await clock.pass(99);
    expect(seen).toEqual([]);
    await send(depthImage(second, 2));
    // Of the second one the own may still come; at the end of its time it takes what is near.
    expect(seen.map(({ stampNs }) => stampNs)).toEqual([second]);
    await clock.pass(1);
    expect(seen.map(({ stampNs }) => stampNs)).toEqual([second, second + 33n * ms]);
    await result(2n * second);
    await clock.pass(100);
    expect([seen.length, reasons()]).toEqual([2, ['no depth picture came within 0.1 s of its stamp']]);
    // A picture of a later time says that none comes any more.
    await send(depthImage(4n * second, 2));
    await result(3n * second);
    await result(4n * second);
    expect(seen.at(-1)?.stampNs).toBe(4n * second);
    await result(5n * second);
    sink.close();
    keeper.close();
    expect(clock.pending).toBe(0);
    await result(6n * second);
    expect(seen).toHaveLength(3);
  });

  it('do not take a depth picture that is near while their own is on its way', async () => {
    const { send, result, seen, clock, depths, reasons } = await setUp({ waits: true });
    const metres = () => seen.map(({ objects }) => objects[0]?.center.z);
    await send(depthImage(second, 2));
    await result(second + 90n * ms);
    expect(seen).toEqual([]);
    await send(depthImage(second + 90n * ms, 4));
    expect(metres()).toEqual([4]);
    // That of the same stamp is taken at once; so is the nearest one when a later one came.
    await result(second + 90n * ms);
    await send(depthImage(second + 200n * ms, 6));
    await result(second + 120n * ms);
    expect(metres()).toEqual([4, 4, 4]);
    // None comes in time: the near one is better than none.
    await result(second + 230n * ms);
    await clock.pass(99);
    expect(seen).toHaveLength(3);
    await clock.pass(1);
    expect(metres()).toEqual([4, 4, 4, 6]);
    // Of a publisher that is gone nothing comes any more.
    depths.close();
    await result(second + 240n * ms);
    expect([metres().length, reasons(), clock.pending]).toEqual([5, [], 1]);
  });

  it('have none without a calibration, or with one of another form', async () => {
    const { send, result, seen, reasons } = await setUp({ calibrated: false });
    await send(depthImage(second, 2));
    await result(second);
    expect(reasons()).toEqual(['no camera_info came beside the camera’s topic']);
    const other = await setUp();
    await other.send(depthImage(second, 2));
    await other.result(second, { height: 20 });
    expect(other.reasons().at(-1)).toMatch(/another form/);
    expect([...seen, ...other.seen]).toEqual([]);
  });
});

describe('A depth camera', () => {
  it.each<[string, Partial<ImageMessage>, RegExp]>([
    ['of another encoding', { encoding: 'rgb8' }, /the encoding "rgb8"/],
    ['with rows too short', { step: 100 }, /100 bytes a row, but a row needs 128/],
    ['cut short', { data: new Uint8Array(6000) }, /needs 6144 bytes, but has 6000/],
    ['without pixels', { width: 0, step: 0, data: new Uint8Array() }, /is 0x48/],
  ])('%s is told once, and its next picture is taken', async (_, over, sentence) => {
    const { send, keeper, log, graph } = await setUp();
    await send(depthImage(second, 2, over));
    await send(depthImage(second, 2, over));
    const told = log.lines.filter(([, message]) => message === 'A depth picture can’t be read');
    expect(told).toHaveLength(1);
    expect(told[0]?.[2]?.reason).toMatch(sentence);
    expect(keeper.at(second)).toBeUndefined();
    await send(depthImage(second, 2));
    expect(keeper.at(second)).toBeDefined();
    keeper.close();
    expect(graph.held).toBe(0);
  });

  it('is heard in whole messages: every row of it is read', () => {
    const node = new FakeRosGraph().join({ namespace: '/', name: 'goshawk' });
    const asked = vi.spyOn(node, 'subscribe');
    const keeper = new DepthKeeper({ node, clock: new FakeClock(), log: silentLog, camera: 'front' });
    keeper.open('/depth/image');
    expect(asked.mock.calls[0]?.[0]).toMatchObject({ topic: '/depth/image', scattered: false });
    keeper.close();
  });

  it('is given back once, also where whoever waits for it fails', async () => {
    const { send, keeper, graph, log } = await setUp();
    const heard: string[] = [];
    keeper.onChange(() => {
      throw new Error('write: no memory');
    });
    keeper.onChange(() => heard.push('next'));
    await send(depthImage(second, 2));
    expect([graph.held, heard]).toEqual([1, ['next']]);
    expect(log.at('error')).toEqual([
      ['A listener for a depth picture failed', { reason: 'write: no memory' }],
    ]);
    keeper.close();
    expect(graph.held).toBe(0);
  });

  it('has four pictures kept, and the older ones given back', async () => {
    const { send, keeper, graph } = await setUp();
    for (let i = 0; i < 9; i += 1) await send(depthImage(BigInt(i) * second, 2));
    expect(graph.held).toBe(4);
    expect([keeper.at(4n * second), keeper.at(8n * second) === undefined]).toEqual([undefined, false]);
    keeper.close();
    expect(graph.held).toBe(0);
  });
});
