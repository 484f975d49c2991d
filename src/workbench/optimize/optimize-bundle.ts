import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { digestOf, explainFileError, readBundle, writeBundle } from '../../adapters/filesystem/index.ts';
import { OnnxruntimeGraphRunner } from '../../adapters/graph-runner/index.ts';
import { InputError, RefusedError } from '../../base/index.ts';
import type { CommandContext } from '../../cli/command.ts';
import { printReport } from '../../cli/optimize-report.ts';
import { type DecoderName, type Manifest, parseLabels, proposeContracts } from '../../model/index.ts';
import {
  accuracyPicture,
  type CalibrationMethod,
  type ChainReport,
  type ChainResult,
  type ChainSettings,
  checkRatio,
  defaultPruneSettings,
  type Importance,
  optimizeModel,
  type VariantName,
} from '../../optimize/index.ts';
import { checkOutputs } from '../../perception/index.ts';
import { goshawkVersion } from '../../runtime/version.ts';
import { readNetwork } from '../import/network-file.ts';
import { type Contracts, judgedSet } from './accuracy-scorer.ts';
import { goldenPath, makeGolden } from './golden.ts';
import { PictureSet } from './pictures.ts';
import { Stages } from './stages.ts';
import { WorkFolder } from './work-folder.ts';

export interface OptimizeOptions {
  readonly decoder: DecoderName;
  readonly labels: string;
  readonly base?: string;
  readonly calibration: string;
  readonly evaluation: string;
  readonly out: string;
  readonly prune?: number;
  readonly pruneScope: 'global' | 'layer';
  readonly importance: Importance;
  readonly rounds: number;
  readonly refit: boolean;
  readonly writePruned?: string;
  readonly method: CalibrationMethod;
  readonly variants: readonly VariantName[];
  readonly withoutFp32?: boolean;
  readonly maxMapDrop: number;
  readonly reduceRange?: boolean;
  readonly limit?: number;
  readonly embedding?: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly licence: string;
  readonly replace?: boolean;
  readonly force?: boolean;
}

interface Source {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Of the file. */
  readonly digest: string;
  readonly labels: readonly string[];
  readonly contracts: Contracts;
  /** The model that the source was made from. */
  readonly base: Uint8Array | undefined;
}

/** Pictures below this number give ranges that the next picture may leave. */
const fewPictures = 16;

export async function optimizeBundle(
  context: CommandContext,
  file: string,
  options: OptimizeOptions,
): Promise<number> {
  const { output: out } = context;
  if (options.prune !== undefined) checkRatio(options.prune);
  await refuseInTheWay(options);
  const source = await readSource(file, options);
  const { contracts, labels } = source;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const calibrationSet = await PictureSet.open(options.calibration, contracts.input, undefined, limit);
  const evaluationSet = await PictureSet.open(options.evaluation, contracts.input, undefined, limit);
  refuseSharedPictures(calibrationSet, evaluationSet);
  if (calibrationSet.count < fewPictures) {
    out.warn(
      `the calibration set ${calibrationSet.name} holds ${calibrationSet.count} picture(s): ranges measured on so few may not hold; 64 are a good start.`,
    );
  }
  const settings = settingsOf(options);
  const store = await WorkFolder.open(`${options.out.replace(/\/+$/, '')}.work`, {
    version: 1,
    source: digestOf(source.bytes),
    base: source.base === undefined ? null : digestOf(source.base),
    contracts,
    settings: { ...settings, force: false },
    calibration: calibrationSet.files,
    evaluation: evaluationSet.files,
  });
  const stages = new Stages(context);
  const runner = new OnnxruntimeGraphRunner();
  try {
    const float = await runner.load(source.bytes);
    const floatOutputs = async (index: number) => {
      stages.report('detecting on calibration pictures without labels', index, calibrationSet.count);
      return (await float.run(await calibrationSet.input(index))).outputs;
    };
    const calibration = await judgedSet(calibrationSet, contracts, labels, floatOutputs);
    await float.close();
    const evaluation = await judgedSet(evaluationSet, contracts, labels);
    const result = await optimizeModel(source.bytes, settings, {
      runner,
      calibration,
      evaluation,
      ...(source.base === undefined ? {} : { base: source.base }),
      store,
      progress: stages.report,
    });
    stages.close();
    if (options.writePruned !== undefined) await writePruned(options.writePruned, result);
    const shipped = result.report.variants.filter(({ verdict }) => verdict !== 'left out');
    const optimized = shipped.some(({ kind }) => kind !== 'fp32') || result.report.pruning?.used === true;
    if (!optimized) {
      printReport(out, result.report, { bundle: undefined, digest: undefined });
      out.note(`No variant keeps the budget; nothing was written. What was found stays in ${store.folder}.`);
      return 1;
    }
    const golden = await makeGolden(evaluationSet, contracts, labels, result.models, runner);
    const bundle = await write(source, options, result, golden, evaluationSet);
    await store.remove();
    printReport(out, result.report, { bundle: bundle.location, digest: bundle.digest });
    return 0;
  } finally {
    stages.close();
    await runner.close();
  }
}

