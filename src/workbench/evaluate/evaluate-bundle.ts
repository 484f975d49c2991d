import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError, readBundle } from '../../adapters/filesystem/index.ts';
import { decodePicture, drawDetections } from '../../adapters/sharp/index.ts';
import {
  CancelledError,
  defined,
  describeError,
  GoshawkError,
  InputError,
  percentile,
} from '../../base/index.ts';
import type { Bundle, Manifest, VariantKind } from '../../model/index.ts';
import type { Detector, DetectorResult, Image } from '../../perception/index.ts';
import { createDetector, type EngineChoice } from '../../runtime/index.ts';
import { type OtherOrder, swapped } from '../pictures/colour-order.ts';
import { truthFormOf } from '../pictures/truth-form.ts';
import type { WorkPorts } from '../ports.ts';
import type { AccuracyMeasure, TaskAccuracy } from './accuracy.ts';
import { ClassificationAccuracy } from './classification-accuracy.ts';
import { DepthAccuracy } from './depth-accuracy.ts';
import { DetectionAccuracy } from './detection-accuracy.ts';
import { EmbeddingAccuracy } from './embedding-accuracy.ts';
import { isTried, OrderTrial } from './order-trial.ts';
import { SemanticAccuracy } from './semantic-accuracy.ts';
import { TextReading } from './text-reading.ts';

export interface EvaluateOptions {
  readonly images: string;
  /** Of a detector. */
  readonly labels?: string;
  readonly draw?: string;
  readonly variant?: VariantKind;
  readonly engine: EngineChoice;
  readonly threads: number;
  readonly minMap?: number;
  readonly minTop1?: number;
  readonly minRecall1?: number;
  readonly minWords?: number;
  readonly minMiou?: number;
  readonly maxAbsRel?: number;
  /** Values of the truth that are a metre. Default 1000. */
  readonly perMetre?: number;
}

/** Far above what 8400 boxes of 80 classes give at score 0.01. */
const maxCandidates = 30_000;

export type EvaluationReport = TaskAccuracy & {
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly engine: string;
  readonly precision: string;
  /** Why this engine. */
  readonly reason: string;
  readonly images: number;
  readonly latencyMs: Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
  /** Those that could not be read, in words; they are left out. */
  readonly badPictures: readonly string[];
  /** Absent where the labels do not speak for it. */
  readonly otherOrder?: OtherOrder;
  /** Below the least that was asked for, in words. */
  readonly tooLow?: string;
};

interface Measured {
  images: number;
  readonly latenciesMs: { total: number[]; preprocess: number[]; infer: number[]; postprocess: number[] };
  readonly badPictures: string[];
}

function measureOf({ task, labels: names }: Manifest, options: EvaluateOptions): AccuracyMeasure {
  const { images, labels, perMetre } = options;
  if (task === 'tensor')
    throw new InputError(
      'evaluate-task',
      'This command has no ground truth for the answer of a decoder module.',
      'Compare what `goshawk run --json` prints under "data".',
    );
  if (task === 'embedding') return new EmbeddingAccuracy(images, labels);
  if (task === 'text') return new TextReading(images, labels);
  if (task === 'depth') return new DepthAccuracy(images, labels, perMetre ?? 1000);
  if (task === 'semantic-segmentation') return new SemanticAccuracy(images, labels, names);
  return task === 'classification'
    ? new ClassificationAccuracy(images, labels, names)
    : new DetectionAccuracy(images, labels, names, truthFormOf(task));
}

/** Measures the accuracy and the speed of a bundle: COCO's mAP of a detector, top-1 and top-5 of a classifier. */
export async function evaluateBundle(
  folder: string,
  options: EvaluateOptions,
  ports: WorkPorts,
): Promise<EvaluationReport> {
  const bundle = await readBundle(folder, 'digests');
  const measure = measureOf(bundle.manifest, options);
  const order = new OrderTrial(bundle.manifest, measure);
  const paths = await measure.pictures();
  const { threads, engine, variant } = options;
  const { detector, reason } = await createDetector(bundle, {
    engine,
    threads,
    multiLabel: true,
    maxCandidates,
    log: ports.log,
    ...defined({ variant }),
  });
  try {
    const measured = await measureAll(paths, detector, { measure, order }, options.draw, ports);
    const report = reportOf(bundle, detector, reason, measured, measure.finish(), options);
    return { ...report, ...defined({ otherOrder: order.verdict }) };
  } finally {
    await detector.close();
  }
}

