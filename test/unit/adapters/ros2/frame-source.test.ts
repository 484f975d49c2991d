import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RosFrameSource } from '../../../../src/adapters/ros2/index.ts';
import { type Frame, Pipeline } from '../../../../src/perception/index.ts';
import {
  CdrWriter,
  type ImageMessage,
  type MessageType,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  type SubscribeOptions,
  writeCompressedImage,
  writeImage,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

let graph: FakeRosGraph;
let clock: FakeClock;
let log: RecordingLog;
let robot: RosNode;

interface Camera {
  readonly source: RosFrameSource;
  readonly publisher: RosPublisher;
  readonly frames: Frame[];
  readonly faults: string[];
}

/** The pictures' subscription is looked at, not that of the calibration beside it. */
const cameraInfo = 'sensor_msgs/msg/CameraInfo';

const soon = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

async function openCamera(
  topic = '/front/image',
  maxBytes = 64 << 20,
  compressed?: boolean,
): Promise<Camera> {
  const type: MessageType =
    (compressed ?? topic.endsWith('/compressed'))
      ? 'sensor_msgs/msg/CompressedImage'
      : 'sensor_msgs/msg/Image';
  const publisher = robot.advertise(topic, type, qosProfiles.standard);
  const source = new RosFrameSource({
    node: graph.join({ namespace: '/', name: 'goshawk' }),
    clock,
    camera: topic,
    topic,
    log,
    maxBytes,
    ...(compressed === undefined ? {} : { compressed }),
  });
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
  return { source, publisher, frames, faults };
}

let stampNs = 1_790_000_000_000_000_000n;
function picture(change: Partial<ImageMessage> = {}): ImageMessage {
  stampNs += 33_000_000n;
  return {
    header: { stampNs, frameId: 'optical' },
    width: 4,
    height: 2,
    encoding: 'rgb8',
    isBigendian: false,
    step: 12,
    data: new Uint8Array(24).fill(1),
    ...change,
  };
}
const bytes = (image: ImageMessage, options = {}) =>
  Uint8Array.from(writeImage(new CdrWriter(options), image));

beforeEach(() => {
  graph = new FakeRosGraph();
  clock = new FakeClock();
  log = new RecordingLog();
  robot = graph.join({ namespace: '/', name: 'robot' });
});

afterEach(() => robot.close());

describe('A picture that can’t be read is reported in a sentence, and the next one and other cameras continue', () => {
  const good = () => bytes(picture());
  it.each<[string, () => Uint8Array, string]>([
    ['truncated CDR', () => good().subarray(0, 40), 'it ends inside'],
    ['no CDR at all', () => Uint8Array.of(1, 2), 'it has 2 bytes, not even an encapsulation header'],
    [
      'the encapsulation of XCDR version 2',
      () => Uint8Array.from(good()).fill(7, 1, 2),
      'its encapsulation is 0x0007, not plain CDR version 1 (0x0000 or 0x0001)',
    ],
    [
      'a step x height that is not its data',
      () => bytes(picture({ step: 13 })),
      'An image of 2 rows with 13 bytes each has 24 bytes instead of 26.',
    ],
    [
      'rows that are shorter than the picture is wide',
      () => bytes(picture({ step: 11 })),
      'An image says 11 bytes per row, but 4 pixels of rgb8 take 12.',
    ],
    [
      'an unknown encoding',
      () => bytes(picture({ encoding: 'bayer_rggb12' })),
      'The encoding "bayer_rggb12" of an image can\'t be read. Publish one of rgb8, bgr8,',
    ],
    [
      'no pixels',
      () => bytes(picture({ width: 0, height: 0, step: 0, data: new Uint8Array() })),
      'An image is empty: 0 x 0 pixels in 0 bytes. Check the camera driver.',
    ],
    [
      'pixels but a height of zero',
      () => bytes(picture({ height: 0 })),
      'An image is empty: 4 x 0 pixels in 24 bytes.',
    ],
    ['a stamp that the message cannot hold', () => Uint8Array.from(good()).fill(255, 8, 12), 'nanosec'],
  ])('%s', async (_, damaged, sentence) => {
    const front = await openCamera('/front/image');
    const rear = await openCamera('/rear/image');
    front.publisher.publish(damaged());
    rear.publisher.publish(bytes(picture()));
    front.publisher.publish(bytes(picture()));
    await soon();
    expect(front.faults).toHaveLength(1);
    expect(front.faults[0]).toContain(sentence);
    expect(front.frames).toHaveLength(1);
    expect(front.source.counts).toMatchObject({ received: 1, damaged: 1 });
    expect(rear.frames).toHaveLength(1);
    expect(rear.faults).toEqual([]);
    for (const frame of [...front.frames, ...rear.frames]) frame.pixels.release();
    expect(graph.held).toBe(0);
  });

  it('a picture of 100 MB, which no memory is taken for', async () => {
    const front = await openCamera();
    front.publisher.publish(new Uint8Array(100 << 20));
    front.publisher.publish(bytes(picture()));
    await soon();
    expect(front.faults).toEqual([
      'A message on /front/image has 104857600 bytes, at most 67108864 are taken. Publish smaller or compressed pictures.',
    ]);
    expect(front.frames).toHaveLength(1);
    // The gap of the sequence says that one was lost.
    expect(front.frames[0]?.sequence).toBe(1);
    expect(front.source.counts).toMatchObject({ received: 1, lost: 1 });
  });

  it('a compressed picture that would unpack to billions of pixels', async () => {
    const front = await openCamera('/front/image/compressed');
    const header = { stampNs: 1n, frameId: 'front' };
    const data = Uint8Array.from([
      ...[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0x80, 0, 0x80, 0, 1, 1, 0x11, 0, 0xff, 0xd9],
    ]);
    front.publisher.publish(writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data }));
    await soon();
    expect([front.frames.length, front.faults[0]]).toEqual([0, expect.stringContaining('32768x32768')]);
  });

  it('a compressed picture that is no JPEG', async () => {
    const front = await openCamera('/front/image/compressed');
    const header = { stampNs: 5n, frameId: 'optical' };
    front.publisher.publish(
      writeCompressedImage(new CdrWriter(), { header, format: 'png', data: Uint8Array.of(137, 80, 78, 71) }),
    );
    await soon();
    expect(front.faults[0]).toContain('A compressed image of format "png" is no JPEG.');
  });
});

