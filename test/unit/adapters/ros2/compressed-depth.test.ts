import { describe, expect, it } from 'vitest';
import { type DecodeDepth, DepthKeeper } from '../../../../src/adapters/ros2/index.ts';
import { decodeGrey16 } from '../../../../src/adapters/sharp/index.ts';
import { CdrWriter, qosProfiles, writeCompressedImage, writeImage } from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { greyPng } from '../../../fixtures/grey-png.ts';

const second = 1_000_000_000n;
const size = { width: 4, height: 2 };

function message(
  stampNs: bigint,
  value: number,
  format = '16UC1; compressedDepth png',
  said = size,
): Uint8Array {
  const png = greyPng(size.width, size.height, new Array(8).fill(value));
  const data = new Uint8Array(12 + png.length);
  data.set(png, 12);
  new DataView(data.buffer).setUint32(12 + 16, said.width);
  new DataView(data.buffer).setUint32(12 + 20, said.height);
  const header = { stampNs, frameId: 'depth' };
  return Uint8Array.from(writeCompressedImage(new CdrWriter(), { header, format, data }));
}

async function setUp(topic: string, decode?: DecodeDepth) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const robot = graph.join({ namespace: '/', name: 'robot' });
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const keeper = new DepthKeeper({ node, clock, log, camera: 'front', ...(decode && { decode }) });
  keeper.open(topic);
  const publisher = robot.advertise(topic, 'sensor_msgs/msg/CompressedImage', qosProfiles.standard);
  await clock.pass(500);
  const send = async (bytes: Uint8Array) => {
    publisher.publish(bytes);
    await clock.pass(0);
  };
  const told = () => log.at('warn').map(([, fields]) => fields?.reason);
  return { graph, clock, robot, keeper, publisher, send, told };
}

/** Decoding that ends when the test says so. */
function steps() {
  const waiting: (() => void)[] = [];
  const decode: DecodeDepth = (png) =>
    new Promise((resolve) => {
      waiting.push(() => resolve({ data: new Uint8Array(16).fill(png.length), ...size }));
    });
  return { decode, waiting };
}

describe('Depth that is compressed', () => {
  it.each(['/depth/image/compressedDepth', '/depth/squeezed'])(
    'on %s is kept as it was measured',
    async (topic) => {
      const { send, keeper, graph, told } = await setUp(topic, decodeGrey16);
      await send(message(second, 2000));
      await expect.poll(() => keeper.at(second)).toBeDefined();
      const { data, ...form } = keeper.at(second)!;
      expect(form).toEqual({ ...size, step: 8, unit: 'mm', bigEndian: false });
      expect([...new Uint16Array(data.buffer, data.byteOffset, 8)]).toEqual(new Array(8).fill(2000));
      expect([graph.held, told()]).toEqual([0, []]);
      keeper.close();
    },
  );

  it('is decoded one at a time: of those that come meanwhile the newest, and nothing after the end', async () => {
    const { decode, waiting } = steps();
    const { send, keeper, graph, clock } = await setUp('/depth/image/compressedDepth', decode);
    for (const at of [1n, 2n, 3n]) await send(message(at * second, 1));
    expect([waiting.length, graph.held]).toEqual([1, 2]);
    waiting.shift()?.();
    await clock.pass(0);
    expect([keeper.at(second) === undefined, waiting.length]).toEqual([false, 1]);
    keeper.close();
    waiting.shift()?.();
    await clock.pass(0);
    expect([keeper.at(3n * second), graph.held, clock.pending]).toEqual([undefined, 0, 0]);
  });

  it('may still come while it is decoded, or somebody publishes', async () => {
    const { decode, waiting } = steps();
    const { send, keeper, publisher, clock } = await setUp('/depth/image/compressedDepth', decode);
    expect(keeper.awaits(second)).toBe(true);
    await send(message(second, 1));
    publisher.close();
    expect(keeper.awaits(second)).toBe(true);
    waiting.shift()?.();
    await clock.pass(0);
    expect([keeper.awaits(second), keeper.awaits(2n * second)]).toEqual([false, false]);
    keeper.close();
  });

  it('is kept in 128 MiB', async () => {
    const large = { width: 5000, height: 5000 };
    const decode = async () => ({ data: new Uint8Array(50_000_000), ...large });
    const { send, keeper } = await setUp('/depth/image/compressedDepth', decode);
    for (const at of [1n, 2n, 3n]) await send(message(at * second, 1, '16UC1', large));
    const kept = [1n, 2n, 3n].map((at) => keeper.at(at * second) !== undefined);
    expect(kept).toEqual([false, true, true]);
    keeper.close();
  });

  it('that can’t be read is told once, and the next one is taken', async () => {
    const { send, keeper, told, graph } = await setUp('/depth/image/compressedDepth', decodeGrey16);
    for (let i = 0; i < 2; i += 1) await send(message(second, 1, '16UC1; compressedDepth rvl'));
    expect(told()).toEqual([expect.stringMatching(/compressedDepth rvl" is not read/)]);
    await send(message(2n * second, 7));
    await expect.poll(() => keeper.at(2n * second)).toBeDefined();
    await send(message(3n * second, 1, 'jpeg'));
    expect(told()).toHaveLength(2);
    expect(graph.held).toBe(0);
    keeper.close();
  });

  it('needs a decoder, and one that gives the size of the header', async () => {
    const without = await setUp('/depth/image/compressedDepth');
    await without.send(message(second, 1));
    expect(without.told()).toEqual([expect.stringMatching(/no decoder for PNG is installed/)]);
    const other = await setUp('/depth/image/compressedDepth', async () => ({
      ...{ data: new Uint8Array(2), width: 1, height: 1 },
    }));
    await other.send(message(second, 1));
    expect(other.told()).toEqual([expect.stringMatching(/has two sizes/)]);
  });

  it('gives way to raw depth when the publisher changes to it', async () => {
    const { publisher, keeper, robot, clock } = await setUp('/depth/image/compressedDepth', decodeGrey16);
    publisher.close();
    const raw = robot.advertise(
      '/depth/image/compressedDepth',
      'sensor_msgs/msg/Image',
      qosProfiles.standard,
    );
    await clock.pass(500);
    const header = { stampNs: second, frameId: 'depth' };
    const image = {
      header,
      ...size,
      step: 8,
      encoding: '16UC1',
      isBigendian: false,
      data: new Uint8Array(16),
    };
    raw.publish(Uint8Array.from(writeImage(new CdrWriter(), image)));
    await clock.pass(0);
    expect(keeper.at(second)).toMatchObject({ unit: 'mm' });
    keeper.close();
  });
});
