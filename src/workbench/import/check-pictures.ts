import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { listPictures } from '../../adapters/replay/index.ts';
import { decodePicture } from '../../adapters/sharp/index.ts';
import type { Image } from '../../perception/index.ts';
import { createStreet } from '../../simulation/index.ts';

export interface CheckPictures {
  /** In words: `8 drawn pictures of a street`. */
  readonly name: string;
  readonly drawn: boolean;
  readonly pictures: readonly Image[];
}

const mostPictures = 16;
const streets = 4;
const secondsPerStreet = [3, 14] as const;
const [width, height] = [640, 360];

/** Pictures of the folder, spread over it. */
export async function openPictures(folder: string): Promise<CheckPictures> {
  const files = await listPictures(folder);
  const step = Math.max(1, files.length / mostPictures);
  const pictures: Image[] = [];
  for (let i = 0; i < Math.min(mostPictures, files.length); i++) {
    const file = files[Math.floor(i * step)] ?? '';
    pictures.push(await decodePicture(await readFile(file), basename(file)));
  }
  return { name: `${pictures.length} pictures of ${folder}`, drawn: false, pictures };
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
