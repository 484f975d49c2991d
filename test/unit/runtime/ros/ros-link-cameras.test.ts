import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { RosDetections3dSink, RosVisionInfoSink } from '../../../../src/adapters/ros2/index.ts';
import {
  defaultCameraSettings,
  type Frame,
  type PerceptionResult,
} from '../../../../src/perception/index.ts';
import {
  CdrWriter,
  type MessageType,
  qosProfiles,
  readDetections3d,
  readLabelInfo,
  writeCameraInfo,
  writeClock,
  writeCompressedImage,
  writeImage,
  writeTransforms,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { greyPng } from '../../../fixtures/grey-png.ts';
import { identity } from '../../perception/fakes.ts';
import { link, machine } from './link-under-test.ts';

describe('A camera', () => {
  const first = async (topic: string, type: MessageType, message: Uint8Array): Promise<Frame> => {
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters });
    const source = await ros.source(`ros:${topic}`, 'front', undefined);
    const frame = new Promise<Frame>((resolve, reject) => {
      void source.open({ frame: (each) => resolve(each), fault: reject, end: () => {} });
    });
    graph
      .join({ namespace: '/', name: 'robot' })
      .advertise(topic, type, qosProfiles.latched)
      .publish(Uint8Array.from(message));
    const came = await frame;
    const data = Uint8Array.from(came.pixels.data);
    came.pixels.release();
    await source.close();
    await ros.close();
    return { ...came, pixels: { data, release: () => {} } };
  };
  const header = { stampNs: 5n, frameId: 'optical' };

  it('may publish PNG, gray with 16 bits too', async () => {
    const grey = Uint16Array.from([0x0000, 0x8000, 0xffff, 0x4000]);
    const data = await sharp(grey, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const message = writeCompressedImage(new CdrWriter(), {
      header,
      format: 'mono16; png compressed ',
      data,
    });
    const frame = await first('/a/compressed', 'sensor_msgs/msg/CompressedImage', message);
    expect(frame).toMatchObject({ encoding: 'rgb8', width: 2, height: 2, step: 6, stampNs: 5n });
    expect(frame.pixels.data[0]).toBe(0);
    expect(frame.pixels.data[6]).toBe(255);
    expect(frame.pixels.data).toHaveLength(12);
  });

  it('may publish a mosaic of colours', async () => {
    const message = writeImage(new CdrWriter(), {
      ...{ header, width: 2, height: 2, step: 2, encoding: 'bayer_rggb8', isBigendian: false },
      data: Uint8Array.of(200, 100, 100, 50),
    });
    const frame = await first('/a', 'sensor_msgs/msg/Image', message);
    expect(frame).toMatchObject({ encoding: 'rgb8', width: 2, height: 2, step: 6 });
    expect([...frame.pixels.data]).toEqual([200, 100, 50, 200, 100, 50, 200, 100, 50, 200, 100, 50]);
  });
});