async function readSource(file: string, options: OptimizeOptions): Promise<Source> {
  const { bytes, network, sourceDigest, embedding } = await readNetwork(file, options.embedding);
  const text = await readFile(options.labels, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, 'read the labels', options.labels);
  });
  const labels = parseLabels(text, basename(options.labels));
  const overrides = embedding === undefined ? {} : { embedding };
  const contracts = proposeContracts(options.decoder, network, overrides);
  checkOutputs(
    contracts.output,
    labels,
    contracts.input,
    network.outputs.map(({ name, shape }) => ({ name, dims: shape })),
  );
  const base = options.base === undefined ? undefined : await readBase(options.base, contracts);
  return { file, bytes, digest: sourceDigest, labels, contracts, base };
}

/** The base must answer the same question, or a comparison says nothing. */
async function readBase(file: string, contracts: Contracts): Promise<Uint8Array> {
  const { bytes, network } = await readNetwork(file, undefined);
  const { input, output } = proposeContracts(contracts.output.decoder, network);
  const differs = (['tensor', 'width', 'height', 'layout'] as const).find(
    (key) => input[key] !== contracts.input[key],
  );
  const tensors = output.tensors.join(', ');
  if (differs !== undefined || tensors !== contracts.output.tensors.join(', ')) {
    throw new InputError(
      'base-differs',
      `${basename(file)} is no base of this model: its ${differs === undefined ? `outputs are ${tensors}` : `input has another ${differs}`}.`,
      'Give the float model that this one was pruned and trained from, with the same input and output.',
    );
  }
  return bytes;
}

function settingsOf(options: OptimizeOptions): ChainSettings {
  return {
    prune:
      options.prune === undefined || options.prune === 0
        ? undefined
        : {
            ...defaultPruneSettings,
            options: { ...defaultPruneSettings.options, ratio: options.prune, scope: options.pruneScope },
            importance: options.importance,
            rounds: options.rounds,
            refit: options.refit,
          },
    method: options.method,
    variants: options.variants,
    maxMapDrop: options.maxMapDrop / 100,
    weightLimit: options.reduceRange === true ? 63 : 127,
    latencyRounds: 40,
    force: options.force === true,
  };
}

/** Hours of work must not end at a folder that was in the way from the start. */
async function refuseInTheWay({ out, replace }: OptimizeOptions): Promise<void> {
  if (replace === true) return;
  const there = await readBundle(out).then(
    () => true,
    () => false,
  );
  if (!there) return;
  throw new RefusedError(
    'bundle-in-the-way',
    `${out} is there already; nothing was written.`,
    'Add --replace, or name another folder.',
  );
}

