import { basename } from 'node:path';
import { digestOf } from '../../adapters/filesystem/index.ts';
import { OnnxruntimeGraphRunner } from '../../adapters/graph-runner/index.ts';
import { CancelledError, counted, defined, InputError } from '../../base/index.ts';
import { type Bundle, taskOf } from '../../model/index.ts';
import {
  type ChainReport,
  type ChainResult,
  checkRatio,
  estimateTime,
  type LoadedGraph,
  optimizeModel,
  type Progress as StageProgress,
  type TimeEstimate,
} from '../../optimize/index.ts';
import { addBudgets } from '../budget/budget-bundle.ts';
import { whyNoGolden } from '../golden/detector-model.ts';
import { type MadeGolden, makeGolden } from '../golden/make-golden.ts';
import { meeting } from '../import/batch.ts';
import { refuseInTheWay } from '../in-the-way.ts';
import { foldersOfIdentities, foldersOfLabels } from '../pictures/class-folders.ts';
import type { WorkPorts } from '../ports.ts';
import { agreementSet, judgedSet } from './accuracy-scorer.ts';
import { type OptimizeOptions, settingsOf } from './options.ts';
import { PictureSet } from './pictures.ts';
import { runnerModel } from './runner-model.ts';
import { readSource, type Source } from './source.ts';
import { WorkFolder } from './work-folder.ts';
import { writeOptimized, writePruned } from './write-optimized.ts';

export type OptimizeEstimate = TimeEstimate;

export interface OptimizePorts extends Pick<WorkPorts, 'log' | 'signal'> {
  /** Stages follow one another; a search has many. */
  readonly onStage: StageProgress;
  /** Told once, before the long work begins. */
  readonly onEstimate?: (estimate: TimeEstimate) => void;
}

export interface OptimizeOutcome {
  readonly report: ChainReport;
  /** Undefined: no variant keeps the budget, or pruning did not get where it should; nothing was written. */
  readonly bundle: Bundle | undefined;
  /** What was found so far; gone where there is a bundle. */
  readonly workFolder: string;
}

interface Pictures {
  readonly calibration: PictureSet;
  readonly evaluation: PictureSet;
}

/** Draws of the pictures, for the interval of what is lost. */
const draws = 200;
/** Pictures below this number give ranges that the next picture may leave. */
const fewPictures = 16;

/** Prunes and quantizes a float model, measures every variant, and writes those that keep the budget. */
export async function optimizeBundle(
  file: string,
  options: OptimizeOptions,
  { log, signal, onStage, onEstimate }: OptimizePorts,
): Promise<OptimizeOutcome> {
  if (options.prune !== undefined) checkRatio(options.prune);
  await refuseInTheWay(options.out, options.replace);
  const source = await readSource(file, options);
  const pictures = await openPictures(source, options);
  const { calibration } = pictures;
  if (calibration.count < fewPictures) {
    log.warn(
      `the calibration set ${calibration.name} holds ${calibration.count} picture(s): ranges measured on so few may not hold; 64 are a good start.`,
    );
  }
  const work = await openWorkFolder(source, pictures, options);
  const progress: StageProgress = (stage, done, total) => {
    if (signal.aborted) throw new CancelledError('The optimization');
    onStage(stage, done, total);
  };
  const runner = new OnnxruntimeGraphRunner();
  try {
    const result = await runChain(source, pictures, options, {
      ...{ runner, work, progress },
      ...defined({ onEstimate }),
    });
    const { report, models } = result;
    if (options.batch === 'dynamic' && report.fixedBatch !== undefined) throw meeting(report.fixedBatch);
    if (options.writePruned !== undefined) await writePruned(options.writePruned, result);
    if (!isAsAskedFor(report, options)) return { report, bundle: undefined, workFolder: work.folder };
    const golden = await chooseGolden(source, pictures, options, { models, runner, progress });
    const written = await writeOptimized(source, options, result, golden, pictures.evaluation);
    const bundle = options.budgets === true ? await addBudgets(written, { log, signal }) : written;
    await work.remove();
    return { report, bundle, workFolder: work.folder };
  } finally {
    await runner.close();
  }
}

async function openPictures(source: Source, options: OptimizeOptions): Promise<Pictures> {
  const calibration = await openSet(options.calibration, source, options.limit);
  const evaluation = await openSet(options.evaluation, source, options.limit);
  refuseSharedPictures(calibration, evaluation);
  return { calibration, evaluation };
}