describe('A camera with depth', () => {
  it('gives detections in space while it is open, and tells what its results mean', async () => {
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters });
    const spec = 'ros:/camera/image?depth_topic=/depth/image&to=base_link&xyz=1,0,0';
    const source = await ros.source(spec, 'front', undefined);
    const sinks = await ros.sinks(['front'], 'plain');
    const settings = { ...defaultCameraSettings, scoreThreshold: 0.5 };
    const identityOfIt = { model: 'street', labels: [] };
    await ros.control(
      { identity: identityOfIt, settings: () => settings, configure: () => {}, isOn: () => true },
      ['front'],
    );
    await source.open({ frame: () => {}, fault: () => {}, end: () => {} });
    const robot = graph.join({ namespace: '/', name: 'robot' });
    const soon = async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    };
    const tell = async (topic: string, type: MessageType, bytes: Uint8Array) => {
      robot.advertise(topic, type, qosProfiles.latched).publish(Uint8Array.from(bytes));
      await soon();
    };
    const header = { stampNs: 5n, frameId: 'optical' };
    const roi = { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: false };
    await tell(
      '/camera/camera_info',
      'sensor_msgs/msg/CameraInfo',
      writeCameraInfo(new CdrWriter(), {
        ...{ header, width: 4, height: 4, distortionModel: '', d: [], r: new Array(9).fill(0) },
        ...{ k: [4, 0, 1.5, 0, 4, 1.5, 0, 0, 1], p: new Array(12).fill(0), binningX: 0, binningY: 0, roi },
      }),
    );
    const depth = async () =>
      tell(
        '/depth/image',
        'sensor_msgs/msg/Image',
        writeImage(new CdrWriter(), {
          ...{ header, width: 4, height: 4, step: 8, encoding: '16UC1', isBigendian: false },
          data: new Uint8Array(Uint16Array.from({ length: 16 }, () => 2000).buffer),
        }),
      );
    await depth();
    const seen: Uint8Array[] = [];
    const listen = (topic: string, type: MessageType) =>
      robot.subscribe({
        ...{ topic, type, qos: qosProfiles.latched, maxBytes: 1 << 16, queue: 9 },
        onMessage: (message) => {
          seen.push(Uint8Array.from(message.bytes));
          message.release();
        },
      });
    const street = identity('street', ['car']);
    const publish = async () => {
      const result = {
        ...{ camera: 'front', ...header, width: 4, height: 4, identity: street },
        detections: [{ classId: 0, label: 'car', score: 0.9, box: { x1: 0, y1: 0, x2: 4, y2: 4 } }],
      } as unknown as PerceptionResult;
      // The others look at more of a result than there is of this one.
      for (const sink of sinks)
        if (sink instanceof RosDetections3dSink || sink instanceof RosVisionInfoSink) sink.publish(result);
      await soon();
    };
    await publish();
    listen('/goshawk/front/label_info', 'vision_msgs/msg/LabelInfo');
    await soon();
    expect(readLabelInfo(seen[0] ?? new Uint8Array())).toMatchObject({ threshold: 0.5 });
    robot.subscribe({
      ...{ topic: '/goshawk/front/detections_3d', type: 'vision_msgs/msg/Detection3DArray' },
      ...{ qos: qosProfiles.standard, maxBytes: 1 << 16, queue: 9 },
      onMessage: (message) => {
        seen.push(Uint8Array.from(message.bytes));
        message.release();
      },
    });
    await soon();
    await publish();
    const located = readDetections3d(seen[1] ?? new Uint8Array());
    expect(located).toMatchObject({
      header: { frameId: 'base_link' },
      objects: [{ label: 'car', center: { x: 1, y: 0, z: 2 } }],
    });
    await source.close();
    await publish();
    expect([seen.length, graph.held]).toEqual([2, 0]);
    await ros.close();
  });

  it.each([
    ['raw', '/depth/image'],
    ['compressed', '/depth/image/compressedDepth'],
  ])(
    'gives a result whose depth (%s) and transform come after it, and waits for nothing after the end',
    async (kind, topic) => {
      const { graph, adapters } = machine({});
      const time = new FakeClock();
      const { link: ros } = link({ adapters, clock: time });
      const source = await ros.source(`ros:/camera/image?depth_topic=${topic}&to=odom`, 'front', undefined);
      const sinks = await ros.sinks(['front'], 'plain');
      await source.open({ frame: () => {}, fault: () => {}, end: () => {} });
      const robot = graph.join({ namespace: '/', name: 'robot' });
      const advertise = (name: string, type: MessageType) => robot.advertise(name, type, qosProfiles.latched);
      const infos = advertise('/camera/camera_info', 'sensor_msgs/msg/CameraInfo');
      const transforms = advertise('/tf', 'tf2_msgs/msg/TFMessage');
      const depths = advertise(
        topic,
        kind === 'raw' ? 'sensor_msgs/msg/Image' : 'sensor_msgs/msg/CompressedImage',
      );
      const header = { stampNs: 5n, frameId: 'optical' };
      const size = { width: 4, height: 4 };
      const roi = { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: false };
      infos.publish(
        writeCameraInfo(new CdrWriter(), {
          ...{ header, ...size, distortionModel: '', d: [], r: new Array(9).fill(0) },
          ...{ k: [4, 0, 1.5, 0, 4, 1.5, 0, 0, 1], p: new Array(12).fill(0), binningX: 0, binningY: 0, roi },
        }),
      );
      await time.pass(0);
      const publish = async (stampNs: bigint) => {
        const result = {
          ...{ camera: 'front', stampNs, frameId: 'optical', ...size, identity: identity('street', ['car']) },
          detections: [{ classId: 0, label: 'car', score: 0.9, box: { x1: 0, y1: 0, x2: 4, y2: 4 } }],
        } as unknown as PerceptionResult;
        for (const sink of sinks) if (sink instanceof RosDetections3dSink) sink.publish(result);
        await time.pass(0);
      };
      // Advertised with the first result.
      await publish(1n);
      const seen: ReturnType<typeof readDetections3d>[] = [];
      robot.subscribe({
        ...{ topic: '/goshawk/front/detections_3d', type: 'vision_msgs/msg/Detection3DArray' },
        ...{ qos: qosProfiles.standard, maxBytes: 1 << 16, queue: 9 },
        onMessage: (message) => {
          seen.push(readDetections3d(message.bytes));
          message.release();
        },
      });
      await time.pass(0);
      await publish(5n);
      const rotation = { x: 0, y: 0, z: 0, w: 1 };
      const there = { ...{ stampNs: 5n, parent: 'odom', child: 'optical' }, rotation };
      transforms.publish(writeTransforms(new CdrWriter(), [{ ...there, translation: { x: 7, y: 0, z: 0 } }]));
      await time.pass(0);
      expect(seen).toEqual([]);
      const png = greyPng(4, 4, new Array(16).fill(2000));
      depths.publish(
        kind === 'raw'
          ? writeImage(new CdrWriter(), {
              ...{ header, ...size, step: 8, encoding: '16UC1', isBigendian: false },
              data: new Uint8Array(Uint16Array.from({ length: 16 }, () => 2000).buffer),
            })
          : writeCompressedImage(new CdrWriter(), {
              ...{ header, format: '16UC1; compressedDepth png' },
              data: Uint8Array.from([...new Array(12).fill(0), ...png]),
            }),
      );
      await expect.poll(() => seen.length).toBe(1);
      expect(seen[0]).toMatchObject({
        header: { frameId: 'odom', stampNs: 5n },
        objects: [{ label: 'car', center: { x: 7, y: 0, z: 2 } }],
      });
      await publish(9n);
      await source.close();
      await ros.close();
      expect([seen.length, graph.held, time.pending]).toEqual([1, 0, 0]);
    },
  );

  it('hears tf while a camera needs it, once for all cameras, and forgets it where time jumps back', async () => {
    const { graph, adapters } = machine({});
    const { link: ros, log } = link({ adapters, simTime: true });
    const spec = 'ros:/camera/image?depth_topic=/depth/image&to=base_link';
    const left = await ros.source(spec, 'left', undefined);
    const right = await ros.source(spec, 'right', undefined);
    const robot = graph.join({ namespace: '/', name: 'robot' });
    const transforms = robot.advertise('/tf', 'tf2_msgs/msg/TFMessage', qosProfiles.tf);
    const times = robot.advertise('/clock', 'rosgraph_msgs/msg/Clock', qosProfiles.latched);
    const receiver = { frame: () => {}, fault: () => {}, end: () => {} };
    expect(transforms.subscribers()).toBe(0);
    await left.open(receiver);
    await right.open(receiver);
    await left.open(receiver);
    expect(transforms.subscribers()).toBe(1);
    for (const timeNs of [9n, 5n]) {
      times.publish(Uint8Array.from(writeClock(new CdrWriter(), timeNs)));
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
    const jumps = log.at('warn').filter(([sentence]) => sentence.startsWith('Time jumped back'));
    expect(jumps).toHaveLength(1);
    await left.close();
    expect(transforms.subscribers()).toBe(1);
    await right.close();
    expect(transforms.subscribers()).toBe(0);
    await ros.close();
  });
});