async function measureAll(
  paths: readonly string[],
  detector: Detector,
  { measure, order }: Judges,
  draw: string | undefined,
  { log, startProgress, signal }: WorkPorts,
): Promise<Measured> {
  if (draw !== undefined) await mkdir(draw, { recursive: true });
  const measured: Measured = {
    images: 0,
    latenciesMs: { total: [], preprocess: [], infer: [], postprocess: [] },
    badPictures: [],
  };
  const bar = await startProgress('evaluating', paths.length);
  try {
    for (const [at, path] of paths.entries()) {
      if (signal.aborted) throw new CancelledError('The evaluation');
      const judges = isTried(at, paths.length) ? { measure, order } : { measure };
      await measureOne(path, detector, judges, draw, measured).catch((error: unknown) => {
        // A label that does not belong to this model spoils every number; a broken picture only its own.
        if (!(error instanceof GoshawkError) || error.code.startsWith('labels-')) throw error;
        measured.badPictures.push(describeError(error));
        log.warn(`${basename(path)}: ${error.message}`);
      });
      bar.advance(1);
    }
  } finally {
    bar.stop();
  }
  if (measured.images > 0) return measured;
  throw new InputError(
    'evaluation-pictures',
    `None of the ${paths.length} pictures could be read.`,
    'The lines above name each picture and its error.',
  );
}

interface Judges {
  readonly measure: AccuracyMeasure;
  readonly order: OrderTrial;
}

async function measureOne(
  path: string,
  detector: Detector,
  { measure, order }: Pick<Judges, 'measure'> & Partial<Judges>,
  draw: string | undefined,
  measured: Measured,
): Promise<void> {
  const picture = await decodePicture(await readFile(path), basename(path));
  const result = await detector.detect(frameOf(picture), measure.rules);
  await measure.add(path, picture, result.detections);
  measured.images += 1;
  note(result, measured);
  await order?.add(path, picture, result.detections, async () => {
    const { detections } = await detector.detect(frameOf(swapped(picture)), measure.rules);
    return detections;
  });
  if (draw === undefined) return;
  const file = join(draw, `${basename(path, extname(path))}.jpg`);
  await writeFile(file, await drawDetections(picture, measure.drawn(result.detections))).catch(
    (error: unknown) => {
      throw explainFileError(error, 'write the picture', file);
    },
  );
}

function frameOf(picture: Image) {
  return {
    camera: 'evaluation',
    sequence: 0,
    stampNs: 0n,
    frameId: 'evaluation',
    width: picture.width,
    height: picture.height,
    encoding: picture.encoding,
    step: picture.step,
    pixels: { data: picture.data, release() {} },
  };
}

function note({ timings }: DetectorResult, { latenciesMs }: Measured): void {
  latenciesMs.preprocess.push(timings.preprocessMs);
  latenciesMs.infer.push(timings.inferMs);
  latenciesMs.postprocess.push(timings.postprocessMs);
  latenciesMs.total.push(timings.preprocessMs + timings.inferMs + timings.postprocessMs);
}

/** What falls short of what was asked for, in words. */
function shortfallOf(
  accuracy: TaskAccuracy,
  {
    minMap = 0,
    minTop1 = 0,
    minRecall1 = 0,
    minWords = 0,
    minMiou = 0,
    maxAbsRel = Number.POSITIVE_INFINITY,
  }: EvaluateOptions,
): string | undefined {
  const below = (value: number, least: number, name: string) =>
    value < least ? `${name} ${value.toFixed(4)} is below the required ${least}.` : undefined;
  switch (accuracy.task) {
    case 'classification':
      return below(accuracy.top1, minTop1, 'top-1');
    case 'detection':
      return below(accuracy.map, minMap, 'mAP');
    case 'embedding':
      return below(accuracy.recall1, minRecall1, 'recall at 1');
    case 'text':
      return below(accuracy.wordAccuracy, minWords, 'word accuracy');
    case 'semantic-segmentation':
      return below(accuracy.miou, minMiou, 'mIoU');
    case 'depth':
      return accuracy.absRel > maxAbsRel
        ? `AbsRel ${accuracy.absRel.toFixed(4)} is above the allowed ${maxAbsRel}.`
        : undefined;
  }
}

function reportOf(
  { manifest, digest }: Bundle,
  { identity }: Detector,
  reason: string,
  { images, latenciesMs, badPictures }: Measured,
  accuracy: TaskAccuracy,
  options: EvaluateOptions,
): EvaluationReport {
  return {
    model: manifest.name,
    version: manifest.version,
    digest,
    engine: identity.engine,
    precision: identity.precision,
    reason,
    images,
    ...accuracy,
    latencyMs: Object.fromEntries(
      Object.entries(latenciesMs).map(([stage, values]) => [
        stage,
        { p50: percentile(values, 0.5), p95: percentile(values, 0.95) },
      ]),
    ),
    badPictures,
    ...defined({ tooLow: shortfallOf(accuracy, options) }),
  };
}
