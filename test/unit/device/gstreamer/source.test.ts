import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  cameraPipeline,
  csiPipeline,
  GstreamerFrameSource,
  memoriesHere,
  ownPipeline,
} from '../../../../device/gstreamer/index.ts';
import type { GstEvent } from '../../../../native/index.ts';
import type { GoshawkError } from '../../../../src/base/index.ts';
import type { DeviceMemory } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeGstreamer } from '../../../fakes/fake-gstreamer.ts';
import { NotingReceiver } from '../../adapters/replay/receiver.ts';

class Losses extends NotingReceiver {
  readonly losses: GoshawkError[] = [];
  lost(error: GoshawkError): void {
    this.losses.push(error);
  }
}

const address = new URL('rtsp://ann:p%40ss@10.0.0.5/stream1?channel=1');
const pipeline = cameraPipeline({ url: address, transport: 'tcp', unverified: false, timeoutMs: 5000 });

function camera(hadCredentials = true, memories: readonly DeviceMemory[] = []) {
  const addon = new FakeGstreamer();
  const clock = new FakeClock();
  const source = new GstreamerFrameSource({
    ...{ camera: 'front', clock, pipeline, where: 'rtsp://10.0.0.5/stream1', hadCredentials, addon },
    memories,
    redact: (text) => text.replaceAll('p@ss', '...'),
  });
  const receiver = new Losses();
  const refused = source.open(receiver).then(
    () => undefined,
    (error: GoshawkError) => error,
  );
  return { addon, clock, source, receiver, refused, play: () => addon.newest! };
}

const resource = (code: number, text: string): [GstEvent['kind'], Partial<GstEvent>] => [
  'error',
  { domain: 'gst-resource-error-quark', code, text },
];

describe('The stream of a pipeline', () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 1]);
  function taken() {
    const addon = new FakeGstreamer();
    const noted: string[] = [];
    const source = new GstreamerFrameSource({
      ...{
        camera: 'front',
        clock: new FakeClock(),
        pipeline,
        where: 'there',
        addon,
        redact: (text: string) => text,
      },
      packets: () => ({
        packet: ({ codec, timeNs, keyframe, bytes }) =>
          void noted.push(`${codec} ${timeNs} ${keyframe} ${bytes.length}`),
        frame: (timeNs) => void noted.push(`frame ${timeNs}`),
      }),
    });
    const opened = source.open(new Losses());
    return { source, noted, opened, play: addon.newest! };
  }

  it('is asked for where somebody takes it', async () => {
    const { play, source, opened } = taken();
    expect(play.options.stream).toBe(true);
    await source.close();
    await opened.catch(() => {});
    const { play: other, source: silent } = camera();
    expect(other().options.stream).toBe(false);
    await silent.close();
  });

  it('comes before the pictures that are made of it, with the same times', async () => {
    const { play, source, noted, opened } = taken();
    // No whole number of ticks.
    const timeNs = 33_333_333n;
    play.stream(jpeg, { jpeg: true, timeNs });
    play.picture({ timeNs });
    await opened;
    expect(noted).toEqual(['jpeg 33322222 true 3', 'frame 33322222']);
    await source.close();
  });

  it('of H.264 begins where its first picture is, whatever GStreamer calls that time', async () => {
    const stream = execFileSync('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=1', '-c:v', 'libx264'],
      ...['-bf', '0', '-output_ts_offset', '3600', '-f', 'mpegts', '-'],
    ]);
    const { play, source, noted, opened } = taken();
    play.stream(stream.subarray(0, 1000), { timeNs: 5_000_000_000n });
    play.stream(stream.subarray(1000));
    play.picture({ timeNs: 5_000_000_000n });
    await opened;
    await source.close();
    const packets = noted.filter((one) => one.startsWith('h264'));
    expect(packets).toHaveLength(10);
    expect(packets[0]).toMatch(/^h264 5000000000 true /);
    expect(packets[9]).toMatch(/^h264 5900000000 false /);
    expect(noted.at(-1)).toBe(packets[9]);
  });

  it('begins anew, without a torn picture, where a part of it was dropped', async () => {
    const stream = execFileSync('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=1', '-c:v', 'libx264'],
      ...['-bf', '0', '-f', 'mpegts', '-'],
    ]);
    const { play, source, noted, opened } = taken();
    play.stream(stream.subarray(0, stream.length / 2), { timeNs: 0n });
    play.stream(stream, { timeNs: 20_000_000_000n });
    play.picture();
    await opened;
    await source.close();
    const times = noted.flatMap((one) => (one.startsWith('h264') ? [Number(one.split(' ')[1]) / 1e9] : []));
    const [before, after] = [times.filter((time) => time < 10), times.filter((time) => time >= 10)];
    expect(after).toHaveLength(10);
    expect(before.length).toBeLessThan(9);
    await source.close();
  });
});

