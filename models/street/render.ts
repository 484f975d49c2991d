/**
 * Renders labelled pictures of simulated streets.
 *
 *   node --import tsx models/street/render.ts --count 6000 --seed 1 --out DIR     raw, half size, for train.py
 *   node --import tsx models/street/render.ts --count 200 --seed 900001 --yolo DIR  PNG and YOLO labels, full size
 *
 * Every `--per-scene` pictures (default 6) come from one seed, seconds apart, so a picture set of N holds N / 6 streets.
 * `--weather clear` leaves the weather out. `--jpeg 90` writes JPEG of that quality instead of PNG, a tenth of the size.
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createStreet, type StreetConditions, streetLabels } from '../../src/simulation/index.ts';

const width = 640;
const height = 360;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '900001' },
    out: { type: 'string' },
    yolo: { type: 'string' },
    'per-scene': { type: 'string', default: '6' },
    weather: { type: 'string', default: 'mixed' },
    jpeg: { type: 'string' },
  },
});
const count = Number(values.count);
const firstSeed = Number(values.seed);
const perScene = Number(values['per-scene']);

/** [0, 1) from a seed and a place in the sequence. */
function draw(seed: number, index: number): number {
  const x = Math.sin(seed * 12.9898 + index * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

/** Half of the scenes are clear; the others have one or two mild disturbances. */
function weatherFor(seed: number): Partial<StreetConditions> {
  const traffic = 0.4 + draw(seed, 1) * 2;
  if (values.weather === 'clear' || draw(seed, 2) < 0.5) return { traffic };
  const some = (index: number, share: number, most: number): number =>
    draw(seed, index) < share ? draw(seed, index + 1) * most : 0;
  return {
    traffic,
    night: some(10, 0.45, 3.5),
    fog: some(20, 0.25, 2),
    rain: some(30, 0.3, 2.5),
    blur: some(40, 0.25, 0.9),
    noise: some(50, 0.3, 1.5),
    dirt: some(60, 0.15, 1),
    overexposed: some(70, 0.2, 0.7),
  };
}

/** Mean of each 2 x 2 block: what a bilinear letterbox does at exactly half size. */
function half(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array((width / 2) * (height / 2) * 3);
  for (let y = 0, at = 0; y < height / 2; y++)
    for (let x = 0; x < width / 2; x++)
      for (let k = 0; k < 3; k++, at++) {
        const i = (y * 2 * width + x * 2) * 3 + k;
        out[at] =
          (pixels[i]! + pixels[i + 3]! + pixels[i + width * 3]! + pixels[i + width * 3 + 3]! + 2) >> 2;
      }
  return out;
}

const raw = values.out === undefined ? undefined : openRaw(values.out);
if (values.yolo !== undefined) {
  mkdirSync(join(values.yolo, 'images'), { recursive: true });
  mkdirSync(join(values.yolo, 'labels'), { recursive: true });
  writeFileSync(join(values.yolo, 'labels.txt'), `${streetLabels.join('\n')}\n`);
}

for (let done = 0; done < count; ) {
  const seed = firstSeed + Math.floor(done / perScene);
  const street = createStreet({ seed, width, height, conditions: weatherFor(seed) });
  for (let i = 0; i < perScene && done < count; i++, done++) {
    const { pixels, truth } = street.render(i * 6.7 + draw(seed, 3) * 20);
    if (raw !== undefined) {
      // Class and box in 0..1, centre and size, as YOLO wants them.
      const labels = truth.map((t) => [streetLabels.indexOf(t.label), ...centred(t.box)]);
      await raw(half(pixels), JSON.stringify(labels));
    }
    if (values.yolo !== undefined) {
      const name = `${String(done).padStart(5, '0')}`;
      const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
      const path = join(values.yolo, 'images', name);
      if (values.jpeg === undefined) await picture.png({ compressionLevel: 6 }).toFile(`${path}.png`);
      else await picture.jpeg({ quality: Number(values.jpeg) }).toFile(`${path}.jpg`);
      const lines = truth.map(
        (t) =>
          `${streetLabels.indexOf(t.label)} ${centred(t.box)
            .map((v) => v.toFixed(6))
            .join(' ')}\n`,
      );
      writeFileSync(join(values.yolo, 'labels', `${name}.txt`), lines.join(''));
    }
  }
}

function centred(box: { x1: number; y1: number; x2: number; y2: number }): number[] {
  return [
    (box.x1 + box.x2) / 2 / width,
    (box.y1 + box.y2) / 2 / height,
    (box.x2 - box.x1) / width,
    (box.y2 - box.y1) / height,
  ];
}

/** `images.bin`: pictures of 320 x 180 rgb8 one after the other; `labels.jsonl`: a line for each. */
function openRaw(folder: string): (pixels: Uint8Array, labels: string) => Promise<void> {
  mkdirSync(folder, { recursive: true });
  const images = createWriteStream(join(folder, 'images.bin'));
  const labels = createWriteStream(join(folder, 'labels.jsonl'));
  return async (pixels, line) => {
    labels.write(`${line}\n`);
    if (!images.write(pixels)) await new Promise((resolve) => images.once('drain', resolve));
  };
}
