import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodePicture } from '../../../src/adapters/sharp/index.ts';
import { Letterboxer } from '../../../src/perception/index.ts';
import { type Candidate, type Stage, timed } from '../measure.ts';
import type { PythonPeer } from '../python-peer.ts';
import { side, yoloInput } from './letterbox.ts';
import { fullHd } from './pictures.ts';

/** A 1080p picture with the statistics of a photograph: smooth shapes, edges, a little grain. */
async function photograph(): Promise<Buffer> {
  const { width, height } = fullHd;
  const data = Buffer.alloc(width * height * 3);
  let state = 99;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const grain = (state >>> 28) - 8;
      const edge = (Math.floor(x / 90) + Math.floor(y / 70)) % 3 === 0 ? 60 : 0;
      const at = (y * width + x) * 3;
      data[at] = 90 + 60 * Math.sin(x / 170) + edge + grain;
      data[at + 1] = 100 + 50 * Math.sin(y / 130) + edge + grain;
      data[at + 2] = 110 + 40 * Math.sin((x + y) / 210) + grain;
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality: 85 }).toBuffer();
}

/** A JPEG of 1080p to 640x640 float32 planes. */
export async function jpegStage(
  folder: string,
  python: PythonPeer | undefined,
  native: ((file: Uint8Array) => void) | undefined,
): Promise<Stage> {
  const bytes = await photograph();
  const file = join(folder, 'photograph.jpg');
  writeFileSync(file, bytes);
  const letterboxer = new Letterboxer(yoloInput);
  const tensor = letterboxer.allocate();
  const candidates: Candidate[] = [
    timed('goshawk TypeScript (sharp)', async () => letterboxer.run(await decodePicture(bytes, file), tensor)),
  ];
  if (native) candidates.push(timed('goshawk native', () => native(bytes)));
  if (python) {
    for (const way of ['full', 'half'] as const) {
      const question = { stage: 'jpeg', way, file, ...fullHd, sideWidth: side, sideHeight: side };
      candidates.push({
        name: way === 'full' ? 'OpenCV imdecode' : 'OpenCV imdecode at 1/2',
        ours: false,
        run: (iterations) => python.times(question, iterations),
      });
    }
  }
  return {
    name: 'JPEG 1080p',
    iterations: 12,
    candidates,
    bounds: [
      { ours: 'goshawk native', peer: 'OpenCV imdecode at 1/2', atMost: 0.9 },
      { ours: 'goshawk native', peer: 'goshawk TypeScript (sharp)', atMost: 0.5 },
    ],
  };
}