function refuseSharedPictures(calibration: PictureSet, evaluation: PictureSet): void {
  const known = new Set(calibration.files);
  const shared = evaluation.files.filter((path) => known.has(path));
  if (shared.length === 0) return;
  throw new InputError(
    'evaluation-shared',
    `${shared.length} pictures are in both sets, ${basename(shared[0] ?? '')} among them: accuracy would be measured on what the model was fitted to.`,
    'Use different pictures for --calibration and --evaluation.',
  );
}

async function writePruned(path: string, { pruned, report }: ChainResult): Promise<void> {
  const { writeFileAtomic } = await import('../../adapters/filesystem/index.ts');
  if (pruned === undefined || report.pruning === undefined) return;
  await writeFileAtomic(path, pruned);
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(report.pruning, null, 2)}\n`);
}

async function write(
  source: Source,
  options: OptimizeOptions,
  { report, models: shipped }: ChainResult,
  golden: Awaited<ReturnType<typeof makeGolden>>,
  evaluation: PictureSet,
) {
  const models = new Map(shipped);
  // The golden set has its detections all the same.
  if (options.withoutFp32 === true && models.size > 1) models.delete('fp32');
  const contents = new Map<string, Uint8Array>();
  for (const [kind, model] of models) contents.set(`${kind}.onnx`, model);
  const name = options.name ?? nameOf(source.file);
  const attachments = new Map<string, Uint8Array>([
    ['report.json', Buffer.from(`${JSON.stringify(report, null, 2)}\n`)],
    ['report.svg', Buffer.from(accuracyPicture(report, `${name} ${options.modelVersion}`))],
    [goldenPath, Buffer.from(`${JSON.stringify(golden.set, null, 1)}\n`)],
  ]);
  for (const [path, from] of golden.pictures) attachments.set(path, await readFile(from));
  const fileOf = (path: string, bytes: Uint8Array) => ({ path, digest: digestOf(bytes), size: bytes.length });
  const measured = new Map(report.variants.map((variant) => [variant.kind, variant]));
  const origin = {
    sourceDigest: source.digest,
    createdBy: `goshawk ${goshawkVersion()}`,
    createdAt: new Date().toISOString(),
    sourceFile: basename(source.file),
    optimization: provenance(source, report, options),
  };
  const manifest: Manifest = {
    schema: 1,
    name,
    version: options.modelVersion,
    task: 'detection',
    licence: options.licence,
    labels: [...source.labels],
    ...source.contracts,
    variants: [...models].map(([kind, model]) => {
      const accuracy = measured.get(kind)?.accuracy;
      return {
        kind,
        file: fileOf(`${kind}.onnx`, model),
        ...(accuracy === undefined
          ? {}
          : {
              accuracy: {
                dataset: evaluation.name,
                images: evaluation.count,
                map: accuracy.map,
                ap50: accuracy.ap50,
              },
            }),
      };
    }),
    provenance: origin,
    attachments: [...attachments].map(([path, bytes]) => fileOf(path, bytes)),
  };
  for (const [path, bytes] of attachments) contents.set(path, bytes);
  return writeBundle(options.out, manifest, contents, { replace: options.replace === true });
}

/** How the variants came about; `forced` stays in the manifest, so no device can mistake them for accepted ones. */
function provenance(source: Source, report: ChainReport, options: OptimizeOptions): Record<string, unknown> {
  const forced = report.variants.filter(({ verdict }) => verdict === 'forced');
  return {
    sourceMap: report.source.accuracy.map,
    ...(source.base === undefined || report.base === undefined
      ? {}
      : { baseDigest: digestOf(source.base), baseMap: report.base.accuracy.map }),
    maxMapDrop: report.budget,
    prune: report.pruning?.used === true ? options.prune : 0,
    calibrationMethod: options.method,
    floatLayers: report.quantization?.float ?? [],
    ...(forced.length === 0
      ? {}
      : { forced: forced.map(({ kind, mapDrop }) => ({ kind, mapDrop, maxMapDrop: report.budget })) }),
  };
}

function nameOf(file: string): string {
  const name = basename(file)
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'model' : name;
}
