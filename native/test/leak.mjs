#!/usr/bin/env node
import fs from 'node:fs';
// Looks for memory that grows: frames through one detector, then loads and unloads of a model.
//
//   node --expose-gc native/test/leak.mjs [frames=100000] [loads=1000] [reference|onnxruntime]
//
// Prints the resident memory along the way as JSON lines; exit status 1 where it grew.
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const [frames = '100000', loads = '1000', engine = 'reference'] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const out = path.join(import.meta.dirname, '../build/out');
const native = require(path.join(out, 'goshawk.node'));
process.once('exit', () => native.shutDown());

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'goshawk-leak-'));
const model = path.join(folder, 'model');
let deviceOptions = {};
if (engine === 'reference') {
  fs.writeFileSync(
    model,
    'goshawk-reference 1\nboard any\ninput images float32 1 3 64 64\noutput output float32 1 4 7\nvalues 20 32 10 10 0.9 1 0\nend\n',
  );
} else {
  fs.copyFileSync(path.join(import.meta.dirname, '../../test/fixtures/native/fixed.onnx'), model);
  const root = path.dirname(require.resolve('onnxruntime-node/package.json'));
  deviceOptions = { library: path.join(root, 'bin/napi-v6/linux', process.arch, 'libonnxruntime.so.1') };
}

const open = async () => {
  const handle = await native.openEngine({
    plugin: path.join(out, `goshawk_${engine}.so`),
    deviceOptions,
    model,
    engineOptions: {},
  });
  const detector = await native.createDetector(handle, {
    input: {
      tensor: 'images',
      width: 64,
      height: 64,
      layout: 'nchw',
      dtype: 'float32',
      colorOrder: 'rgb',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      fit: 'center',
      pad: 114,
    },
    decoder: { kind: 'yolov5', classCount: 2 },
    outputTensor: 'output',
    slots: 2,
    queue: 8,
    timeoutMs: 5000,
    closeTimeoutMs: 5000,
    devicePreprocess: false,
    warmUp: true,
  });
  native.closeEngine(handle);
  return detector;
};
const settings = {
  scoreThreshold: 0.5,
  iouThreshold: 0.5,
  maxDetections: 10,
  maxCandidates: 1000,
  multiLabel: false,
};

const residentMb = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
};

/** Growth over the second half, MB: the first half warms pools, caches and the heap up. */
async function watch(what, count, step) {
  const samples = [];
  const every = Math.max(1, Math.floor(count / 10));
  for (let done = 0; done < count; ) {
    const until = Math.min(count, done + every);
    while (done < until) done += await step(Math.min(8, until - done));
    samples.push(Number(residentMb().toFixed(1)));
  }
  const growthMb = samples.at(-1) - samples[Math.floor(samples.length / 2)];
  const flat = growthMb < 4;
  process.stdout.write(`${JSON.stringify({ what, engine, count, residentMb: samples, growthMb, flat })}\n`);
  return flat;
}

const sizes = [
  [64, 64],
  [320, 240],
  [641, 479],
];
const detector = await open();
const flatFrames = await watch('frames', Number(frames), async (batch) => {
  await Promise.all(
    Array.from({ length: batch }, (_, i) => {
      const [width, height] = sizes[i % sizes.length];
      const image = { data: new Uint8Array(width * height), width, height, step: width, encoding: 'mono8' };
      return native.detect(detector, image, settings).result;
    }),
  );
  return batch;
});
await native.closeDetector(detector);
const flatLoads = await watch('loads', Number(loads), async () => {
  await native.closeDetector(await open());
  return 1;
});
fs.rmSync(folder, { recursive: true });
process.exitCode = flatFrames && flatLoads ? 0 : 1;
