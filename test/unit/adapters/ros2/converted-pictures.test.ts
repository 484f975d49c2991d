import { beforeEach, describe, expect, it } from 'vitest';
import { type DecodePng, RosFrameSource } from '../../../../src/adapters/ros2/index.ts';
import type { Frame, Image } from '../../../../src/perception/index.ts';
import {
  CdrWriter,
  type ConvertPicture,
  type ConvertPictureAside,
  convertPicture,
  type MessageType,
  qosProfiles,
  writeCompressedImage,
  writeImage,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

let graph: FakeRosGraph;

beforeEach(() => {
  graph = new FakeRosGraph();
});

const soon = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

async function open(
  topic: string,
  type: MessageType,
  options: {
    readonly convert?: ConvertPicture;
    readonly convertAside?: ConvertPictureAside;
    readonly decodePng?: DecodePng;
    readonly simulated?: () => boolean;
  },
) {
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const publisher = graph
    .join({ namespace: '/', name: 'robot' })
    .advertise(topic, type, qosProfiles.standard);
  const clock = new FakeClock();
  const source = new RosFrameSource({ node, clock, camera: 'front', topic, ...options });
  const frames: Frame[] = [];
  const faults: string[] = [];
  await source.open({
    frame: (frame) => {
      frames.push(frame);
    },
    fault: (error) => faults.push(error.explain()),
    end: () => {},
  });
  await soon();
  return { source, publisher, frames, faults, clock };
}

const header = (stampNs: bigint) => ({ stampNs, frameId: 'optical' });
const rgba = (stampNs: bigint) =>
  Uint8Array.from(
    writeImage(new CdrWriter(), {
      ...{ header: header(stampNs), width: 2, height: 1, encoding: 'rgba8', isBigendian: false, step: 8 },
      data: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255),
    }),
  );

const png = (stampNs: bigint, width: number) => {
  const data = new Uint8Array(33);
  data.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(data.buffer).setUint32(16, width);
  data[23] = 2;
  return Uint8Array.from(
    writeCompressedImage(new CdrWriter(), { header: header(stampNs), format: 'bgr8; png compressed ', data }),
  );
};

