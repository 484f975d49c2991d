import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gstreamerReady, streamProblem } from '../../../device/gstreamer/index.ts';
import { givesStream } from '../../../src/runtime/sources/open-source.ts';
import { EncodedCamera, type EncodedCameraOptions } from '../../fixtures/cameras/encoded-camera.ts';
import { ClipWorld, type ClipWorldOptions, greyFrames, play } from '../../fixtures/clips/clip-world.ts';
import { SmallDisk, smallDiskMissing } from '../../fixtures/small-disk.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const opened: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];
const folder = () => temporaryFolder();
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await (one.close ?? one.stop)?.call(one);
});

type Reader = 'ffmpeg' | 'gstreamer';
let reader: Reader = 'ffmpeg';
const gstreamerMissing = gstreamerReady()?.message ?? streamProblem();

async function world(camera: EncodedCameraOptions = {}, options: Partial<ClipWorldOptions> = {}) {
  const source = await new EncodedCamera({ gop: 10, fps: 10, ...camera }).start();
  opened.push(source);
  const clips = await new ClipWorld({
    folder: folder(),
    url: `${source.url}#decoder=${reader}`,
    ...options,
  }).start();
  opened.push(clips);
  await clips.more(25);
  return { camera: source, clips };
}

describe.skipIf(gstreamerMissing !== undefined)('A clip of a pipeline of the owner', () => {
  it.each(['h264', 'h265'] as const)(
    'that names its decoder of %s has the packets of the camera',
    async (codec) => {
      const source = await new EncodedCamera({ gop: 10, fps: 10, codec }).start();
      opened.push(source);
      const url = `gst:rtspsrc location=${source.url} protocols=tcp latency=0 ! rtp${codec}depay ! ${codec}parse ! avdec_${codec}`;
      expect(await givesStream(url)).toBe(true);
      const clips = await new ClipWorld({ folder: folder(), url }).start();
      opened.push(clips);
      await clips.more(25);
      const clip = await clips.record({ before: 1.5, after: 1 });
      expect(clip).toMatchObject({ codec, encoded: false, blurred: false, gaps: 0, width: 320, height: 240 });
      const played = play(clip.path);
      expect(played).toMatchObject({ width: 320, height: 240, errors: '' });
      expect(clip.fromMs - clip.timeMs).toBeLessThanOrEqual(keyframeMs + 2 * frameMs);
      const endMs = clip.timeMs + 1000 * played.seconds;
      expect(Math.abs(endMs - clip.untilMs)).toBeLessThanOrEqual(3 * frameMs);
    },
  );

  it.each([
    'gst:v4l2src device=/dev/video0 ! jpegdec',
    'gst:rtspsrc location=rtsp://h264/x ! decodebin',
    'gst:v4l2src ! avdec_h264 ! x264enc ! avdec_h264',
    'csi:0',
    'v4l2:/dev/video0',
    'http://10.0.0.5/h264',
  ])('is made of pictures for %s', async (spec) => {
    expect(await givesStream(spec)).toBe(false);
  });
});

/** A keyframe comes every second. */
const keyframeMs = 1_000;
const frameMs = 100;

