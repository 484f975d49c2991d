import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { explainFileError, readBundle } from '../../adapters/filesystem/index.ts';
import { listPictures } from '../../adapters/replay/index.ts';
import { decodePicture, drawDetections, type Picture } from '../../adapters/sharp/index.ts';
import {
  CancelledError,
  defined,
  describeError,
  GoshawkError,
  InputError,
  percentile,
} from '../../base/index.ts';
import type { Bundle, VariantKind } from '../../model/index.ts';
import {
  type ClassAccuracy,
  type DetectionSettings,
  type Detector,
  type DetectorResult,
  type EvaluatedImage,
  evaluate,
  parseYoloLabels,
} from '../../perception/index.ts';
import { createDetector, type EngineChoice } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';

export interface EvaluateOptions {
  readonly images: string;
  readonly labels: string;
  readonly draw?: string;
  readonly variant?: VariantKind;
  readonly engine: EngineChoice;
  readonly threads: number;
  readonly minMap?: number;
}

const rules: DetectionSettings = {
  scoreThreshold: 0.01,
  iouThreshold: 0.65,
  maxDetections: 100,
  classes: [],
};
/** Far above what 8400 boxes of 80 classes give at score 0.01. */
const maxCandidates = 30_000;
/** Weaker boxes count for mAP, but a person could not read a picture full of them. */
const drawnFrom = 0.25;

export interface EvaluationReport {
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly engine: string;
  readonly precision: string;
  /** Why this engine. */
  readonly reason: string;
  readonly images: number;
  readonly truth: number;
  readonly detections: number;
  readonly map: number;
  readonly ap50: number;
  readonly ap75: number;
  readonly perClass: readonly (Omit<ClassAccuracy, 'classId'> & { readonly label: string })[];
  readonly latencyMs: Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
  readonly unlabelled: number;
  /** Those that could not be read, in words; they are left out. */
  readonly badPictures: readonly string[];
  /** False: mAP is below the least that was asked for. */
  readonly reachedMinMap: boolean;
}

interface Measured {
  readonly images: EvaluatedImage[];
  readonly latenciesMs: { total: number[]; preprocess: number[]; infer: number[]; postprocess: number[] };
  readonly badPictures: string[];
  unlabelled: number;
}

/** Measures the accuracy (COCO mAP) and the speed of a bundle on labelled pictures. */
export async function evaluateBundle(
  folder: string,
  options: EvaluateOptions,
  ports: WorkPorts,
): Promise<EvaluationReport> {
  const bundle = await readBundle(folder, 'digests');
  const paths = await listPictures(options.images);
  await checkNames(paths, options.labels);
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
    const measured = await measureAll(paths, detector, bundle.manifest.labels.length, options, ports);
    return reportOf(bundle, detector, reason, measured, options.minMap);
  } finally {
    await detector.close();
  }
}

async function measureAll(
  paths: readonly string[],
  detector: Detector,
  classes: number,
  options: EvaluateOptions,
  { log, startProgress, signal }: WorkPorts,
): Promise<Measured> {
  if (options.draw !== undefined) await mkdir(options.draw, { recursive: true });
  const measured: Measured = {
    images: [],
    latenciesMs: { total: [], preprocess: [], infer: [], postprocess: [] },
    badPictures: [],
    unlabelled: 0,
  };
  const bar = await startProgress('evaluating', paths.length);
  try {
    for (const path of paths) {
      if (signal.aborted) throw new CancelledError('The evaluation');
      await measure(path, detector, classes, options, measured).catch((error: unknown) => {
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
  if (measured.images.length > 0) return measured;
  throw new InputError(
    'evaluation-pictures',
    `None of the ${paths.length} pictures could be read.`,
    'See above.',
  );
}

/** A folder of labels that belongs to other pictures would count every object as background. */
async function checkNames(paths: readonly string[], labels: string): Promise<void> {
  const names = await readdir(labels).catch((error: unknown) => {
    throw explainFileError(error, 'read the labels', labels);
  });
  const texts = new Set(names.filter((name) => name.endsWith('.txt')));
  if (paths.some((path) => texts.has(labelName(path)))) return;
  const example = labelName(paths[0] ?? '');
  throw new InputError(
    'labels-mismatch',
    `None of the ${paths.length} pictures has a label file in ${labels} (for example ${example}); it holds ${texts.size} .txt files.`,
    'Label files are named as their pictures, with .txt in place of .jpg.',
  );
}

function labelName(path: string): string {
  return `${basename(path, extname(path))}.txt`;
}

async function measure(
  path: string,
  detector: Detector,
  classes: number,
  options: EvaluateOptions,
  measured: Measured,
): Promise<void> {
  const name = basename(path);
  const picture = await decodePicture(await readFile(path), name);
  const text = await readFile(join(options.labels, labelName(path)), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw explainFileError(error, 'read the labels', labelName(path));
      measured.unlabelled += 1;
      return '';
    },
  );
  const truth = parseYoloLabels(text, picture.width, picture.height, labelName(path), classes);
  const result = await detector.detect(frameOf(picture), rules);
  note(result, measured);
  measured.images.push({ truth, detections: result.detections });
  if (options.draw !== undefined) {
    const strong = result.detections.filter(({ score }) => score >= drawnFrom);
    const file = join(options.draw, `${basename(path, extname(path))}.jpg`);
    await writeFile(file, await drawDetections(picture, strong)).catch((error: unknown) => {
      throw explainFileError(error, 'write the picture', file);
    });
  }
}

function frameOf(picture: Picture) {
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

function reportOf(
  { manifest, digest }: Bundle,
  { identity }: Detector,
  reason: string,
  { images, latenciesMs, badPictures, unlabelled }: Measured,
  minMap = 0,
): EvaluationReport {
  const { perClass, ...evaluation } = evaluate(images);
  return {
    model: manifest.name,
    version: manifest.version,
    digest,
    engine: identity.engine,
    precision: identity.precision,
    reason,
    images: evaluation.images,
    truth: evaluation.truth,
    detections: evaluation.detections,
    map: evaluation.map,
    ap50: evaluation.ap50,
    ap75: evaluation.ap75,
    perClass: perClass.map(({ classId, ...rest }) => ({
      label: manifest.labels[classId] ?? String(classId),
      ...rest,
    })),
    latencyMs: Object.fromEntries(
      Object.entries(latenciesMs).map(([stage, values]) => [
        stage,
        { p50: percentile(values, 0.5), p95: percentile(values, 0.95) },
      ]),
    ),
    unlabelled,
    badPictures,
    reachedMinMap: evaluation.map >= minMap,
  };
}
