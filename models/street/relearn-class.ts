/**
 * Teaches the heads of the street detector one class anew, from hard frames whose boxes somebody corrected.
 *
 *   node --import tsx models/street/relearn-class.ts --model street.onnx --class pedestrian --out better.onnx FOLDER...
 *
 * Each folder is a data set in the form of COCO (annotations.json and images/), as `goshawk frame export` gives it.
 * Only the class's own rows of the three heads are learned, by logistic regression on the features that they read: the
 * backbone, the boxes and the other classes stay as they are. Seconds on one core, no chance in it. It helps where a class is
 * missing or weak and its objects are found as objects; for all else train.py and models/recovery are there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { loadModel, saveModel } from '../../src/optimize/index.ts';
import { dataTypes, type ValueInfoProto } from '../../src/optimize/onnx/types.ts';
import { anchors, type ClassRow, headsOf, withClass } from './heads.ts';
import { learnRow, RowSamples } from './logistic.ts';

const [width, height, pad] = [320, 192, 114];
const strides = [8, 16, 32];

interface Dataset {
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[];
  readonly annotations: readonly { image_id: number; category_id: number; bbox: readonly number[] }[];
  readonly categories: readonly { id: number; name: string }[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, class: { type: 'string' }, out: { type: 'string' } },
});
const { model = '', class: taught = '', out = '' } = values;
const labels = readFileSync(new URL('./labels.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const at = labels.indexOf(taught);
if (at < 0) throw new Error(`--class ${taught} is none of ${labels.join(', ')}`);

const bytes = readFileSync(model);
const graph = loadModel(bytes);
const heads = headsOf(graph);
for (const { feature } of heads) graph.proto.output.push(floats(feature));
const session = await InferenceSession.create(saveModel(graph), { intraOpNumThreads: 1 });
const samples = heads.map(({ channels }) => Array.from({ length: anchors }, () => new RowSamples(channels)));

let pictures = 0;
for (const folder of positionals) {
  const data = JSON.parse(readFileSync(join(folder, 'annotations.json'), 'utf8')) as Dataset;
  const category = data.categories.find(({ name }) => name === taught)?.id;
  for (const image of data.images) {
    const boxes = data.annotations
      .filter((one) => one.image_id === image.id && one.category_id === category)
      .map(({ bbox }) => toInput(bbox, image.width, image.height));
    await look(await letterbox(join(folder, 'images', image.file_name)), boxes);
    pictures += 1;
  }
}
const rows = samples.map((of) => of.map((one) => learnRow(one)));
writeFileSync(
  out,
  withClass(bytes, labels.length, at, (head, anchor, channels): ClassRow => {
    return rows[head]?.[anchor] ?? { weights: new Float32Array(channels), bias: -8 };
  }),
);
const all = samples.flat();
const total = (of: (one: RowSamples) => number) => all.reduce((sum, one) => sum + of(one), 0);
const counts = { pictures, yes: total((one) => one.yes), no: total((one) => one.count - one.yes) };
process.stdout.write(`${JSON.stringify(counts)}\n`);

/** One more output, of whatever shape. */
function floats(name: string): ValueInfoProto {
  return { name, type: { tensorType: { elemType: dataTypes.float } } };
}

/** Corners in the network's input. */
function toInput(
  [x = 0, y = 0, w = 0, h = 0]: readonly number[],
  fromWidth: number,
  fromHeight: number,
): Box {
  const scale = Math.min(width / fromWidth, height / fromHeight);
  const [left, top] = [(width - fromWidth * scale) / 2, (height - fromHeight * scale) / 2];
  return [x * scale + left, y * scale + top, (x + w) * scale + left, (y + h) * scale + top];
}
type Box = readonly [x1: number, y1: number, x2: number, y2: number];

async function letterbox(path: string): Promise<Float32Array> {
  const background = { r: pad, g: pad, b: pad };
  const { data } = await sharp(path)
    .removeAlpha()
    .resize(width, height, { fit: 'contain', background, kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const plane = width * height;
  const pixels = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++)
    for (let colour = 0; colour < 3; colour++) pixels[colour * plane + i] = data[i * 3 + colour]! / 255;
  return pixels;
}

/** Where the network sees an object at all: yes where its box is one of the class, else no. */
async function look(pixels: Float32Array, boxes: readonly Box[]): Promise<void> {
  const found = await session.run({ images: new Tensor('float32', pixels, [1, 3, height, width]) });
  const rowsOf = found.output!.data as Float32Array;
  const columns = 5 + labels.length;
  let row = 0;
  for (const [head, { feature, channels }] of heads.entries()) {
    const features = found[feature]!.data as Float32Array;
    const cells = (width / strides[head]!) * (height / strides[head]!);
    for (let anchor = 0; anchor < anchors; anchor++)
      for (let cell = 0; cell < cells; cell++, row++) {
        const [cx, cy, w, h, objectness] = rowsOf.subarray(
          row * columns,
          row * columns + 5,
        ) as unknown as number[];
        if (objectness! < 0.05) continue;
        const box: Box = [cx! - w! / 2, cy! - h! / 2, cx! + w! / 2, cy! + h! / 2];
        const best = Math.max(0, ...boxes.map((one) => overlap(box, one)));
        // What lies half on one teaches nothing.
        if (best > 0.3 && best < 0.5) continue;
        const values = Float32Array.from(
          { length: channels },
          (_, channel) => features[channel * cells + cell]!,
        );
        samples[head]![anchor]!.add(values, best >= 0.5);
      }
  }
}

function overlap(a: Box, b: Box): number {
  const side = (from: 0 | 1, to: 2 | 3) => Math.max(0, Math.min(a[to], b[to]) - Math.max(a[from], b[from]));
  const both = side(0, 2) * side(1, 3);
  const area = ([x1, y1, x2, y2]: Box) => (x2 - x1) * (y2 - y1);
  return both / (area(a) + area(b) - both);
}