describe('A picture in an encoding that no preprocessor reads', () => {
  it('is converted when somebody reads it, once, and its buffer is used again', async () => {
    let conversions = 0;
    const convert: ConvertPicture = (picture, out) => {
      conversions += 1;
      convertPicture(picture, out);
    };
    const { publisher, frames, faults } = await open('/image', 'sensor_msgs/msg/Image', { convert });
    for (const stamp of [1n, 2n, 3n]) publisher.publish(rgba(stamp));
    await soon();
    const [first, unread, third] = frames as [Frame, Frame, Frame];
    expect(first).toMatchObject({ encoding: 'rgb8', width: 2, height: 1, step: 6, frameId: 'optical' });
    expect(conversions).toBe(0);
    const buffer = first.pixels.data;
    expect([...buffer]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(first.pixels.data).toBe(buffer);
    first.pixels.release();
    unread.pixels.release();
    expect(third.pixels.data).toBe(buffer);
    third.pixels.release();
    expect([conversions, graph.held, faults]).toEqual([2, 0, []]);
  });
});

describe('A picture that is converted on another thread', () => {
  const beside = () => {
    const asked: { readonly done: () => void; readonly failed: (error: Error) => void }[] = [];
    const here: number[] = [];
    const convert: ConvertPicture = (picture, out) => {
      here.push(picture.width);
      convertPicture(picture, out);
    };
    const convertAside: ConvertPictureAside = (picture, out) =>
      new Promise((resolve, reject) => {
        const done = () => {
          convertPicture(picture, out);
          resolve();
        };
        asked.push({ done, failed: reject });
      });
    return { asked, here, options: { convert, convertAside } };
  };
  const one = async (options: Parameters<typeof open>[2]) => {
    const { publisher, frames } = await open('/image', 'sensor_msgs/msg/Image', options);
    publisher.publish(rgba(1n));
    await soon();
    return (frames as [Frame])[0].pixels;
  };

  it('is converted there once for all who wait for it, and not here', async () => {
    const { asked, here, options } = beside();
    const pixels = await one(options);
    const ready = [pixels.prepare?.(), pixels.prepare?.()];
    expect(asked).toHaveLength(1);
    asked[0]?.done();
    await Promise.all(ready);
    expect([...pixels.data]).toEqual([1, 2, 3, 4, 5, 6]);
    await pixels.prepare?.();
    pixels.release();
    expect([asked.length, here, graph.held]).toEqual([1, [], 0]);
  });

  it('keeps its message until the other thread has done with it', async () => {
    const { asked, options } = beside();
    const pixels = await one(options);
    const ready = pixels.prepare?.();
    pixels.release();
    expect(graph.held).toBe(1);
    asked[0]?.done();
    await ready;
    expect(graph.held).toBe(0);
  });

  it('is converted here for who reads it without waiting, into bytes that stay as they are', async () => {
    const { asked, here, options } = beside();
    const pixels = await one(options);
    const ready = pixels.prepare?.();
    const read = pixels.data;
    expect([...read]).toEqual([1, 2, 3, 4, 5, 6]);
    asked[0]?.done();
    await ready;
    expect(pixels.data).toBe(read);
    pixels.release();
    expect([here, graph.held]).toEqual([[2], 0]);
  });

  it('that cannot be converted says so to who waits, and its message is given back', async () => {
    const { asked, options } = beside();
    const pixels = await one(options);
    const ready = pixels.prepare?.();
    asked[0]?.failed(new Error('it is cut short'));
    await expect(ready).rejects.toThrow('it is cut short');
    pixels.release();
    expect(graph.held).toBe(0);
  });

  it('is not asked for of one that gave way to a newer one', async () => {
    const { asked, options } = beside();
    const pixels = await one(options);
    pixels.release();
    await pixels.prepare?.();
    expect([asked.length, graph.held]).toEqual([0, 0]);
  });
});

describe('A PNG', () => {
  const decoding = () => {
    const asked: { readonly done: (image: Image) => void; readonly failed: (error: Error) => void }[] = [];
    const decodePng: DecodePng = () =>
      new Promise((resolve, reject) => asked.push({ done: resolve, failed: reject }));
    return { asked, decodePng };
  };
  const decoded: Image = { width: 3, height: 2, step: 9, encoding: 'rgb8', data: new Uint8Array(18) };
  const type = 'sensor_msgs/msg/CompressedImage';

  it('is decoded one at a time, and the newest of those that wait is next', async () => {
    const { asked, decodePng } = decoding();
    const { publisher, frames } = await open('/image/compressed', type, { decodePng });
    for (const stamp of [1n, 2n, 3n]) publisher.publish(png(stamp, 3));
    await soon();
    expect(asked).toHaveLength(1);
    asked[0]?.done(decoded);
    await soon();
    asked[1]?.done(decoded);
    await soon();
    expect(asked).toHaveLength(2);
    expect(frames.map(({ stampNs, sequence }) => [stampNs, sequence])).toEqual([
      [1n, 0],
      [3n, 2],
    ]);
    expect(frames[0]).toMatchObject({ encoding: 'rgb8', width: 3, height: 2, step: 9 });
    expect(graph.held).toBe(0);
  });

  it('that is damaged is a fault, and the next one goes on', async () => {
    const { asked, decodePng } = decoding();
    const { publisher, frames, faults, source } = await open('/image/compressed', type, { decodePng });
    publisher.publish(png(1n, 3));
    await soon();
    asked[0]?.failed(new Error('its data is cut short'));
    await soon();
    publisher.publish(png(2n, 3));
    await soon();
    asked[1]?.done(decoded);
    await soon();
    expect(faults).toEqual([
      expect.stringContaining("A compressed image of format png can't be read: its data is cut short."),
    ]);
    expect([frames.length, source.counts.damaged, graph.held]).toEqual([1, 1, 0]);
  });

  it('that is decoded when its camera is closed goes nowhere', async () => {
    const { asked, decodePng } = decoding();
    const { publisher, frames, source } = await open('/image/compressed', type, { decodePng });
    publisher.publish(png(1n, 3));
    publisher.publish(png(2n, 3));
    await soon();
    await source.close();
    asked[0]?.done(decoded);
    await soon();
    expect([asked.length, frames.length, graph.held]).toEqual([1, 0, 0]);
  });

  it('that says it is larger than any picture is refused before it is decoded', async () => {
    const { asked, decodePng } = decoding();
    const { publisher, faults } = await open('/image/compressed', type, { decodePng });
    publisher.publish(png(1n, 2_000_000));
    await soon();
    expect([asked.length, faults]).toEqual([0, [expect.stringContaining('2000000x2')]]);
  });
});

describe('The latency of a picture', () => {
  it('counts from its arrival while its stamp is that of a simulation, else from its stamp', async () => {
    let simulated = true;
    const { publisher, frames, clock } = await open('/image', 'sensor_msgs/msg/Image', {
      simulated: () => simulated,
    });
    publisher.publish(rgba(1n));
    await soon();
    simulated = false;
    const stampNs = clock.wallNs() - 1_000_000n;
    publisher.publish(rgba(stampNs));
    await soon();
    expect(frames.map((frame) => [frame.stampNs, frame.handedOverNs])).toEqual([
      [1n, clock.wallNs()],
      [stampNs, undefined],
    ]);
  });
});
