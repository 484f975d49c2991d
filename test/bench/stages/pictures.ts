import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Frame } from '../../../src/perception/index.ts';

/** Several, taken in turn, so that none stays cached. */
export const frameCount = 8;

export const fullHd = { width: 1920, height: 1080 } as const;

export type RawEncoding = 'rgb8' | 'nv12' | 'yuyv';

const bytesPerPixel: Record<RawEncoding, number> = { rgb8: 3, nv12: 1.5, yuyv: 2 };
const rowBytes: Record<RawEncoding, number> = { rgb8: 3, nv12: 1, yuyv: 2 };

export interface RawPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly step: number;
  readonly encoding: RawEncoding;
}

/** Noise: the time of a letterbox does not depend on what is seen. */
export function noisePictures(encoding: RawEncoding): RawPicture[] {
  const { width, height } = fullHd;
  return Array.from({ length: frameCount }, (_, index) => {
    const data = new Uint8Array(width * height * bytesPerPixel[encoding]);
    const words = new Uint32Array(data.buffer, 0, data.length >> 2);
    // xorshift32: fast and the same every time.
    let state = 0x9e3779b9 + index;
    for (let word = 0; word < words.length; word++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[word] = state >>> 0;
    }
    return { data, width, height, step: width * rowBytes[encoding], encoding };
  });
}

/** The output of a YOLOv5 at 640x640 with 80 classes: 25,200 rows, 300 of them above the threshold. */
export function yolov5Output(): { readonly data: Float32Array; readonly dims: readonly number[] } {
  const rows = 25_200;
  const width = 85;
  const data = new Float32Array(rows * width);
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    const strong = row % 84 === 0;
    // Strong rows come in clusters around few objects, as they do on a real picture.
    const cluster = Math.floor(row / 84) % 20;
    data[at] = 40 + cluster * 29 + random() * 6;
    // Inside the picture, which a 1080p frame leaves at 140 to 500: we clip what lies in the padding, the peers don't.
    data[at + 1] = 180 + ((cluster * 7) % 20) * 14 + random() * 6;
    data[at + 2] = 40 + random() * 8;
    data[at + 3] = 60 + random() * 8;
    data[at + 4] = strong ? 0.5 + random() * 0.5 : random() * 0.05;
    for (let label = 5; label < width; label++) data[at + label] = random() * 0.1;
    data[at + 5 + cluster] = 0.9;
  }
  return { data, dims: [1, rows, width] };
}

/** A frame whose pixels nobody gives back. */
export function frameOf(data: Uint8Array, width: number, height: number): Frame {
  return {
    camera: 'bench',
    sequence: 0,
    stampNs: 0n,
    frameId: 'bench',
    width,
    height,
    encoding: 'rgb8',
    step: width * 3,
    pixels: { data, release() {} },
  };
}

/**
 * Writes 1080p rgb8 pictures one after the other: of the real data where it is, so that there is something to detect,
 * else noise.
 */
export async function writeFrames(file: string, folder: string | undefined, count: number): Promise<void> {
  const { width, height } = fullHd;
  const pictures =
    folder === undefined
      ? noisePictures('rgb8').map(({ data }) => data)
      : await Promise.all(
          readdirSync(folder)
            .sort()
            .slice(0, count)
            .map((name) =>
              sharp(join(folder, name))
                .resize(width, height, { fit: 'cover' })
                .removeAlpha()
                .toColourspace('srgb')
                .raw()
                .toBuffer(),
            ),
        );
  writeFileSync(file, Buffer.concat(pictures.slice(0, count)));
}
