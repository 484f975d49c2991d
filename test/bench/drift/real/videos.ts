import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type Detection,
  defaultDetectionSettings,
  Letterboxer,
  Postprocessor,
} from '../../../../src/perception/index.ts';
import { createStreet, streetLabels } from '../../../../src/simulation/index.ts';
import { headOf } from '../../../fixtures/head.ts';
import { faultless } from '../plan.ts';
import type { Pixels } from './pixels.ts';

export const framesPerSecond = 5;

export type Network = (picture: Pixels) => Promise<{ detections: readonly Detection[]; candidates: number }>;

/** A place, what is seen of it, and the network that looks at it. */
export interface Video {
  readonly name: string;
  readonly labels: readonly string[];
  pictures(): Promise<Pixels[]>;
  network(): Promise<Network>;
}

export function videos(data: string): readonly Video[] {
  const labels = readFileSync(join(data, 'models/coco80.txt'), 'utf8').trim().split('\n');
  const clip = join(data, 'video/vtest.avi');
  return [
    // The whole square, and two closer looks at parts of it that have little in common.
    {
      name: 'square',
      labels,
      pictures: () => decoded(clip, 'scale=512:384'),
      network: () => yolox(data, labels),
    },
    {
      ...{ name: 'corner', labels, network: () => yolox(data, labels) },
      pictures: () => decoded(clip, 'crop=420:315:0:130,scale=512:384'),
    },
    {
      ...{ name: 'lane', labels, network: () => fastestDet(data, labels) },
      pictures: () => decoded(clip, 'crop=420:315:348:261,scale=512:384'),
    },
    { name: 'street', labels: streetLabels, pictures: async () => rendered(), network: street },
  ];
}

async function decoded(path: string, filter: string): Promise<Pixels[]> {
  const [width, height] = [512, 384];
  const size = width * height * 3;
  const child = spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      path,
      '-vf',
      `fps=${framesPerSecond},${filter}`,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const parts: Buffer[] = [];
  for await (const part of child.stdout as AsyncIterable<Buffer>) parts.push(part);
  const all = Buffer.concat(parts);
  return Array.from({ length: Math.floor(all.length / size) }, (_, i) => ({
    ...{ width, height, data: new Uint8Array(all.subarray(i * size, (i + 1) * size)) },
  }));
}

function rendered(): Pixels[] {
  const [width, height] = [512, 288];
  const scene = createStreet({ seed: 7, width, height });
  return Array.from({ length: 80 * framesPerSecond }, (_, i) => {
    const timeS = 300 + i / framesPerSecond;
    scene.setConditions({ ...faultless(timeS), traffic: 1.5 });
    const data = new Uint8Array(width * height * 3);
    scene.render(timeS, data);
    return { width, height, data };
  });
}

interface Input {
  readonly tensor: string;
  readonly width: number;
  readonly height: number;
  readonly colorOrder: 'rgb' | 'bgr';
  readonly scale: number;
  readonly fit: 'top-left' | 'center' | 'stretch';
}

async function networkOf(
  path: string,
  own: Input,
  output: ReturnType<typeof headOf>,
  labels: readonly string[],
): Promise<Network> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const zero: [number, number, number] = [0, 0, 0];
  const one: [number, number, number] = [1, 1, 1];
  const input = { ...own, layout: 'nchw', dtype: 'float32', pad: 114, mean: zero, std: one } as const;
  const letterboxer = new Letterboxer(input);
  const postprocessor = new Postprocessor({ input, output }, [...labels]);
  const buffer = letterboxer.allocate() as Float32Array;
  const feeds = { [own.tensor]: new Tensor('float32', buffer, [1, 3, own.height, own.width]) };
  const [name] = session.outputNames;
  return async ({ data, width, height }) => {
    const image = { data, width, height, step: width * 3, encoding: 'rgb8' as const };
    const geometry = letterboxer.run(image, buffer);
    const out = (await session.run(feeds))[name!]!;
    const tensors = [{ name: name!, data: out.data as Float32Array, dims: [...out.dims] }];
    return postprocessor.run(tensors, geometry, image, { ...defaultDetectionSettings, scoreThreshold: 0.1 });
  };
}

function yolox(data: string, labels: readonly string[]): Promise<Network> {
  return networkOf(
    join(data, 'models/yolox-nano/yolox_nano.onnx'),
    { tensor: 'images', width: 416, height: 416, colorOrder: 'bgr', scale: 1, fit: 'top-left' },
    headOf('yolox', labels.length),
    labels,
  );
}

function fastestDet(data: string, labels: readonly string[]): Promise<Network> {
  return networkOf(
    join(data, 'models/fastestdet/FastestDet.onnx'),
    { tensor: 'input.1', width: 352, height: 352, colorOrder: 'bgr', scale: 1 / 255, fit: 'stretch' },
    headOf('fastestdet', labels.length, { tensor: '758', dims: [1, 85, 22, 22], width: 352, height: 352 }),
    labels,
  );
}

function street(): Promise<Network> {
  return networkOf(
    'models/street/street.onnx',
    { tensor: 'images', width: 320, height: 192, colorOrder: 'rgb', scale: 1 / 255, fit: 'center' },
    headOf('yolov5', streetLabels.length),
    streetLabels,
  );
}