// What it promises as a FrameSource is in test/contract/frame-source.ts.
describe('A picture', () => {
  it('that is compressed may have a topic that is named otherwise', async () => {
    const front = await openCamera('/front/jpg', 64 << 20, true);
    const header = { stampNs: 5n, frameId: 'optical' };
    const data = Uint8Array.from([
      ...[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0, 0xff, 0xd9],
    ]);
    front.publisher.publish(writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data }));
    await soon();
    expect(front.faults).toEqual([]);
    expect(front.frames[0]).toMatchObject({ encoding: 'jpeg', width: 32, height: 16 });
  });

  it('of a big-endian camera is as good as any', async () => {
    const front = await openCamera();
    const image = picture();
    front.publisher.publish(bytes(image, { littleEndian: false }));
    await soon();
    expect(front.faults).toEqual([]);
    expect(front.frames[0]).toMatchObject({ stampNs: image.header.stampNs, frameId: 'optical', width: 4 });
  });

  it('older than the last one is dropped and counted; one far older is a camera that started anew', async () => {
    const { publisher, frames, source } = await openCamera();
    const at = (stamp: bigint) => bytes(picture({ header: { stampNs: stamp, frameId: '' } }));
    for (const stamp of [5_000_000_000n, 4_500_000_000n, 5_000_000_000n, 1_000_000_000n])
      publisher.publish(at(stamp));
    await soon();
    expect(frames.map((frame) => frame.stampNs)).toEqual([5_000_000_000n, 5_000_000_000n, 1_000_000_000n]);
    expect(source.counts).toMatchObject({ received: 3, outOfOrder: 1 });
    for (const frame of frames) frame.pixels.release();
    expect(graph.held).toBe(0);
  });

  it('stamped in the future goes through with its stamp, and the pipeline counts it', async () => {
    const { publisher, frames, source } = await openCamera();
    await source.close();
    for (const frame of frames) frame.pixels.release();
    const stamps: bigint[] = [];
    const pipeline = new Pipeline({
      detector: new FakeDetector('sha256:0'),
      clock,
      sinks: [{ publish: (result) => stamps.push(result.stampNs) }],
    });
    await pipeline.add(source);
    await pipeline.start();
    await soon();
    const future = clock.wallNs() + 60_000_000_000n;
    publisher.publish(bytes(picture({ header: { stampNs: future, frameId: '' } })));
    for (let turn = 0; turn < 5; turn += 1) await soon();
    expect(stamps).toEqual([future]);
    expect(pipeline.stats().cameras[0]).toMatchObject({ futureStamps: 0, staleStamps: 1 });
    await pipeline.close();
  });
});

