import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { GstreamerFrameSource, gstreamerReady, ownPipeline } from '../../device/gstreamer/index.ts';
import { V4l2FrameSource } from '../../device/v4l2/index.ts';
import { FfmpegFrameSource, VideoFrameSource } from '../../src/adapters/ffmpeg/index.ts';
import { MjpegFrameSource } from '../../src/adapters/mjpeg/index.ts';
import { FolderFrameSource } from '../../src/adapters/replay/index.ts';
import { RosFrameSource } from '../../src/adapters/ros2/index.ts';
import { BagFrameSource } from '../../src/adapters/rosbag/index.ts';
import { StreetFrameSource } from '../../src/adapters/street/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { asGoshawkError, silentLog } from '../../src/base/index.ts';
import {
  type DeviceMemory,
  type FrameSource,
  SupervisedFrameSource,
  SwitchedSource,
} from '../../src/perception/index.ts';
import { CdrWriter, qosProfiles, writeCompressedImage, writeImage } from '../../src/ros2/index.ts';
import { PicturePackets } from '../../src/runtime/sources/picture-packets.ts';
import { GatedSource } from '../../src/workbench/run/gated-source.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeGstreamer } from '../fakes/fake-gstreamer.ts';
import { FakeRosGraph } from '../fakes/fake-ros-graph.ts';
import { FakeVideoNode } from '../fakes/fake-video-node.ts';
import { imageOn, writeMcap } from '../fixtures/bags.ts';
import { HttpCamera, jpegHead } from '../fixtures/cameras/http-camera.ts';
import { FakeSource, FramePool } from '../unit/perception/fakes.ts';
import { describeFrameSource, type TestCamera } from './frame-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'goshawk-frames-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A recording goes by itself. */
const recorded = (source: FrameSource): TestCamera => ({ source, next: () => {} });

describeFrameSource('the fake', {
  endless: () => fake(),
  damaged: () => fake(2),
});

function fake(damaged?: number): TestCamera {
  const source = new FakeSource('front');
  const pool = new FramePool();
  let count = 0;
  return {
    source,
    next: () => {
      count += 1;
      if (count === damaged) source.receiver?.fault(asGoshawkError('It is broken.', 'picture-broken'));
      else void source.receiver?.frame(pool.frame('front'));
    },
    held: () => [...pool.releases.values()].filter((released) => released === 0).length,
  };
}

const pictures = join(folder, 'pictures');
mkdirSync(pictures);
for (const name of ['1.jpg', '2.jpg', '3.jpg', '4.jpg']) writeFileSync(join(pictures, name), name);

describeFrameSource('a source that is switched on', {
  endless: () => recorded(new SwitchedSource(pictureSource({ loop: true }), true)),
  ending: { frames: 4, make: () => recorded(new SwitchedSource(pictureSource(), true)) },
});

describeFrameSource('a source whose pictures are kept for clips', {
  endless: () => recorded(forClips(pictureSource({ loop: true }))),
  ending: { frames: 4, make: () => recorded(forClips(pictureSource())) },
});

function forClips(source: FrameSource): FrameSource {
  return new PicturePackets(source, {
    ...{ clock: new SystemClock(), log: silentLog, encode: async () => new Uint8Array(4) },
    packets: () => ({ packet: () => {}, frame: () => {} }),
  });
}

describeFrameSource('a folder of pictures', {
  endless: () => recorded(pictureSource({ loop: true })),
  ending: { frames: 4, make: () => recorded(pictureSource()) },
  damaged: () => recorded(pictureSource({ broken: '2.jpg' })),
  absent: () => pictureSource({ path: join(folder, 'nowhere') }),
});

describeFrameSource('a folder of pictures for slow readers', {
  endless: () => recorded(gated(pictureSource({ loop: true }))),
  ending: { frames: 4, make: () => recorded(gated(pictureSource())) },
});

const gated = (source: FrameSource) =>
  new GatedSource(source, () => new Promise((resolve) => setImmediate(resolve)));

function pictureSource(options: { loop?: boolean; broken?: string; path?: string } = {}): FrameSource {
  const { loop = false, broken, path = pictures } = options;
  const decode = async (bytes: Uint8Array, name: string) => {
    if (name === broken) throw new Error(`${name} is broken.`);
    const data = Uint8Array.from([...bytes, 0]);
    return { data, width: 2, height: 1, step: 6, encoding: 'rgb8' as const };
  };
  return new FolderFrameSource(path, decode, { clock: new FakeClock(), camera: 'front', loop });
}

