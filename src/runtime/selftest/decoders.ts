import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nativeFeatures } from '../../../device/native/index.ts';
import { VideoFrameSource } from '../../adapters/ffmpeg/index.ts';
import { decodePicture, encodePreview, sharpVersions } from '../../adapters/sharp/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { percentile } from '../../base/index.ts';
import type { Frame } from '../../perception/index.ts';
import { installRemedy } from '../../platform/index.ts';
import { streetPictures } from '../trials/pictures.ts';
import { lastWords, runProgram } from './programs.ts';
import { absent, attempt, fails, type Trial, works } from './trial.ts';

const rounds = 20;
const videoFrames = 10;

/** JPEG as cameras send it, in both planes, and video files. */
export async function tryDecoders(work: string): Promise<readonly Trial[]> {
  return (
    await Promise.all([
      attempt('decoders', 'JPEG (libvips)', jpegInNode),
      attempt('decoders', 'JPEG (native)', async () => jpegInAddon()),
      attempt('decoders', 'letterbox (native)', async () => vectorUnit()),
      attempt('decoders', 'video (ffmpeg)', () => video(work)),
    ])
  ).flat();
}

async function jpegInNode(): Promise<Trial> {
  const [picture] = streetPictures(1);
  const jpeg = await encodePreview(picture!, { maxWidth: 1280, quality: 85 });
  const timesMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const beganMs = performance.now();
    const { width } = await decodePicture(jpeg, 'selftest.jpg');
    timesMs.push(performance.now() - beganMs);
    if (width !== 1280) throw new Error(`A picture of 1280 pixels came back with ${width}.`);
  }
  const p50Ms = percentile(timesMs, 0.5);
  return works(
    'decoders',
    'JPEG (libvips)',
    `libvips ${sharpVersions().libvips}, 1280x720 in ${p50Ms.toFixed(1)} ms`,
    { p50Ms },
  );
}

function jpegInAddon(): Trial {
  const name = 'JPEG (native)';
  const features = nativeFeatures();
  if (features === undefined) {
    return absent('decoders', name, 'the native plane is not here', 'See the row of the native engine.');
  }
  return features.jpeg.startsWith('none')
    ? absent(
        'decoders',
        name,
        features.jpeg,
        `${jpegPackages()} Until then JPEG frames take the other plane.`,
      )
    : works('decoders', name, features.jpeg);
}

const jpegPackages = () => installRemedy('libturbojpeg0', 'libturbojpeg');

function vectorUnit(): Trial {
  const name = 'letterbox (native)';
  const features = nativeFeatures();
  if (features === undefined) {
    return absent('decoders', name, 'the native plane is not here', 'See the row of the native engine.');
  }
  return features.simd === 'scalar'
    ? fails('decoders', name, 'scalar: no vector unit of this processor is used', 'Send us the report.')
    : works('decoders', name, `with ${features.simd}`);
}

/** Encodes a short film with ffmpeg's own picture, and plays it as a camera. */
async function video(work: string): Promise<Trial> {
  const name = 'video (ffmpeg)';
  await mkdir(work, { recursive: true });
  const file = join(work, 'selftest.mp4');
  const film = ['-f', 'lavfi', '-i', `testsrc=size=640x360:rate=10:duration=${videoFrames / 10}`];
  const args = ['-v', 'error', '-nostdin', '-y', ...film, '-pix_fmt', 'yuv420p', file];
  const made = await runProgram('ffmpeg', args, 60_000);
  if (made === undefined) {
    return absent('decoders', name, 'ffmpeg is not installed', `For video files. ${installRemedy('ffmpeg')}`);
  }
  if (made.code !== 0) {
    return fails(
      'decoders',
      name,
      `ffmpeg makes no film: ${lastWords(made.stderr)}`,
      'Install ffmpeg again.',
    );
  }
  const count = await play(file);
  return count === videoFrames
    ? works('decoders', name, `a film of ${count} frames came back whole`)
    : fails('decoders', name, `of ${videoFrames} frames ${count} came back`, 'Install ffmpeg again.');
}

async function play(file: string): Promise<number> {
  const source = new VideoFrameSource(file, {
    camera: 'selftest',
    clock: new SystemClock(),
    loop: false,
    pace: { kind: 'every' },
  });
  let count = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const frame = ({ pixels }: Frame) => {
        count += 1;
        pixels.release();
      };
      source.open({ frame, fault: reject, end: resolve }).catch(reject);
    });
  } finally {
    await source.close();
  }
  return count;
}
