import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type Detection,
  defaultDetectionSettings,
  type Image,
  Letterboxer,
  Postprocessor,
} from '../../../../src/perception/index.ts';
import { headOf } from '../../../fixtures/head.ts';
import { sampledPlaces } from '../sampled-places.ts';

export const width = 768;
export const height = 576;
export const framesPerSecond = 10;

/** Pixels that are cut off at every side, so that the picture can be shifted. */
export const border = 4;
/** Pixels by which it is, along each axis. */
export const shifts: readonly number[] = [-1, 0, 1];

export interface ClipFrame {
  /** What a look takes of the picture: `looks[y][x]` is shifted by `shifts[y]` and `shifts[x]`. */
  readonly looks: readonly (readonly Image[])[];
  readonly detections: readonly Detection[];
  readonly candidates: number;
}

type Seen = Pick<ClipFrame, 'detections' | 'candidates'>;

/** All pictures of the video, one after the other. */
async function* pictures(path: string): AsyncGenerator<Image> {
  const size = width * height * 3;
  const child = spawn('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const data = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let from = 0; from < chunk.length; ) {
      const taken = Math.min(chunk.length - from, size - filled);
      data.set(chunk.subarray(from, from + taken), filled);
      from += taken;
      filled += taken;
      if (filled < size) continue;
      yield { data, width, height, step: width * 3, encoding: 'rgb8' };
      filled = 0;
    }
  }
}

/**
 * The video with what YOLOX-Nano sees on every picture; the model runs once, then its boxes are in the cache. Looks at all
 * shifts are half a gigabyte; the pictures would be one, and a look at a picture that is not in the CPU's cache takes a
 * quarter of a millisecond.
 */
export async function loadClip(data: string, cacheFolder: string): Promise<ClipFrame[]> {
  const cache = join(cacheFolder, 'vtest-yolox-nano.json');
  const known = existsSync(cache) ? (JSON.parse(readFileSync(cache, 'utf8')) as Seen[]) : undefined;
  const detect = known === undefined ? await detectorOf(data) : undefined;
  const frames: ClipFrame[] = [];
  for await (const image of pictures(join(data, 'video/vtest.avi'))) {
    const seen = known?.[frames.length] ?? (await detect!(image));
    frames.push({ ...seen, looks: shifts.map((dy) => shifts.map((dx) => shiftedLook(image, dx, dy))) });
  }
  if (known === undefined) {
    mkdirSync(cacheFolder, { recursive: true });
    const seen = frames.map(({ detections, candidates }): Seen => ({ detections, candidates }));
    writeFileSync(`${cache}.part`, JSON.stringify(seen));
    renameSync(`${cache}.part`, cache);
  }
  return frames;
}

function shiftedLook({ data, step }: Image, dx: number, dy: number): Image {
  return sampledPlaces({
    data: data.subarray((border + dy) * step + (border + dx) * 3),
    ...{ width: width - 2 * border, height: height - 2 * border, step, encoding: 'rgb8' },
  })!;
}

async function detectorOf(data: string): Promise<(image: Image) => Promise<Seen>> {
  const labels = readFileSync(join(data, 'models/coco80.txt'), 'utf8').trim().split('\n');
  const session = await InferenceSession.create(join(data, 'models/yolox-nano/yolox_nano.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const input = {
    ...({ tensor: 'images', width: 416, height: 416, layout: 'nchw', dtype: 'float32' } as const),
    ...({ colorOrder: 'bgr', scale: 1, fit: 'top-left', pad: 114 } as const),
    mean: [0, 0, 0] as [number, number, number],
    std: [1, 1, 1] as [number, number, number],
  };
  const letterboxer = new Letterboxer(input);
  const output = headOf('yolox', labels.length);
  const postprocessor = new Postprocessor({ input, output }, labels);
  const buffer = letterboxer.allocate() as Float32Array;
  const feeds = { images: new Tensor('float32', buffer, [1, 3, 416, 416]) };
  return async (image) => {
    const geometry = letterboxer.run(image, buffer);
    const { output: out } = await session.run(feeds);
    const { detections, candidates } = postprocessor.run(
      [{ name: 'output', data: out!.data as Float32Array, dims: [...out!.dims] }],
      geometry,
      image,
      { ...defaultDetectionSettings, scoreThreshold: 0.1 },
    );
    return { detections, candidates };
  };
}
