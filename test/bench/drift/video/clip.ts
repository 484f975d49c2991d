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

export const width = 768;
export const height = 576;
export const framesPerSecond = 10;

export interface ClipFrame {
  readonly image: Image;
  readonly detections: readonly Detection[];
  readonly candidates: number;
}

type Seen = Pick<ClipFrame, 'detections' | 'candidates'>;

/** All pictures of the video, in memory: about a gigabyte. */
async function pictures(path: string): Promise<Image[]> {
  const size = width * height * 3;
  const child = spawn('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const images: Image[] = [];
  let data = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let from = 0; from < chunk.length; ) {
      const taken = Math.min(chunk.length - from, size - filled);
      data.set(chunk.subarray(from, from + taken), filled);
      from += taken;
      filled += taken;
      if (filled < size) continue;
      images.push({ data, width, height, step: width * 3, encoding: 'rgb8' });
      data = new Uint8Array(size);
      filled = 0;
    }
  }
  return images;
}

/** The video with what YOLOX-Nano sees on every picture; the model runs once, then its boxes are in the cache. */
export async function loadClip(data: string, cacheFolder: string): Promise<ClipFrame[]> {
  const images = await pictures(join(data, 'video/vtest.avi'));
  const cache = join(cacheFolder, 'vtest-yolox-nano.json');
  if (!existsSync(cache)) {
    mkdirSync(cacheFolder, { recursive: true });
    writeFileSync(`${cache}.part`, JSON.stringify(await detectAll(data, images)));
    renameSync(`${cache}.part`, cache);
  }
  const seen = JSON.parse(readFileSync(cache, 'utf8')) as Seen[];
  return images.map((image, i) => ({ image, ...seen[i]! }));
}

async function detectAll(data: string, images: readonly Image[]): Promise<Seen[]> {
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
  const output = { decoder: 'yolox' as const, tensors: ['output'], strides: [8, 16, 32] };
  const postprocessor = new Postprocessor({ input, output }, labels);
  const buffer = letterboxer.allocate() as Float32Array;
  const feeds = { images: new Tensor('float32', buffer, [1, 3, 416, 416]) };
  const seen: Seen[] = [];
  for (const image of images) {
    const geometry = letterboxer.run(image, buffer);
    const { output: out } = await session.run(feeds);
    const { detections, candidates } = postprocessor.run(
      [{ name: 'output', data: out!.data as Float32Array, dims: [...out!.dims] }],
      geometry,
      image,
      { ...defaultDetectionSettings, scoreThreshold: 0.1 },
    );
    seen.push({ detections, candidates });
  }
  return seen;
}
