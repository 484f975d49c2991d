import { join } from 'node:path';
import { EngineCacheManager, NativeDetector } from '../../../device/native/index.ts';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../adapters/onnxruntime/index.ts';
import { defined, percentile, silentLog } from '../../base/index.ts';
import { type Bundle, goldenRules, hasGoldenSet, leastAgreement } from '../../model/index.ts';
import {
  type Detector,
  detectGolden,
  type Frame,
  goldenSettings,
  type Image,
  runGolden,
} from '../../perception/index.ts';
import { goldenFiles } from '../engines/golden-files.ts';
import { type EngineJob, type EngineOutcome, engineLogFile } from './job.ts';
import { streetPictures } from './pictures.ts';

/** Frames that are looked at before the clock counts: caches settle. */
const settleFrames = 5;
const leastFrames = 20;
/** So many say enough about an engine, and are soon looked at. */
const pictureCount = 8;

/** Opens one engine as an agent does, looks at pictures with it, and says how fast and how right it was. */
export async function tryEngine(job: EngineJob): Promise<EngineOutcome> {
  const bundle = await readBundle(job.bundle, 'digests');
  const beganMs = performance.now();
  let detector = await open(bundle, job);
  const openMs = performance.now() - beganMs;
  let reopenMs: number | undefined;
  if (job.engine === 'tensorrt') {
    await detector.close();
    const againMs = performance.now();
    detector = await open(bundle, job);
    reopenMs = performance.now() - againMs;
  }
  try {
    const pictures = streetPictures(pictureCount);
    const answers = await answersOf(detector, pictures);
    const golden = await goldenOf(bundle, detector, job);
    return {
      precision: detector.identity.precision,
      openMs,
      ...defined({ reopenMs }),
      batch: detector.capacity,
      ...(await measure(detector, pictures, job.measureMs)),
      ...defined({ golden }),
      answers,
    };
  } finally {
    await detector.close();
  }
}

async function open(bundle: Bundle, job: EngineJob): Promise<Detector> {
  const { engine, variant, plugin, maxBatch, gpuPreprocess } = job;
  // A build is limited from outside, a frame by the engine's own time-out.
  const options = { variant, maxBatch, log: silentLog };
  if (engine === 'onnxruntime-node') return OnnxruntimeDetector.create(bundle, options);
  if (engine === 'onnxruntime') return NativeDetector.create(bundle, { ...options, engine });
  const deviceOptions = { log: join(job.plans, engineLogFile) };
  const plans = new EngineCacheManager(job.plans, { maxBatch, deviceOptions, ...defined({ plugin }) });
  return plans.open(bundle, { ...options, engine, gpuPreprocess, deviceOptions });
}

async function answersOf(detector: Detector, pictures: readonly Image[]): Promise<EngineOutcome['answers']> {
  const answers = [];
  for (const [sequence, picture] of pictures.entries()) {
    answers.push(await detectGolden(detector, picture, goldenRules, sequence));
  }
  return answers;
}

async function goldenOf(bundle: Bundle, detector: Detector, { variant }: EngineJob) {
  if (!hasGoldenSet(bundle.manifest)) return undefined;
  const set = await goldenFiles.read(bundle);
  const { agreement } = await runGolden(set, detector, (file) => goldenFiles.picture(bundle, file));
  return { agreement, least: leastAgreement(set, variant) };
}

/** As many frames under way as the detector takes, for the given time. */
async function measure(detector: Detector, pictures: readonly Image[], measureMs: number) {
  const settings = goldenSettings(goldenRules);
  const timesMs: number[] = [];
  const one = async (sequence: number) => {
    const picture = pictures[sequence % pictures.length]!;
    const { timings } = await detector.detect(frameOf(picture, sequence), settings);
    return timings.preprocessMs + timings.inferMs + timings.postprocessMs;
  };
  for (let sequence = 0; sequence < settleFrames; sequence += 1) await one(sequence);
  const beganMs = performance.now();
  let next = 0;
  const line = async () => {
    while (performance.now() - beganMs < measureMs || next < leastFrames) {
      const sequence = next++;
      timesMs.push(await one(sequence));
    }
  };
  await Promise.all(Array.from({ length: detector.capacity }, line));
  return {
    frames: timesMs.length,
    framesPerSecond: (timesMs.length * 1000) / (performance.now() - beganMs),
    p50Ms: percentile(timesMs, 0.5),
    p95Ms: percentile(timesMs, 0.95),
  };
}

function frameOf({ data, ...image }: Image, sequence: number): Frame {
  return {
    camera: 'selftest',
    sequence,
    stampNs: 0n,
    frameId: 'selftest',
    ...image,
    pixels: { data, release() {} },
  };
}
