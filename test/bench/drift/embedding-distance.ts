/**
 * How far the embedding of each variant of a bundle is from that of its first one, beside how far pictures are from each other.
 *
 *   node --import tsx test/bench/drift/embedding-distance.ts <bundle> <folder of pictures> [how many]
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../../src/adapters/onnxruntime/index.ts';
import { defaultDetectionSettings, type Frame } from '../../../src/perception/index.ts';

const [folder = '', pictures = '', count = '24'] = process.argv.slice(2);
const bundle = await readBundle(folder, 'digests');
const files = readdirSync(pictures).sort().slice(0, Number(count));
const frames = await Promise.all(
  files.map(async (file): Promise<Frame> => {
    const { data, info } = await sharp(join(pictures, file))
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return {
      ...{ camera: 'pictures', sequence: 0, stampNs: 0n, frameId: '', width, height, step: width * 3 },
      ...{ encoding: 'rgb8' as const, pixels: { data, release() {} } },
    };
  }),
);

/** In parts of the length of `from`. */
function distance(from: readonly number[], to: readonly number[]): number {
  const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(from.map((value, i) => value - to[i]!)) / squares(from));
}

const summary = (values: number[]): string => {
  values.sort((a, b) => a - b);
  const percent = (part: number) => `${(100 * values[Math.floor(part * (values.length - 1))]!).toFixed(1)} %`;
  return `median ${percent(0.5)}, from ${percent(0)} to ${percent(1)}`;
};

let first: number[][] | undefined;
for (const { kind } of bundle.manifest.variants) {
  const detector = await OnnxruntimeDetector.create(bundle, { variant: kind });
  const found: number[][] = [];
  for (const frame of frames)
    found.push(Array.from((await detector.detect(frame, defaultDetectionSettings)).embedding ?? []));
  await detector.close();
  if (first === undefined) {
    const others = found.flatMap((from, i) => found.slice(i + 1).map((to) => distance(from, to)));
    console.log(`${kind}, ${files.length} pictures, one to another: ${summary(others)}`);
    first = found;
  } else {
    const own = first;
    console.log(
      `${kind} to ${bundle.manifest.variants[0]!.kind}, same picture: ${summary(found.map((to, i) => distance(own[i]!, to)))}`,
    );
  }
}
