import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { createStreet } from '../../../src/simulation/index.ts';

/*
 * Stands in for the person who corrects boxes: finds the moment of the simulated street that a kept frame shows, and
 * writes what really was there.
 *
 *   street-annotator.ts <folder> <seed> <frames per second> <class>
 */
const [folder = '', seed = '0', rate = '10', label = ''] = process.argv.slice(2);
const fps = Number(rate);
const small = { width: 80, height: 45 };
const street = createStreet({ seed: Number(seed), width: 640, height: 360, conditions: {} });
type Image = { id: number; file_name: string; date_captured: string };
const path = join(folder, 'annotations.json');
const data = JSON.parse(readFileSync(path, 'utf8')) as { images: Image[] };

const thumbnail = (picture: Sharp) =>
  picture
    .resize({ ...small, fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
const drawn = ({ pixels }: { pixels: Uint8Array }) =>
  thumbnail(sharp(pixels, { raw: { width: 640, height: 360, channels: 3 } }));
const apart = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;

/** The frame of these numbers that looks most like the picture. */
async function nearest(wanted: Uint8Array, from: number, to: number) {
  let best = { frame: -1, distance: Number.POSITIVE_INFINITY };
  for (let frame = Math.max(0, from); frame <= to; frame++) {
    const distance = apart(wanted, await drawn(street.render(frame / fps)));
    if (distance < best.distance) best = { frame, distance };
  }
  return best;
}

/** Number of a frame minus what its time says. */
let origin: number | undefined;
const images: Image[] = [];
const annotations: object[] = [];
const frameOf = ({ date_captured }: Image) => Math.round((Date.parse(date_captured) * fps) / 1000);
for (const image of data.images.sort((a, b) => frameOf(a) - frameOf(b)).slice(0, 60)) {
  const wanted = await thumbnail(sharp(join(folder, image.file_name)));
  const [from, to] =
    origin === undefined ? [0, 1500] : [frameOf(image) + origin - 4, frameOf(image) + origin + 4];
  const { frame, distance } = await nearest(wanted, from, to);
  // What can't be found is left out, as a person does who is not sure.
  if (distance > 4) continue;
  origin ??= frame - frameOf(image);
  images.push(image);
  for (const { label: name, box } of street.render(frame / fps).truth)
    if (name === label)
      annotations.push({
        ...{ id: annotations.length + 1, image_id: image.id, category_id: 1, iscrowd: 0 },
        bbox: [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1],
      });
}
writeFileSync(path, JSON.stringify({ ...data, images, annotations, categories: [{ id: 1, name: label }] }));
process.stdout.write(`${JSON.stringify({ annotated: images.length, boxes: annotations.length })}\n`);
