import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodePicture } from '../../../src/adapters/sharp/index.ts';
import { Letterboxer } from '../../../src/perception/index.ts';
import type { BenchStage } from '../context.ts';
import { type Candidate, measure, timed } from '../measure.ts';
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
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** A JPEG of 1080p to 640x640 float32 planes. */
export const jpegStage: BenchStage = {
  name: 'jpeg',
  about: 'a JPEG of 1080p to 640x640 float32 planes',
  async run({ folder, native, pythonKept, rounds, progress }) {
    const bytes = await photograph();
    const file = join(folder, 'photograph.jpg');
    writeFileSync(file, bytes);
    const letterboxer = new Letterboxer(yoloInput);
    const tensor = letterboxer.allocate();
    // As a detector has it: an input that nobody else writes to.
    const own = new Uint8Array(new Float32Array(3 * side * side).buffer);
    const image = { data: bytes, ...fullHd, step: 0, encoding: 'jpeg' };
    const candidates: Candidate[] = [
      timed('TypeScript (sharp)', async () => letterboxer.run(await decodePicture(bytes, file), tensor)),
    ];
    const problem = native?.features().jpegProblem ?? '';
    if (native && problem === '') {
      candidates.push(timed('native', () => native.letterbox(image, yoloInput, 'best', own, true)));
    }
    if (pythonKept) {
      for (const way of ['full', 'half'] as const) {
        candidates.push({
          name: way === 'full' ? 'OpenCV imdecode' : 'OpenCV imdecode at 1/2',
          ours: false,
          run: (iterations) => pythonKept.times({ stage: 'jpeg', way, file, ...fullHd, side }, iterations),
        });
      }
    }
    const report = await measure(
      {
        name: this.name,
        iterations: 12,
        candidates,
        bounds: [
          { ours: 'native', peer: 'OpenCV imdecode at 1/2', atMost: 0.9 },
          { ours: 'native', peer: 'OpenCV imdecode', atMost: 0.9, comparison: true },
          { ours: 'native', peer: 'TypeScript (sharp)', atMost: 0.5 },
        ],
      },
      rounds,
      progress,
    );
    return problem === ''
      ? report
      : {
          ...report,
          notes: [`native: ${problem}; sudo apt-get install libturbojpeg0 (Ubuntu: libturbojpeg)`],
        };
  },
};
