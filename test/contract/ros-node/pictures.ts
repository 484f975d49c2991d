import { expect } from 'vitest';
import { RosDetectionSink, RosFrameSource } from '../../../src/adapters/ros2/index.ts';
import type { Frame, PerceptionResult } from '../../../src/perception/index.ts';
import {
  CdrWriter,
  qosProfiles,
  readDetections,
  readModelEvent,
  writeCompressedImage,
  writeImage,
} from '../../../src/ros2/index.ts';
import { clock, identity, listen, picture, type RosScene, until } from './scene.ts';

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

/** What sources of pictures and sinks of results expect. */
export function picturePromises({ closing, contract, join }: RosScene): void {
  contract('reads a camera whose topic says another type than it has, whenever it comes', async (graph) => {
    const robot = await join(graph, 'robot');
    const source = new RosFrameSource({
      ...{ node: await join(graph, 'goshawk'), clock, camera: 'front', topic: '/front/compressed' },
      qos: qosProfiles.standard,
    });
    const frames: string[] = [];
    await source.open({
      frame: (frame) => {
        frames.push(frame.encoding);
        frame.pixels.release();
      },
      fault: () => {},
      end: () => {},
    });
    closing.push(() => source.close());
    const raw = robot.advertise('/front/compressed', 'sensor_msgs/msg/Image', qosProfiles.standard);
    await until(() => raw.subscribers() === 1 && source.counts.publishers === 1);
    raw.publish(writeImage(new CdrWriter(), picture(1_000_000_000n, 1)));
    await until(() => frames.length === 1);
    raw.close();
    await until(() => source.counts.publishers === 0);
    const jpeg = robot.advertise(
      '/front/compressed',
      'sensor_msgs/msg/CompressedImage',
      qosProfiles.standard,
    );
    await until(() => jpeg.subscribers() === 1 && source.counts.publishers === 1);
    const data = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0, 0xff, 0xd9);
    const later = { stampNs: 2_000_000_000n, frameId: 'optical' };
    jpeg.publish(writeCompressedImage(new CdrWriter(), { header: later, format: 'jpeg', data }));
    await until(() => frames.length === 2);
    expect(frames).toEqual(['rgb8', 'jpeg']);
  });

  contract(
    'brings pictures with stamp and frame_id, drops an old one, goes on after damaged ones, and again when its camera is back',
    async (graph) => {
      const camera = (await join(graph, 'camera')).advertise(
        '/cam/image',
        'sensor_msgs/msg/Image',
        qosProfiles.standard,
      );
      const source = new RosFrameSource({
        node: await join(graph, 'goshawk'),
        clock,
        camera: 'front',
        topic: '/cam/image',
        qos: qosProfiles.standard,
        maxBytes: 1 << 20,
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
      const writer = new CdrWriter();
      const send = (bytes: Uint8Array) => expect(camera.publish(bytes)).toBe(true);
      send(writeImage(writer, picture(1_000_000_000n, 1)));
      await until(() => frames.length > 0);
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
      expect(Uint8Array.from(frames.at(-1)?.pixels.data ?? [])).toEqual(new Uint8Array(24).fill(4));
      expect(source.counts).toMatchObject({ damaged: 2, outOfOrder: 1, lost: 1 });
      // Stamped in 1970: latency counts from when they came.
      expect(source.counts.stale).toBe(source.counts.received);
      expect(frames.at(-1)).toMatchObject({ staleStamp: true });
      expect(clock.wallNs() - (frames.at(-1)?.handedOverNs ?? 0n)).toBeLessThan(600_000_000_000n);
      camera.close();
      await until(() => source.counts.publishers === 0);
      const back = (await join(graph, 'camera_again')).advertise(
        '/cam/image',
        'sensor_msgs/msg/Image',
        qosProfiles.standard,
      );
      await until(() => back.subscribers() === 1 && source.counts.publishers === 1);
      expect(back.publish(writeImage(writer, picture(stamp + 3n, 5)))).toBe(true);
      await until(() => frames.at(-1)?.stampNs === stamp + 3n);
      for (const frame of frames) frame.pixels.release();
    },
  );

  contract('publishes detections, and the model event to who comes later', async (graph) => {
    const sink = new RosDetectionSink({ node: await join(graph, 'goshawk'), clock, cameras: ['front'] });
    closing.push(() => sink.close());
    const detections = listen(
      await join(graph, 'listener'),
      '/goshawk/front/detections',
      'vision_msgs/msg/Detection2DArray',
    ).messages;
    await until(() => {
      sink.publish(result);
      return detections.length > 0;
    });
    const read = readDetections(detections[0] ?? new Uint8Array());
    expect(read.header).toEqual({ stampNs: 5n, frameId: 'optical' });
    expect(read.detections[0]).toMatchObject({ id: '9', hypotheses: [{ classId: 'car', score: 0.5 }] });
    const events = listen(
      await join(graph, 'late'),
      '/goshawk/model_events',
      'goshawk_msgs/msg/ModelEvent',
      qosProfiles.latched,
    ).messages;
    await until(() => events.length > 0);
    expect(readModelEvent(events[0] ?? new Uint8Array())).toMatchObject({
      oldModel: '',
      newDigest: identity.digest,
    });
  });
}
