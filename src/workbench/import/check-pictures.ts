import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { listPictures } from '../../adapters/replay/index.ts';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { counted } from '../../base/index.ts';
import type { Image } from '../../perception/index.ts';
import { createStreet } from '../../simulation/index.ts';
import { picturesForOrder } from '../pictures/colour-order.ts';

export interface CheckPictures {
  /** In words: `8 drawn pictures of a street`. */
  readonly name: string;
  readonly drawn: boolean;
  readonly pictures: readonly Image[];
  /** More of the same folder, decoded one by one; drawn ones say too little of colours. */
  readonly forOrder?: () => AsyncIterable<Image>;
}

const mostPictures = 16;
const streets = 4;
const secondsPerStreet = [3, 14] as const;
const [width, height] = [640, 360];

/** Pictures of the folder, spread over it. */
export async function openPictures(folder: string): Promise<CheckPictures> {
  const files = await listPictures(folder);
  const pictures: Image[] = [];
  for await (const picture of decoded(files, mostPictures)) pictures.push(picture);
  const name = `${counted(pictures.length, 'picture')} of ${folder}`;
  return { name, drawn: false, pictures, forOrder: () => decoded(files, picturesForOrder) };
}

async function* decoded(files: readonly string[], most: number): AsyncGenerator<Image> {
  const step = Math.max(1, files.length / most);
  for (let i = 0; i < Math.min(most, files.length); i++) {
    const file = files[Math.floor(i * step)] ?? '';
    yield await decodePicture(await readFile(file), basename(file));
  }
}

/** Simulated streets by day: cars, trucks, pedestrians, signs and lights. */
export function drawPictures(): CheckPictures {
  const pictures = Array.from({ length: streets }, (_, seed) => {
    const street = createStreet({ seed: 700 + seed, width, height });
    return secondsPerStreet.map((seconds): Image => {
      const { pixels } = street.render(seconds);
      return { width, height, step: width * 3, encoding: 'rgb8', data: Uint8Array.from(pixels) };
    });
  }).flat();
  return { name: `${pictures.length} drawn pictures of a street`, drawn: true, pictures };
}