function openSet(folder: string, { contracts, labels }: Source, limit: number | undefined) {
  const folders = {
    classification: (images: string) => foldersOfLabels(images, labels),
    embedding: foldersOfIdentities,
  }[taskOf(contracts.output) as string];
  return PictureSet.open(folder, contracts.input, defined({ limit, folders }));
}

/** From the pictures that are named for it, else from those of the evaluation. */
async function chooseGolden(
  source: Source,
  { evaluation }: Pictures,
  { golden, limit }: OptimizeOptions,
  { models, runner, progress }: Pick<ChainResult, 'models'> & Omit<ChainWork, 'work'>,
): Promise<MadeGolden | undefined> {
  const { contracts, labels } = source;
  if (whyNoGolden(taskOf(contracts.output)) !== undefined) return undefined;
  const pictures = golden === undefined ? evaluation : await openSet(golden, source, limit);
  return makeGolden(pictures, runnerModel(pictures, contracts, labels, models, runner), {
    advance: (done, total) => progress('choosing and checking golden pictures', done, total),
  });
}

function openWorkFolder(
  { bytes, base, contracts }: Source,
  { calibration, evaluation }: Pictures,
  options: OptimizeOptions,
): Promise<WorkFolder> {
  return WorkFolder.open(`${options.out.replace(/\/+$/, '')}.work`, {
    version: 4,
    source: digestOf(bytes),
    base: base === undefined ? null : digestOf(base),
    contracts,
    settings: { ...settingsOf(options), force: false },
    perMetre: options.perMetre ?? null,
    calibration: calibration.files,
    evaluation: evaluation.files,
  });
}

interface ChainWork {
  readonly runner: OnnxruntimeGraphRunner;
  readonly work: WorkFolder;
  readonly progress: StageProgress;
  readonly onEstimate?: (estimate: TimeEstimate) => void;
}

async function runChain(
  { bytes, base, contracts, labels }: Source,
  pictures: Pictures,
  options: OptimizeOptions,
  { runner, work, progress, onEstimate }: ChainWork,
): Promise<ChainResult> {
  const judged = { draws, ...defined({ perMetre: options.perMetre }) };
  const float = await runner.load(bytes);
  const { calibration: seen, evaluation: unseen } = pictures;
  const facts = { calibration: seen.count, evaluation: unseen.count, isBased: base !== undefined };
  onEstimate?.(estimateTime(settingsOf(options), { ...facts, runMs: await timeOfRun(float, seen) }));
  const floatOutputs = async (index: number) => {
    progress('detecting on calibration pictures', index, pictures.calibration.count);
    return (await float.run(await pictures.calibration.input(index))).outputs;
  };
  const calibration = await judgedSet(pictures.calibration, contracts, labels, { floatOutputs, ...judged });
  // Without labels they are judged so already; a model that finds nothing there leaves only the labels.
  const agreement =
    (pictures.calibration.labelled && options.method === 'auto'
      ? await agreementSet(pictures.calibration, contracts, labels, floatOutputs)
      : undefined) ?? calibration;
  await float.close();
  const evaluation = await judgedSet(pictures.evaluation, contracts, labels, judged);
  return optimizeModel(bytes, settingsOf(options), {
    ...{ runner, calibration, agreement, evaluation, store: work, progress, now: () => performance.now() },
    ...defined({ base }),
  });
}

/** Milliseconds of one run with its picture, the middle of three; the first picture is a warm-up. */
async function timeOfRun(float: LoadedGraph, pictures: PictureSet): Promise<number> {
  const input = await pictures.input(0);
  await float.run(input);
  const times: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const start = performance.now();
    await float.run(input);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[1]!;
}

/** Something beside the float model keeps the budget, and is pruned where that was asked for. */
function isAsAskedFor({ variants, pruning }: ChainReport, { force }: OptimizeOptions): boolean {
  if (pruning !== undefined && force !== true && !(pruning.used && pruning.reached)) return false;
  const shipped = variants.filter(({ verdict }) => verdict !== 'left out');
  return shipped.some(({ kind }) => kind !== 'fp32') || pruning?.used === true;
}

function refuseSharedPictures(calibration: PictureSet, evaluation: PictureSet): void {
  const known = new Set(calibration.files);
  const shared = evaluation.files.filter((path) => known.has(path));
  if (shared.length === 0) return;
  throw new InputError(
    'evaluation-shared',
    `${counted(shared.length, 'picture')} are in both sets, ${basename(shared[0] ?? '')} among them: accuracy would be measured on what the model was fitted to.`,
    'Use different pictures for --calibration and --evaluation.',
  );
}
