/*
 * Four pictures in one run against four runs of one: frames per second of a bundle on this machine, in turns.
 * `npm run bench -- batches [-- <bundle>]`
 */
import { readBundle } from '../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import type { VariantKind } from '../../src/model/index.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../src/perception/index.ts';

const bundle = await readBundle(process.argv[2] ?? 'models/street-int8');
const [width, height] = [1280, 720];
const rounds = 12;
const framesEach = 24;

const frames = Array.from({ length: 4 }, (_, camera): Frame => {
  const data = new Uint8Array(new SharedArrayBuffer(width * height * 3));
  for (let i = 0; i < data.length; i += 1) data[i] = (i * 31 + camera * 57) & 255;
  return {
    ...{ camera: `${camera}`, sequence: 0, stampNs: 0n, frameId: '', width, height, encoding: 'rgb8' },
    ...{ step: width * 3, pixels: { data, release() {} } },
  };
});

async function framesPerSecond(detector: Detector): Promise<number> {
  const startMs = performance.now();
  for (let i = 0; i < framesEach / 4; i += 1)
    await Promise.all(frames.map((frame) => detector.detect(frame, defaultDetectionSettings)));
  return (framesEach * 1000) / (performance.now() - startMs);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

for (const variant of bundle.manifest.variants.map(({ kind }) => kind) satisfies VariantKind[]) {
  for (const threads of [1, 2]) {
    const single = await OnnxruntimeDetector.create(bundle, { variant, threads });
    const several = await OnnxruntimeDetector.create(bundle, {
      variant,
      threads,
      maxBatch: 4,
      maxWaitMs: 50,
    });
    const [ones, fours]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round += 1) {
      const pair = [await framesPerSecond(single), await framesPerSecond(several)] as const;
      // The first is warm-up.
      if (round === 0) continue;
      ones.push(pair[0]);
      fours.push(pair[1]);
    }
    const ratios = fours.map((four, i) => four / (ones[i] ?? Number.NaN));
    process.stdout.write(
      `${bundle.manifest.name} ${variant}, ${threads} thread(s): one by one ${median(ones).toFixed(1)} frames/s, four at once ${median(fours).toFixed(1)}, ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})\n`,
    );
    await single.close();
    await several.close();
  }
}