describeFrameSource('a supervised source', {
  endless: () => supervised(pictures, { loop: true }),
  ending: { frames: 4, make: () => supervised(pictures) },
  damaged: () => supervised(pictures, { loop: true, broken: '2.jpg' }),
  late: () => {
    const path = join(folder, `late-${crypto.randomUUID()}`);
    return {
      ...supervised(path, { loop: true }),
      appear: () => cpSync(pictures, path, { recursive: true }),
    };
  },
});

function supervised(path: string, options: { loop?: boolean; broken?: string } = {}): TestCamera {
  const clock = new FakeClock();
  const source = new SupervisedFrameSource({
    ...{ camera: 'front', clock, random: () => 0.5, endless: options.loop === true },
    make: async () => pictureSource({ ...options, path }),
  });
  return { source, next: () => clock.advance(1000) };
}

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const video = join(folder, 'card.avi');
if (hasFfmpeg) {
  const card = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=0.6'];
  execFileSync('ffmpeg', ['-v', 'error', ...card, video]);
}

describeFrameSource(
  'a video',
  {
    endless: () => recorded(videoSource({ loop: true })),
    ending: { frames: 6, make: () => recorded(videoSource()) },
    absent: () => videoSource({ path: join(folder, 'nowhere.avi') }),
  },
  hasFfmpeg ? undefined : 'ffmpeg is not installed',
);

function videoSource({ loop = false, path = video } = {}): FrameSource {
  return new VideoFrameSource(path, { clock: new FakeClock(), camera: 'front', loop });
}

const recordedPictures = [0n, 1n, 2n].map((second) =>
  imageOn('/front', (second + 1n) * 1_000_000_000n, Number(second)),
);
const [first, second, third] = recordedPictures;
const cut = { ...second!, bytes: second!.bytes.subarray(0, 40) };
const bag = await writeMcap(join(folder, 'street.mcap'), recordedPictures);
const torn = await writeMcap(join(folder, 'torn.mcap'), [first!, cut, third!]);

describeFrameSource('a bag of ROS', {
  endless: () => recorded(bagSource({ loop: true })),
  ending: { frames: 3, make: () => recorded(bagSource()) },
  damaged: () => recorded(bagSource({ path: torn, loop: true })),
  absent: () => bagSource({ path: join(folder, 'nowhere.mcap') }),
});

function bagSource({ loop = false, path = bag } = {}): FrameSource {
  return new BagFrameSource(path, { clock: new FakeClock(), camera: 'front', loop });
}

describeFrameSource('an MJPEG camera', {
  endless: () => mjpeg(),
  damaged: () => mjpeg(2),
  absent: () => mjpegSource('http://127.0.0.1:9/video'),
});

const mjpegSource = (url: string) =>
  new MjpegFrameSource({ camera: 'front', clock: new SystemClock(), url: new URL(url), where: url });

async function mjpeg(damaged?: number): Promise<TestCamera> {
  const server = await new HttpCamera().start();
  let count = 0;
  return {
    source: mjpegSource(server.url),
    next: () => {
      // Who is not connected yet misses nothing.
      if (server.listeners === 0) return;
      count += 1;
      server.picture(count === damaged ? Uint8Array.of(1, 2, 3) : jpegHead(64, 48, count % 251));
    },
    close: () => server.close(),
  };
}

const clip = join(folder, 'clip.ts');
if (hasFfmpeg) {
  const card = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25:duration=4'];
  execFileSync('ffmpeg', ['-v', 'error', ...card, '-c:v', 'mpeg2video', '-f', 'mpegts', clip]);
}

describeFrameSource(
  'a network camera through ffmpeg',
  {
    endless: () => networkCamera(),
    absent: () => ffmpegSource('http://127.0.0.1:9/video'),
  },
  hasFfmpeg ? undefined : 'ffmpeg is not installed',
);

const ffmpegSource = (url: string) =>
  new FfmpegFrameSource({
    ...{ camera: 'front', clock: new SystemClock(), url: new URL(url), where: url },
    redact: (text) => text,
  });

/** It sends the same seconds over and over: their times go back, as those of a camera that was set. */
async function networkCamera(): Promise<TestCamera> {
  const server = await new HttpCamera('video/mp2t').start();
  // More than a test takes.
  server.greeting = Buffer.concat(Array.from({ length: 20 }, () => readFileSync(clip)));
  return { source: ffmpegSource(server.url), next: () => {}, close: () => server.close() };
}