describe('A camera that comes and goes', () => {
  it('is told to be silent, once, with the reason; is heard again; and can be silent again', async () => {
    const { publisher, frames, faults } = await openCamera();
    publisher.close();
    await soon();
    clock.advance(5000);
    clock.advance(60_000);
    expect(faults).toEqual([
      'No picture came on /front/image for 5.0 s: it has no publishers. Check that the camera’s node runs, the name of the topic, and ROS_DOMAIN_ID.',
    ]);
    const again = robot.advertise('/front/image', 'sensor_msgs/msg/Image', qosProfiles.standard);
    await soon();
    again.publish(bytes(picture()));
    await soon();
    expect(frames).toHaveLength(1);
    clock.advance(5500);
    expect(faults).toHaveLength(2);
    expect(faults[1]).toContain('its publisher sends no pictures');
    expect(
      log.lines
        .filter(([, message]) => message === 'publishers of a camera')
        .map(([, , fields]) => fields?.publishers),
    ).toEqual([1, 0, 1]);
  });

  it('whose pictures can’t be read reports that, not silence', async () => {
    const { publisher, faults } = await openCamera();
    for (let sent = 0; sent < 12; sent += 1) {
      publisher.publish(bytes(picture({ encoding: 'bayer_grbg12' })));
      await soon();
      clock.advance(1000);
    }
    expect(faults).toHaveLength(12);
    for (const fault of faults) expect(fault).toContain('bayer_grbg12');
  });

  it('with another QoS is reported with the QoS of both sides', async () => {
    robot.advertise('/poor/image', 'sensor_msgs/msg/Image', qosProfiles.sensorData);
    const source = new RosFrameSource({
      node: graph.join({ namespace: '/', name: 'goshawk' }),
      clock,
      camera: 'poor',
      topic: '/poor/image',
      qos: qosProfiles.standard,
    });
    const faults: string[] = [];
    await source.open({ frame: () => {}, fault: (error) => faults.push(error.explain()), end: () => {} });
    await soon();
    expect(faults).toEqual([
      'On /poor/image a publisher offers best effort while Goshawk, the subscriber, requests reliable (reliability): no message passes between the two. Let the publisher offer reliable, or write ?reliability=best_effort after the topic of the source.',
    ]);
  });
});

describe('The log of a subscription', () => {
  const subscribe = async (topic: string, reliability: 'reliable' | 'best_effort') => {
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    node.largeMessageRisk = () => 'The kernel lets a socket hold 212992 bytes: pictures will be lost.';
    const qos = { ...qosProfiles.sensorData, reliability };
    const source = new RosFrameSource({ node, clock, log, camera: 'front', topic, qos });
    await source.open({ frame: () => {}, fault: () => {}, end: () => {} });
  };

  it('says what QoS was asked for and what carries it', async () => {
    await subscribe('/front/image', 'reliable');
    expect(log.lines).toContainEqual([
      'info',
      'subscribed',
      {
        camera: 'front',
        topic: '/front/image',
        through: 'a fake',
        reliability: 'reliable',
        durability: 'volatile',
        depth: 5,
      },
    ]);
    expect(log.lines.filter(([level]) => level === 'warn')).toEqual([]);
  });

  it('warns where large best-effort pictures would be lost, not for compressed ones', async () => {
    await subscribe('/front/image/compressed', 'best_effort');
    expect(log.lines.filter(([level]) => level === 'warn')).toEqual([]);
    await subscribe('/front/image', 'best_effort');
    expect(log.lines.filter(([level]) => level === 'warn')).toEqual([
      ['warn', 'The kernel lets a socket hold 212992 bytes: pictures will be lost.', { camera: 'front' }],
    ]);
  });
});

