import { describe, expect, it } from 'vitest';
import { RosFrameSource } from '../../../../src/adapters/ros2/index.ts';
import { PictureSubscription } from '../../../../src/adapters/ros2/picture-subscription.ts';
import { GoshawkError } from '../../../../src/base/index.ts';
import type { Frame } from '../../../../src/perception/index.ts';
import {
  CdrWriter,
  type ForeignType,
  type MessageType,
  qosProfiles,
  writeCompressedImage,
  writeImage,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const raw = 'sensor_msgs/msg/Image';
const compressed = 'sensor_msgs/msg/CompressedImage';
const packets = { name: 'ffmpeg_image_transport_msgs/msg/FFMPEGPacket', hash: '' };

let stampNs = 1_790_000_000_000_000_000n;
function pictureOf(type: MessageType | ForeignType): Uint8Array {
  stampNs += 33_000_000n;
  const header = { stampNs, frameId: 'optical' };
  if (type === compressed) {
    const data = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0, 0xff, 0xd9);
    return Uint8Array.from(writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data }));
  }
  const size = { width: 4, height: 2, encoding: 'rgb8', isBigendian: false, step: 12 };
  return Uint8Array.from(writeImage(new CdrWriter(), { header, ...size, data: new Uint8Array(24).fill(1) }));
}

async function setUp(topic: string, asked?: boolean) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const robot = graph.join({ namespace: '/', name: 'robot' });
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const source = new RosFrameSource({
    ...{ node, clock, camera: 'front', topic, log },
    ...(asked === undefined ? {} : { compressed: asked }),
  });
  const frames: Frame[] = [];
  const faults: { code: string; text: string }[] = [];
  const open = async () => {
    await source.open({
      frame: (frame) => {
        frames.push(frame);
        frame.pixels.release();
      },
      fault: (error) => faults.push({ code: error.code, text: error.explain() }),
      end: () => {},
    });
    await clock.pass(0);
  };
  /** A camera that starts, is noticed, and sends one picture. */
  const camera = async (type: MessageType | ForeignType) => {
    const publisher = robot.advertise(topic, type, qosProfiles.standard);
    const send = async () => {
      publisher.publish(pictureOf(type));
      await clock.pass(0);
    };
    await clock.pass(500);
    await send();
    return { close: () => publisher.close(), send };
  };
  const seen = () => frames.map(({ encoding }) => encoding);
  const anew = () => log.lines.filter(([, sentence]) => sentence.includes('subscribed again')).length;
  return { graph, node, clock, source, open, camera, frames, faults, seen, anew };
}

describe('Pictures are read as their publisher announces them', () => {
  it.each([
    ['/front/jpg', compressed, 'jpeg'],
    ['/front/compressed', raw, 'rgb8'],
    ['/front/compressed', compressed, 'jpeg'],
    ['/front/image', raw, 'rgb8'],
  ] as const)('%s with %s, who is there before', async (topic, type, encoding) => {
    const { open, camera, seen, anew, faults } = await setUp(topic);
    const { send } = await camera(type);
    await open();
    await send();
    expect([seen(), anew(), faults]).toEqual([[encoding], 0, []]);
  });

  it.each([
    ['/front/jpg', compressed, 'jpeg', 1],
    ['/front/compressed', raw, 'rgb8', 1],
    ['/front/compressed', compressed, 'jpeg', 0],
    ['/front/image', raw, 'rgb8', 0],
  ] as const)('%s with %s, who comes later', async (topic, type, encoding, again) => {
    const { open, camera, seen, anew, faults, source, graph } = await setUp(topic);
    await open();
    await camera(type);
    expect([seen(), anew(), faults]).toEqual([[encoding], again, []]);
    expect(source.counts.publishers).toBe(1);
    await source.close();
    expect(graph.held).toBe(0);
  });

  it('and again when the camera comes back as another one', async () => {
    const { open, camera, seen, anew, source } = await setUp('/front/image');
    await open();
    const first = await camera(raw);
    first.close();
    const second = await camera(compressed);
    second.close();
    await camera(raw);
    expect([seen(), anew()]).toEqual([['rgb8', 'jpeg', 'rgb8'], 2]);
    expect(source.counts).toMatchObject({ received: 3, lost: 0 });
  });

  it('also where subscribing anew failed: it is tried until it goes, and told once', async () => {
    const { node, open, camera, seen, faults, clock, source, graph } = await setUp('/front/image');
    await open();
    let tries = 0;
    const subscribe = node.subscribe.bind(node);
    node.subscribe = () => {
      tries += 1;
      throw new GoshawkError('dds-middleware', 'No reader.', 'Try again.');
    };
    const { send } = await camera(compressed);
    await clock.pass(3000);
    expect(tries).toBeGreaterThan(2);
    expect(faults.map(({ code }) => code)).toEqual(['dds-middleware']);
    node.subscribe = subscribe;
    await clock.pass(1000);
    await send();
    expect(seen()).toEqual(['jpeg']);
    expect(source.counts.publishers).toBe(1);
    await source.close();
    await clock.pass(3000);
    expect(graph.held).toBe(0);
  });

  it('and not any more once it is closed while that failed', () => {
    const graph = new FakeRosGraph();
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const faults: string[] = [];
    const subscription = new PictureSubscription({
      ...{ node, log: new RecordingLog(), camera: 'front', topic: '/front/image', maxBytes: 1000 },
      ...{ qos: qosProfiles.sensorData, onOpen() {}, onMessage() {}, onPublishers() {}, onLosses() {} },
      onProblem: ({ code }) => faults.push(code),
    });
    subscription.open();
    graph.join({ namespace: '/', name: 'robot' }).advertise('/front/image', compressed, qosProfiles.standard);
    let tries = 0;
    node.subscribe = () => {
      tries += 1;
      throw new GoshawkError('dds-middleware', 'No reader.', 'Try again.');
    };
    subscription.look();
    subscription.look();
    expect([tries, faults]).toEqual([2, ['dds-middleware']]);
    subscription.close();
    subscription.look();
    expect(tries).toBe(2);
  });

  it('by the name where both are there', async () => {
    const { open, camera, seen } = await setUp('/front/compressed');
    await camera(raw);
    const jpeg = await camera(compressed);
    await open();
    await jpeg.send();
    expect(seen()).toEqual(['jpeg']);
  });
});

describe('A topic that can’t be read', () => {
  it('is refused by the name of its type, once, and read when a camera comes', async () => {
    const { open, camera, seen, faults, clock } = await setUp('/front/image/ffmpeg');
    await open();
    await camera(packets);
    await clock.pass(3000);
    expect(faults).toEqual([
      {
        code: 'ros-picture-type',
        text: expect.stringMatching(
          /carries ffmpeg_image_transport_msgs\/msg\/FFMPEGPacket, which is not read here\. Name the camera’s raw or compressed topic, .* in_transport:=ffmpeg/,
        ),
      },
    ]);
    await camera(raw);
    expect(seen()).toEqual(['rgb8']);
  });

  it('because the source names another type is told that', async () => {
    const { open, camera, faults, seen } = await setUp('/front/image', true);
    await open();
    await camera(raw);
    expect(seen()).toEqual([]);
    expect(faults.map(({ text }) => text)).toEqual([
      'The topic /front/image carries sensor_msgs/msg/Image, where the source names sensor_msgs/msg/CompressedImage. Leave type= out: it is found by what the publisher announces.',
    ]);
  });
});
