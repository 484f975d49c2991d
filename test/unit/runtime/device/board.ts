import sharp from 'sharp';
import type { Detection, Image } from '../../../../src/perception/index.ts';

/* One picture with persons on it, and what can still be seen of it in what leaves a device. */

const [width, height] = [320, 180];
/** Two persons, the nearer one in front of the other, and a car that is surer than both. */
export const persons = [
  { x1: 40, y1: 40, x2: 100, y2: 140 },
  { x1: 70, y1: 50, x2: 150, y2: 150 },
];
export const seen: readonly Detection[] = [
  { classId: 0, label: 'car', score: 0.95, box: { x1: 200, y1: 60, x2: 300, y2: 120 } },
  { classId: 1, label: 'person', score: 0.8, box: persons[0]! },
  { classId: 1, label: 'person', score: 0.3, box: persons[1]! },
];

/** A board of black and white squares: where it is plain, neighbours differ as much as they can. */
export const board: Image = {
  ...{ width, height, step: 3 * width, encoding: 'rgb8' },
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const at = Math.floor(i / 3);
    return ((Math.floor((at % width) / 8) + Math.floor(at / width / 8)) % 2) * 255;
  }),
};

/** The largest difference between squares beside each other, within a box. */
export async function contrastIn(
  picture: Image | Uint8Array,
  box: (typeof persons)[number],
): Promise<number> {
  const { data, info } =
    picture instanceof Uint8Array
      ? await sharp(picture).raw().toBuffer({ resolveWithObject: true })
      : { data: picture.data, info: { width: picture.width, channels: 3 } };
  const scale = info.width / width;
  const at = (x: number, y: number) =>
    data[info.channels * (Math.floor(y * scale) * info.width + Math.floor(x * scale))]!;
  let most = 0;
  for (let y = box.y1 + 4; y < box.y2 - 12; y += 8)
    for (let x = box.x1 + 4; x < box.x2 - 12; x += 8)
      most = Math.max(most, Math.abs(at(x, y) - at(x + 8, y)));
  return most;
}

/** Of any channel of any pixel within a box. */
export async function brightest(picture: Image | Uint8Array, box: (typeof persons)[number]): Promise<number> {
  const { data, info } =
    picture instanceof Uint8Array
      ? await sharp(picture).raw().toBuffer({ resolveWithObject: true })
      : { data: picture.data, info: { width: picture.width, channels: 3 } };
  const scale = info.width / width;
  let most = 0;
  for (let y = Math.ceil(box.y1 * scale); y < Math.floor(box.y2 * scale); y++)
    for (let x = Math.ceil(box.x1 * scale); x < Math.floor(box.x2 * scale); x++)
      for (let c = 0; c < 3; c++) most = Math.max(most, data[info.channels * (y * info.width + x) + c]!);
  return most;
}
