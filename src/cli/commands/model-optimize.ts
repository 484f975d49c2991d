import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationWords } from '../../base/index.ts';
import { engineChoices } from '../../runtime/index.ts';
import {
  type CheckOptions,
  checkBundle,
  decoderNames,
  type OptimizeEstimate,
  type OptimizeOptions,
  optimizeBundle,
} from '../../workbench/index.ts';
import {
  type CommandContext,
  examples,
  finish,
  parseCount,
  parseList,
  parseNumber,
  workPorts,
} from '../command.ts';
import { printCheck } from '../print/check.ts';
import { printReport } from '../print/optimize-report.ts';
import { Stages } from '../print/stages.ts';
import { addInputOptions } from './input-options.ts';

const variants = ['fp16', 'weights-int8', 'qdq-u8', 'qdq-s8'] as const;
const methods = ['auto', 'percentile', 'min-max', 'entropy', 'mse'] as const;

const batchHelp =
  'pictures in one run: any number or an end with the reason, or one (default: any number where that is proved and tried)';

export function addOptimize(model: Command): void {
  const command = model
    .command('optimize')
    .description(
      'prune and quantize an ONNX model, measure every variant, and keep only those within the budget',
    )
    .argument('<model.onnx>', 'the float32 network')
    .addOption(
      new Option(
        '--decoder <family>',
        'how the output is read (default: found out); yolov8 is also yolo11, yolov10 also yolo26',
      ).choices(decoderNames),
    )
    .option(
      '--labels <file>',
      'class names: a text file with one per line, or a data.yaml (default: those in the file)',
    )
    .requiredOption(
      '--calibration <folder>',
      'pictures to calibrate and search on, with labels where there are any',
    )
    .requiredOption('--evaluation <folder>', 'other pictures with labels; the budget is decided on them')
    .option('--per-metre <n>', 'depth: values of the labels that are a metre', parseNumber(1, 65_535), 1000)
    .option(
      '--base <model.onnx>',
      'model that this one was pruned and trained from; the budget, sizes and speeds are compared with it',
    )
    .requiredOption('--out <folder>', 'the bundle to write; whole or not at all')
    .option(
      '--max-drop <points>',
      'points of mAP, top-1 or the measure of your task that a variant may lose, at the bad end of the interval',
      parseNumber(0, 100),
      1,
    )
    .option('--prune <ratio>', 'share of the channels to remove, e.g. 0.5', Number)
    .addOption(
      new Option('--prune-scope <scope>', 'rank all layers together, or take the same share of each')
        .choices(['global', 'layer'])
        .default('global'),
    )
    .addOption(
      new Option('--importance <kind>', 'measure of how important a channel is')
        .choices(['l1', 'l2', 'statistics'])
        .default('l1'),
    )
    .option('--rounds <n>', 'rounds of pruning along a polynomial schedule', parseCount(), 1)
    .option('--no-refit', 'do not refit the layers behind pruned ones by least squares')
    .option(
      '--write-pruned <file>',
      'also write the pruned float model and its channel counts, to train it again',
    )
    .option('--variants <list>', `variants to make beside fp32: ${variants.join(', ')}`, parseVariants, [
      'fp16',
      'qdq-u8',
      'qdq-s8',
    ])
    .option('--without-fp32', 'measure the float model, but leave it out of the bundle')
    .addOption(
      new Option(
        '--method <name>',
        'how activation ranges are chosen; auto compares them on the calibration pictures',
      )
        .choices(methods)
        .default('auto'),
    )
    .option(
      '--search-minutes <n>',
      'time that the search of each INT8 form may take; then what it found so far is taken',
      parseNumber(0, 10_000),
      10,
    )
    .option('--reduce-range', 'weights in 7 bits, for x86 without VNNI')
    .option('--embedding <tensor>', 'a feature map of the backbone in which drift is watched too')
    .option('--golden <folder>', 'pictures to choose the golden set from (default: those of the evaluation)')
    .option('--budgets', 'measure latency and memory here, and write them with headroom: see `model budget`')
    .option('--limit <n>', 'use at most so many pictures of each set', parseCount())
    .option('--name <name>', 'name of the model (default: the file name)')
    .option('--model-version <version>', 'its version', '1.0.0')
    .option('--licence <text>', 'licence of the weights', 'unknown')
    .option('--force', 'ship variants that miss the budget; the bundle says so for ever')
    .option('--replace', 'replace the bundle that is there')
    .addHelpText(
      'after',
      `${examples(
        'model optimize yolox_nano.onnx --decoder yolox --labels coco80.txt \\\n      --calibration train/ --evaluation val/ --max-drop 1.0 --out bundle/',
        'model optimize best.onnx --decoder yolov5 --labels data.yaml --calibration a/ --evaluation b/ --prune 0.5 --out bundle/',
      )}\n
Run the same command again to continue a run that was stopped; its measurements are in <out>.work.
Exit status 1: no variant keeps the budget, or pruning did not reach its share; no bundle is written.`,
    );
  finish<OptimizeOptions>(addInputOptions(command, batchHelp), (context, options, [file = '']) =>
    optimize(context, file, options),
  );
}

async function optimize(context: CommandContext, file: string, options: OptimizeOptions): Promise<number> {
  const stages = new Stages(context.output);
  const { log, signal } = workPorts(context);
  const onEstimate = ({ minutes, searchMinutes }: OptimizeEstimate) =>
    context.output.note(
      `about ${minutesText(minutes)} of work; up to ${minutesText(searchMinutes)} more where layers must stay in float (--search-minutes)`,
    );
  const ports = { log, signal, onStage: stages.show, onEstimate };
  const outcome = await optimizeBundle(file, options, ports).finally(() => stages.close());
  printReport(context.output, outcome);
  return outcome.bundle === undefined ? 1 : 0;
}

function minutesText(minutes: number): string {
  return durationWords(Math.max(1000, minutes * 60_000));
}

export function addCheck(model: Command): void {
  const command = model
    .command('check')
    .description('run the golden set of a bundle on the engine that is there')
    .argument('<bundle>', 'folder of the bundle')
    .addOption(
      new Option('--engine <name>', 'engine that runs the network').choices(engineChoices).default('auto'),
    )
    .addOption(
      new Option('--variant <kind>', 'default: the best for the engine').choices(['fp32', ...variants]),
    )
    .addHelpText('after', examples('model check bundle/', 'model check bundle/ --engine tensorrt --json'));
  finish<CheckOptions>(command, async (context, options, [folder = '']) => {
    const report = await checkBundle(folder, options, workPorts(context));
    printCheck(context.output, report);
    return report.ok ? 0 : 1;
  });
}

function parseVariants(text: string): readonly string[] {
  const list = parseList(text);
  const unknown = list.find((name) => !(variants as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is none of ${variants.join(', ')}.`);
  }
  return list;
}