describeFrameSource('a pipeline of a GStreamer that is a fake', {
  endless: () => {
    const addon = new FakeGstreamer();
    const source = gstreamerSource(addon);
    addon.onPipeline = (pipeline) => pipeline.picture();
    return {
      source,
      next: () => addon.newest?.picture(),
      held: () => addon.newest?.held.size ?? 0,
    };
  },
});

describeFrameSource('a pipeline whose pictures stay in the memory of its decoder', {
  endless: () => {
    const addon = new FakeGstreamer();
    const source = gstreamerSource(addon, undefined, ['dmabuf']);
    addon.onPipeline = (pipeline) => pipeline.devicePicture();
    return {
      source,
      next: () => addon.newest?.devicePicture(),
      held: () => addon.newest?.held.size ?? 0,
    };
  },
});

describeFrameSource('a V4L2 camera behind fake ioctls', {
  endless: () => {
    const node = new FakeVideoNode();
    const source = new V4l2FrameSource({
      ...{ camera: 'front', clock: new FakeClock(), path: '/dev/video0', format: 'yuyv' },
      ...{ openNode: () => node, monotonicNs: () => node.monotonicNs },
    });
    return { source, next: () => node.picture(), held: () => (node.closed ? 0 : node.held) };
  },
  absent: () =>
    new V4l2FrameSource({
      ...{ camera: 'front', clock: new FakeClock(), path: '/dev/video4095', monotonicNs: () => 0n },
    }),
});

const noGstreamer = gstreamerReady();
describeFrameSource(
  'a pipeline of GStreamer',
  {
    endless: () => recorded(gstreamerSource()),
    absent: () => gstreamerSource(undefined, 'noelementofthisname'),
  },
  noGstreamer === undefined ? undefined : 'the addon for GStreamer is not built or does not load',
);

function gstreamerSource(
  addon?: FakeGstreamer,
  text = 'videotestsrc is-live=true ! video/x-raw,width=64,height=48',
  memories: readonly DeviceMemory[] = [],
) {
  return new GstreamerFrameSource({
    ...{
      camera: 'front',
      clock: new SystemClock(),
      pipeline: ownPipeline(text, memories),
      where: text,
      memories,
    },
    redact: (said) => said,
    ...(addon === undefined ? {} : { addon }),
  });
}

describeFrameSource('the simulated street', {
  endless: () => {
    const clock = new FakeClock();
    const source = new StreetFrameSource({
      ...{ camera: 'front', clock, seed: 3, fps: 10, width: 64, height: 48, buffers: 8 },
    });
    return { source, next: () => clock.advance(100), held: () => source.buffersInUse };
  },
});

describeFrameSource('a topic of pictures', {
  endless: () => topic('/front/image'),
  damaged: () => topic('/front/image', 2),
});

describeFrameSource('a topic of compressed pictures', {
  endless: () => topic('/front/image/compressed'),
  damaged: () => topic('/front/image/compressed', 2),
});

/** A camera of the graph that publishes one picture per turn. */
async function topic(name: string, damaged?: number): Promise<TestCamera> {
  const compressed = name.endsWith('/compressed');
  const graph = new FakeRosGraph();
  const type = compressed ? 'sensor_msgs/msg/CompressedImage' : 'sensor_msgs/msg/Image';
  const publisher = graph.join({ namespace: '/', name: 'robot' }).advertise(name, type, qosProfiles.standard);
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const source = new RosFrameSource({ node, clock: new FakeClock(), camera: 'front', topic: name });
  let count = 0;
  return {
    source,
    next: () => {
      count += 1;
      const header = { stampNs: BigInt(count) * 33_000_000n, frameId: 'front_optical' };
      const writer = new CdrWriter();
      const bytes = compressed
        ? writeCompressedImage(writer, { header, format: 'jpeg', data: jpegOf(count) })
        : writeImage(writer, { ...raw, header, data: new Uint8Array(24).fill(count) });
      publisher.publish(count === damaged ? bytes.subarray(0, bytes.length - 10) : bytes);
    },
    held: () => graph.held,
    close: () => {
      node.close();
      publisher.close();
    },
  };
}

const raw = { width: 4, height: 2, encoding: 'rgb8', isBigendian: false, step: 12 };

/** As much of a JPEG as says how large it is. */
function jpegOf(value: number): Uint8Array {
  const frameHeader = [0xff, 0xc0, 0, 11, 8, 0, 48, 0, 64, 1, 1, 0x11, 0];
  return Uint8Array.from([0xff, 0xd8, ...frameHeader, 0xff, 0xd9, value]);
}