describe('A pipeline as a camera', () => {
  it('takes the address and the password as properties, and no text holds them', () => {
    const text = JSON.stringify(pipeline.launches);
    expect(text).not.toMatch(/ann|p%40ss|p@ss|10\.0\.0\.5/);
    const values = Object.fromEntries(pipeline.properties.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      location: 'rtsp://10.0.0.5/stream1?channel=1',
      'user-id': 'ann',
      'user-pw': 'p@ss',
      protocols: 'tcp',
    });
    expect(csiPipeline(1).launches[0]?.text).toContain('nvarguscamerasrc sensor-id=1');
  });

  it('decodes on the board where it has the decoder for it, else by whatever is there', () => {
    expect(pipeline.launches.map(({ needs }) => needs.includes('nvv4l2decoder'))).toEqual([true, false]);
  });

  it.each<[string, [GstEvent['kind'], Partial<GstEvent>], boolean, string]>([
    ['a wrong password', resource(15, 'Unauthorized'), true, 'camera-refused'],
    ['no password', resource(15, 'Unauthorized'), false, 'camera-refused'],
    ['a wrong path', resource(3, 'Not found'), true, 'camera-path'],
    ['nobody at home', resource(7, 'Could not open\nx.c(9): Connection refused'), true, 'camera-unreachable'],
    ['a decoder that is missing', ['missing', { text: 'H.265 decoder' }], true, 'camera-codec'],
    [
      'an unknown codec',
      ['error', { domain: 'gst-stream-error-quark', code: 6, text: 'x' }],
      true,
      'camera-codec',
    ],
    ['a picture of 0x0', ['size', { text: '0x0' }], true, 'camera-picture-size'],
    ['a picture of a wall', ['size', { text: '16000x9000' }], true, 'camera-picture-size'],
    ['a stream that ends', ['ended', {}], true, 'camera-lost'],
    [
      'anything else',
      ['error', { domain: 'gst-library-error-quark', code: 1, text: 'it broke' }],
      true,
      'camera-lost',
    ],
  ])('refuses %s in words', async (_what, [kind, over], hadCredentials, code) => {
    const { play, refused, source } = camera(hadCredentials);
    play().event(kind, over);
    if (kind === 'missing')
      play().event('error', { domain: 'gst-core-error-quark', code: 12, text: 'no decoder' });
    const error = await refused;
    expect(error?.code).toBe(code);
    expect(error?.remedy).not.toBe('');
    await source.close();
  });

  it('names no password, whatever GStreamer says', async () => {
    const { play, refused, source } = camera();
    play().event('error', {
      domain: 'x',
      code: 1,
      text: 'rtsp://ann:p@ss@10.0.0.5 broke\nConnection closed by p@ss',
    });
    expect((await refused)?.explain()).not.toContain('p@ss');
    await source.close();
  });

  it('is given up when no picture comes in time', async () => {
    const { clock, refused, source, play } = camera();
    clock.advance(10_000);
    expect((await refused)?.message).toContain('no picture within 10 s');
    expect(play().stopped).toBe(true);
    await source.close();
  });

  it('tells once that it is lost after its first picture, and gives back what comes later', async () => {
    const { play, receiver, refused, source } = camera();
    play().picture();
    expect(await refused).toBeUndefined();
    play().event('error', { domain: 'gst-resource-error-quark', code: 9, text: 'Could not read' });
    play().event('ended');
    await settle();
    expect(receiver.losses.map(({ code }) => code)).toEqual(['camera-lost']);
    await source.close();
    receiver.frames[0]?.pixels.release();
    expect(play().held.size).toBe(0);
  });

  it('counts what gave way to a newer picture as a gap', async () => {
    const { play, receiver, source } = camera();
    for (const sequence of [3, 4, 7]) play().picture({ sequence });
    expect(receiver.frames.map(({ sequence }) => sequence)).toEqual([0, 1, 4]);
    await source.close();
  });

  it('copies a picture that stayed where it was once, when somebody reads it, and counts that', async () => {
    const { play, receiver, source } = camera(true, ['dmabuf']);
    expect(play().options.deviceMemories).toBe(1);
    play().devicePicture(new Uint8Array(12).fill(9));
    const { pixels } = receiver.frames[0]!;
    expect(pixels.device?.memory).toBe('dmabuf');
    expect(play().copies).toBe(0);
    expect(source.inputCounts().memory).toEqual({ inPlace: 1, copied: 0, mapped: 0, held: 1 });
    expect(pixels.data).toEqual(new Uint8Array(12).fill(9));
    expect(pixels.data).toBe(pixels.data);
    expect(play().copies).toBe(1);
    pixels.release();
    expect(source.inputCounts().memory).toEqual({ inPlace: 1, copied: 0, mapped: 1, held: 0 });
    await source.close();
  });

  it('says what to do where such a picture cannot be read', async () => {
    const { play, receiver, source } = camera(true, ['nvmm']);
    play().devicePicture(null, 'nvmm');
    const { pixels } = receiver.frames[0]!;
    expect(() => pixels.data).toThrow(expect.objectContaining({ code: 'camera-memory' }));
    pixels.release();
    await source.close();
  });

  it('waits for a pipeline that hangs no longer than three seconds', async () => {
    const { addon, clock, play, source } = camera();
    addon.hangs = true;
    play().picture();
    let closed = false;
    const closing = source.close().then(() => {
      closed = true;
    });
    await settle();
    expect(closed).toBe(false);
    clock.advance(3000);
    await closing;
    expect(play().closed).toBe(true);
  });
});