describe('Pictures that are lost on the way', () => {
  const open = async (node: RosNode, deliver: (options: SubscribeOptions) => void = () => {}) => {
    const frames: Frame[] = [];
    const { subscribe } = node;
    node.subscribe = (options) => {
      if (options.type !== cameraInfo) deliver(options);
      return subscribe.call(node, options);
    };
    const source = new RosFrameSource({ node, clock, log, camera: 'front', topic: '/front/image' });
    await source.open({ frame: (frame) => void frames.push(frame), fault: () => {}, end: () => {} });
    await soon();
    return { source, frames };
  };
  const lossesTold = () =>
    log.lines
      .filter(([, message]) => message === 'Pictures were lost on the way')
      .map(([, , fields]) => fields);

  it('are told by the middleware, once a minute at most, with the cause that the node knows', async () => {
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    node.lossCause = () => 'the kernel dropped 12 datagrams';
    let subscription: SubscribeOptions | undefined;
    const { source } = await open(node, (options) => {
      subscription = options;
    });
    for (const onTheWay of [3, 4, 9]) {
      subscription?.onLosses?.({ superseded: 2, onTheWay, tooLarge: 1, largest: 7 });
      clock.advance(1000);
    }
    const common = { camera: 'front', by: 'middleware', cause: 'the kernel dropped 12 datagrams' };
    expect(lossesTold()).toEqual([{ ...common, more: 3, all: 3 }]);
    clock.advance(60_000);
    expect(lossesTold()[1]).toEqual({ ...common, more: 6, all: 9 });
    expect(source.counts).toMatchObject({
      lost: 12,
      losses: { superseded: 2, tooLarge: 1, onTheWay: 9, onTheWayBy: 'middleware' },
    });
  });

  it('are told by the stamps where the node does not know, and leave a gap in the sequence', async () => {
    const node = Object.assign(graph.join({ namespace: '/', name: 'goshawk' }), { tellsLosses: false });
    const publisher = robot.advertise('/front/image', 'sensor_msgs/msg/Image', qosProfiles.standard);
    const { source, frames } = await open(node);
    for (let number = 0; number < 30; number += 1) {
      if (number === 20 || number === 21) continue;
      const stampNs = 5_000_000_000n + BigInt(number) * 33_300_000n;
      publisher.publish(bytes(picture({ header: { stampNs, frameId: '' } })));
      await soon();
    }
    clock.advance(1000);
    expect(source.counts).toMatchObject({
      received: 28,
      lost: 2,
      losses: { superseded: 0, tooLarge: 0, onTheWay: 2, onTheWayBy: 'stamps' },
    });
    // The picture after the gap may be late: the next one tells.
    expect(frames.map(({ sequence }) => sequence).slice(18, 22)).toEqual([18, 19, 20, 23]);
    expect(lossesTold()).toEqual([{ camera: 'front', more: 2, all: 2, by: 'stamps' }]);
  });

  it('add up over the times that the camera is opened: each subscription counts from nothing', async () => {
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const subscriptions: SubscribeOptions[] = [];
    const { source } = await open(node, (options) => subscriptions.push(options));
    subscriptions[0]?.onLosses?.({ superseded: 1, onTheWay: 3, tooLarge: 1, largest: 7 });
    await source.close();
    const faults: string[] = [];
    await source.open({ frame: () => {}, fault: ({ code }) => void faults.push(code), end: () => {} });
    subscriptions[1]?.onLosses?.({ superseded: 0, onTheWay: 2, tooLarge: 1, largest: 7 });
    expect(source.counts.losses).toMatchObject({ superseded: 1, onTheWay: 5, tooLarge: 2 });
    expect(faults).toEqual(['ros-image-too-large']);
    await source.close();
  });
});