describe.each<[Reader, string | undefined]>([
  ['ffmpeg', undefined],
  ['gstreamer', gstreamerMissing],
])('A clip of a camera that is read by %s', (by, missing) => {
  if (missing !== undefined) {
    it.skip(`is as any other (skipped: ${missing})`, () => {});
    return;
  }
  beforeEach(() => {
    reader = by;
  });

  it.each(['h264', 'h265'] as const)(
    'of %s has the packets of the camera, and is as long as was asked for',
    async (codec) => {
      const { clips } = await world({ codec });
      const clip = await clips.record({ before: 1.5, after: 1 });
      expect(clip).toMatchObject({ codec, encoded: false, blurred: false, gaps: 0, width: 320, height: 240 });
      const played = play(clip.path);
      expect(played).toMatchObject({ width: 320, height: 240, errors: '' });
      expect(clip.fromMs - clip.timeMs).toBeLessThanOrEqual(keyframeMs + 2 * frameMs);
      expect(clip.timeMs - clip.fromMs).toBeLessThanOrEqual(2 * frameMs);
      const endMs = clip.timeMs + 1000 * played.seconds;
      expect(Math.abs(endMs - clip.untilMs)).toBeLessThanOrEqual(3 * frameMs);
    },
  );

  it('with pictures that are not sent in the order in which they are shown plays', async () => {
    const { clips } = await world({ bFrames: 2 });
    const clip = await clips.record({ before: 1.5, after: 1 });
    expect(clip.encoded).toBe(false);
    expect(play(clip.path)).toMatchObject({ errors: '' });
  });

  it('of a camera that was switched off and on has its gap, and is not encoded again', async () => {
    const { camera, clips } = await world();
    const made = clips.record({ before: 1, after: 8 });
    await camera.stop();
    await camera.start();
    const clip = await made;
    const played = play(clip.path);
    expect(clip).toMatchObject({ gaps: 1 });
    expect(played.errors).toBe('');
    expect(Math.abs(played.seconds * 1000 - (clip.untilMs - clip.timeMs))).toBeLessThanOrEqual(keyframeMs);
  });

  it('of a camera that changes its resolution has one size', async () => {
    const { camera, clips } = await world();
    const made = clips.record({ before: 1, after: 8 });
    await camera.change({ size: '640x480' });
    await clips.more(20);
    const clip = await made;
    expect(clip).toMatchObject({ encoded: true, width: 320, height: 240 });
    expect(play(clip.path)).toMatchObject({ codec: 'h264', width: 320, height: 240, errors: '' });
  });

  it('of a camera that freezes has what came before', async () => {
    const { camera, clips } = await world();
    camera.stall(true);
    const clip = await clips.record({ before: 1.5, after: 1 });
    expect(play(clip.path)).toMatchObject({ errors: '' });
    expect(clip.durationMs).toBeGreaterThan(1_000);
  });

  it('of JPEG pictures is encoded', async () => {
    const { clips } = await world({ codec: 'mjpeg' });
    const clip = await clips.record({ before: 1.5, after: 1 });
    expect(clip).toMatchObject({ codec: 'h264', encoded: true });
    const played = play(clip.path);
    expect(played).toMatchObject({ codec: 'h264', errors: '' });
    expect(Math.abs(clip.timeMs + 1000 * played.seconds - clip.untilMs)).toBeLessThanOrEqual(5 * frameMs);
  });

  it.each([
    ['a stream', {}, {}, 10],
    ['JPEG pictures', { codec: 'mjpeg' }, {}, 10],
    ['pictures that are no stream', {}, { pictures: true }, 5],
  ] as const)(
    'of %s hides persons, and what is always black, in every picture',
    async (_, camera, options, least) => {
      const person = { x1: 64, y1: 48, x2: 128, y2: 144 };
      const { clips } = await world(
        {
          ...camera,
          scene: (size, fps) =>
            `nullsrc=size=${size}:rate=${fps},geq=lum='255*mod(floor(X/8)+floor(Y/8)\\,2)':cb=128:cr=128`,
        },
        {
          privacy: {
            clips: 'blurred',
            masks: [
              [
                [0.75, 0.5],
                [1, 0.5],
                [1, 1],
                [0.75, 1],
              ],
            ],
          },
          persons: [person],
          ...options,
        },
      );
      const clip = await clips.record({ before: 1, after: 1 });
      expect(clip).toMatchObject({ encoded: true, blurred: true });
      const frames = greyFrames(clip.path, 320, 240);
      expect(frames.length).toBeGreaterThan(least);
      for (const frame of frames) {
        const at = (x: number, y: number) => frame[y * 320 + x]!;
        const contrast = (x1: number, y1: number, x2: number, y2: number) => {
          let most = 0;
          for (let y = y1 + 4; y < y2 - 8; y += 8)
            for (let x = x1 + 4; x < x2 - 8; x += 8) most = Math.max(most, Math.abs(at(x, y) - at(x + 8, y)));
          return most;
        };
        expect(contrast(person.x1, person.y1, person.x2, person.y2)).toBeLessThan(60);
        expect(contrast(160, 16, 220, 100)).toBeGreaterThan(150);
        for (let y = 121; y < 240; y += 3)
          for (let x = 241; x < 320; x += 3) expect(at(x, y)).toBeLessThan(24);
      }
    },
  );

  it.each(['blurred', 'plain'] as const)(
    'with a person who walks through it, and a rule of %s',
    async (mode) => {
      // Fine squares that move by 80 pixels a second over an even ground.
      const inside = 'between(X,mod(N*8,280),mod(N*8,280)+32)*between(Y,96,127)';
      const lum = `if(${inside},255*mod(floor(X/4)+floor(Y/4),2),128)`.replaceAll(',', String.raw`\,`);
      const { clips } = await world(
        { scene: (size, fps) => `nullsrc=size=${size}:rate=${fps},geq=lum='${lum}':cb=128:cr=128` },
        { privacy: { clips: mode }, look: ({ pixels, width }) => walker(pixels.data, width) },
      );
      const clip = await clips.record({ before: 1, after: 1 });
      const contrasts = greyFrames(clip.path, 320, 240).map((frame) => {
        let most = 0;
        for (let y = 98; y < 128; y += 4)
          for (let x = 2; x < 316; x += 4)
            most = Math.max(most, Math.abs(frame[y * 320 + x]! - frame[y * 320 + x + 4]!));
        return most;
      });
      expect(contrasts.length).toBeGreaterThan(10);
      if (mode === 'blurred') expect(Math.max(...contrasts)).toBeLessThan(100);
      else expect(Math.min(...contrasts)).toBeGreaterThan(150);
    },
  );

  it('is not made of a model that knows no persons, where they are to be hidden', async () => {
    const { clips } = await world({}, { privacy: {}, labels: ['car'] });
    await expect(clips.record({ before: 1, after: 0.5 })).rejects.toMatchObject({ code: 'clip-private' });
    expect(readdirSync(clips.folder)).toEqual([]);
  });

  it.skipIf(smallDiskMissing !== undefined)(
    'leaves nothing on a disk that is full, and the next is made',
    async () => {
      const disk = new SmallDisk(join(folder(), 'disk'), '4m');
      try {
        const { clips } = await world({}, { folder: join(disk.folder, 'clips') });
        const empty = disk.fill();
        await expect(clips.record({ before: 1, after: 0.5 })).rejects.toMatchObject({ code: 'disk-full' });
        expect(readdirSync(clips.folder)).toEqual([]);
        empty();
        expect(play((await clips.record({ before: 1, after: 0.5 })).path)).toMatchObject({ errors: '' });
      } finally {
        await opened.pop()?.close?.();
        disk.remove();
      }
    },
  );

  it('whose ring is on the disk is the same, and the ring is encrypted', async () => {
    const { clips } = await world({}, { settings: { ring: 'disk' } });
    const ring = join(clips.folder, '..', `${basename(clips.folder)}-ring`);
    const files = readdirSync(ring);
    expect(files.length).toBeGreaterThan(0);
    const probed = files.map((name) => spawnSync('ffprobe', ['-v', 'error', join(ring, name)]).status);
    expect(probed.every((status) => status !== 0)).toBe(true);
    const clip = await clips.record({ before: 1.5, after: 1 });
    expect(clip).toMatchObject({ encoded: false, gaps: 0 });
    expect(play(clip.path)).toMatchObject({ errors: '' });
    expect(clip.fromMs - clip.timeMs).toBeLessThanOrEqual(keyframeMs + 2 * frameMs);
    expect(clips.recorder.readings()[0]?.ringWrittenBytes).toBeGreaterThan(0);
    await clips.close();
    expect(existsSync(ring)).toBe(false);
  });
});

describe('A clip', () => {
  it('of pictures that are no stream is made of them', async () => {
    const packets = new ClipWorld({ folder: folder(), url: 'sim', pictures: true });
    opened.push(await packets.start());
    await packets.more(40);
    const clip = await packets.record({ before: 1, after: 1 });
    expect(clip).toMatchObject({ codec: 'h264', encoded: true });
    expect(play(clip.path)).toMatchObject({ errors: '' });
  });
});

/** Where the ground is not even. */
function walker(luma: Uint8Array, width: number) {
  let [x1, x2] = [width, 0];
  for (let x = 0; x < width; x++) {
    if (Math.abs(luma[98 * width + x]! - 128) < 40 && Math.abs(luma[110 * width + x]! - 128) < 40) continue;
    [x1, x2] = [Math.min(x1, x), Math.max(x2, x + 1)];
  }
  return x1 < x2 ? [{ x1, y1: 94, x2, y2: 130 }] : [];
}