describe('Where pictures may stay', () => {
  const texts = (memories: readonly DeviceMemory[]) => [
    ...cameraPipeline({ url: address, transport: 'tcp', unverified: false, timeoutMs: 5000, memories })
      .launches,
    ...csiPipeline(0, memories).launches,
    ...ownPipeline('filesrc ! parsebin ! nvv4l2decoder', memories).launches,
    ...ownPipeline('videotestsrc', memories).launches,
  ];

  it.each<[readonly DeviceMemory[], number, number]>([
    [[], 0, 0],
    [['nvmm'], 3, 0],
    [['dmabuf', 'memfd'], 0, 2],
    [['dmabuf', 'nvmm'], 3, 2],
  ])(
    '%j: that many texts leave surfaces of a Jetson, and dma-bufs, as they are',
    (memories, surfaces, files) => {
      const all = texts(memories).map(({ text }) => text);
      const leaves = (text: string) =>
        /nvvidconv name=surfaces ! video\/x-raw\(memory:NVMM\),format=NV12 ! appsink/.test(text);
      expect(all.filter(leaves)).toHaveLength(surfaces);
      expect(all.filter((text) => text.includes('memory:DMABuf'))).toHaveLength(files);
      expect(all).toHaveLength(5);
    },
  );

  it('asks the Jetson for rows one after the other, where its converter knows of that', () => {
    expect(csiPipeline(0, ['nvmm']).properties).toEqual([
      { element: 'surfaces', name: 'bl-output', value: 'false' },
    ]);
    expect(csiPipeline(0).properties).toEqual([]);
  });

  it.each([
    ['1.26.2', '', [undefined, undefined, undefined]],
    ['1.24.0', 'no library', ['no library', undefined, undefined]],
    ['1.20.3', '', [undefined, undefined, expect.stringContaining('1.20.3')]],
  ])('is told of this machine: GStreamer %s, surfaces %j', (installed, surfaces, problems) => {
    const here = memoriesHere(Object.assign(new FakeGstreamer(), { installed, surfaces }));
    expect(here.map(({ memory }) => memory)).toEqual(['nvmm', 'dmabuf', 'memfd']);
    expect(here.map(({ problem }) => problem)).toEqual(problems);
  });
});