describe('A picture that still lies in pieces', () => {
  /** A node whose large messages come with their head alone. */
  function scatteringNode(deliver: (options: SubscribeOptions) => void): RosNode {
    const inner = graph.join({ namespace: '/', name: 'goshawk' });
    return {
      name: inner.name,
      carrier: inner.carrier,
      tellsLosses: true,
      topic: (name) => inner.topic(name),
      advertise: (...args) => inner.advertise(...args),
      serve: (...args) => inner.serve(...args),
      call: (...args) => inner.call(...args),
      callForeign: (...args) => inner.callForeign(...args),
      servers: () => [],
      largeMessageRisk: () => undefined,
      publishers: () => [],
      neighbours: () => [],
      lossCause: () => undefined,
      close: () => inner.close(),
      subscribe: (options) => {
        if (options.type !== cameraInfo) deliver(options);
        return { topic: options.topic, close() {} };
      },
    };
  }

  it('is put together for who reads its data, and not for native code', async () => {
    const whole = bytes(picture({ data: Uint8Array.from({ length: 24 }, (_, at) => at) }));
    const head = whole.slice().fill(0, whole.length - 24);
    const pieces = {};
    let gathered = 0;
    let subscribed: SubscribeOptions | undefined;
    const source = new RosFrameSource({
      node: scatteringNode((options) => {
        subscribed = options;
      }),
      clock,
      camera: 'front',
      topic: '/front/image',
      log,
    });
    const frames: Frame[] = [];
    await source.open({ frame: (frame) => void frames.push(frame), fault() {}, end() {} });
    expect(subscribed?.scattered).toBe(true);
    subscribed?.onMessage({
      bytes: head,
      release() {},
      scattered: {
        pieces,
        gather: () => {
          gathered += 1;
          head.set(whole);
        },
      },
    });
    const [frame] = frames;
    expect(frame?.pixels.scattered?.pieces).toBe(pieces);
    expect(frame?.pixels.scattered?.bytes.length).toBe(24);
    expect(gathered).toBe(0);
    expect(frame?.pixels.data[23]).toBe(23);
    expect(gathered).toBe(1);
    await source.close();
  });

  it('is put together before it is converted, when somebody reads it', async () => {
    const data = Uint8Array.from({ length: 32 }, (_, at) => at);
    const whole = bytes(picture({ encoding: 'rgba8', step: 16, data }));
    const head = whole.slice().fill(0, whole.length - 32);
    let gathered = 0;
    let subscribed: SubscribeOptions | undefined;
    const node = scatteringNode((options) => {
      subscribed = options;
    });
    const source = new RosFrameSource({ node, clock, camera: 'front', topic: '/front/image', log });
    const frames: Frame[] = [];
    await source.open({ frame: (frame) => void frames.push(frame), fault() {}, end() {} });
    const gather = () => {
      gathered += 1;
      head.set(whole);
    };
    subscribed?.onMessage({ bytes: head, scattered: { pieces: {}, gather }, release() {} });
    const [frame] = frames;
    expect([gathered, frame?.pixels.scattered]).toEqual([0, undefined]);
    expect([...(frame?.pixels.data ?? [])].slice(-3)).toEqual([28, 29, 30]);
    expect(gathered).toBe(1);
    await source.close();
  });

  it('is not asked for of a compressed camera, whose every byte is read', async () => {
    let subscribed: SubscribeOptions | undefined;
    const source = new RosFrameSource({
      node: scatteringNode((options) => {
        subscribed = options;
      }),
      clock,
      camera: 'front',
      topic: '/front/image/compressed',
      log,
    });
    await source.open({ frame() {}, fault() {}, end() {} });
    expect(subscribed?.scattered).toBe(false);
    await source.close();
  });
});
