/*
 * Looks for memory that grows: frames through one detector, then loads and unloads of a model.
 *
 *   npm run check -- leak [frames=100000] [loads=1000] [reference|onnxruntime]
 *
 * Prints the resident memory along the way as JSON lines; exit status 1 where it grew.
 */
import { loadNative, type NativeImage } from '../../native/index.ts';
import {
  type EngineUnderTest,
  onnxruntimeEngine,
  openDetector,
  referenceEngine,
  settings,
} from './engine-models.ts';

/** Growth over the second half; the first half warms pools, caches and the heap up. */
const mostGrowthMb = 4;

function residentMb(): number {
  globalThis.gc?.();
  // V8 frees array buffers on another thread after it has collected, up to 32 MiB of frames; the next collection begins by
  // waiting for that.
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}

/** `step` does at most so many and tells how many it did. */
async function staysFlat(
  engine: string,
  what: string,
  count: number,
  step: (most: number) => Promise<number>,
): Promise<boolean> {
  const samples: number[] = [];
  const every = Math.max(1, Math.floor(count / 10));
  for (let done = 0; done < count; ) {
    const until = Math.min(count, done + every);
    while (done < until) done += await step(until - done);
    samples.push(Number(residentMb().toFixed(1)));
  }
  const growthMb = samples.at(-1)! - samples[Math.floor(samples.length / 2)]!;
  const flat = growthMb < mostGrowthMb;
  process.stdout.write(
    `${JSON.stringify({ what, engine, count, residentMb: samples, growthMb: Number(growthMb.toFixed(1)), flat })}\n`,
  );
  return flat;
}

/** Of three sizes, in turn. */
function frame(index: number): NativeImage {
  const sizes = [
    [64, 64],
    [320, 240],
    [641, 479],
  ] as const;
  const [width, height] = sizes[index % sizes.length]!;
  return { data: new Uint8Array(width * height), width, height, step: width, encoding: 'mono8' };
}

async function main(frames: number, loads: number, engine: EngineUnderTest): Promise<boolean> {
  const native = loadNative();
  const model = await engine.model('fixed');
  const same: EngineUnderTest = { ...engine, model: () => model };
  const open = () => openDetector(same, 'fixed', { slots: 2, queue: 8 });
  const detector = await open();
  const flatFrames = await staysFlat(engine.name, 'frames', frames, async (most) => {
    const batch = Array.from({ length: Math.min(8, most) }, (_, index) => frame(index));
    await Promise.all(batch.map((image) => native.detect(detector, image, settings).result));
    return batch.length;
  });
  await native.closeDetector(detector);
  const flatLoads = await staysFlat(engine.name, 'loads', loads, async () => {
    await native.closeDetector(await open());
    return 1;
  });
  return flatFrames && flatLoads;
}

const [frames = '100000', loads = '1000', name = 'reference'] = process.argv.slice(2);
const engine = [referenceEngine, onnxruntimeEngine].find((one) => one.name === name);
if (engine === undefined) throw new Error(`There is no engine ${name}; known are reference and onnxruntime.`);
process.exitCode = (await main(Number(frames), Number(loads), engine)) ? 0 : 1;
