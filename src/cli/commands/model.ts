import { type Command, Option } from 'commander';
import { engineChoices } from '../../runtime/index.ts';
import {
  decoderNames,
  type EvaluateOptions,
  evaluateBundle,
  type ImportOptions,
  importBundle,
  showBundle,
} from '../../workbench/index.ts';
import { examples, finish, parseCount, parseNumber, workPorts } from '../command.ts';
import { addAgreement } from '../fleet/agreement.ts';
import { addFleetModels } from '../fleet/models.ts';
import { printBundle, printImported } from '../print/bundle.ts';
import { printEvaluation } from '../print/evaluation.ts';
import { addInputOptions } from './input-options.ts';
import { addBudget } from './model-budget.ts';
import { addEncrypt } from './model-encrypt.ts';
import { addCheck, addOptimize } from './model-optimize.ts';
import { addProfile } from './model-profile.ts';
import { addRegistry } from './model-registry.ts';
import { signModelCommand } from './model-sign.ts';

export const variantKinds = ['fp32', 'fp16', 'weights-int8', 'qdq-s8', 'qdq-u8'] as const;

export function modelCommand(program: Command): void {
  const model = program.command('model').description('make, measure, push and deploy models');
  addImport(model);
  addEvaluate(model);
  addShow(model);
  addOptimize(model);
  signModelCommand(model);
  addCheck(model);
  addBudget(model);
  addProfile(model);
  addEncrypt(model);
  addRegistry(model);
  addFleetModels(model);
  addAgreement(model);
}

const batchHelp =
  'pictures in one run: any number, where that is proved and tried, or one (default: as the file has it)';

function addImport(model: Command): void {
  const command = model
    .command('import')
    .description('make a bundle from an ONNX file, and check that it works')
    .argument('<model.onnx>', 'the network')
    .option(
      '--labels <file>',
      'class names: a text file with one per line, or a data.yaml (default: those in the file)',
    )
    .requiredOption('--out <folder>', 'the bundle to write; whole or not at all')
    .addOption(
      new Option(
        '--decoder <family>',
        'how the output is read (default: found out); yolov8 is also yolo11, yolov10 also yolo26',
      ).choices(decoderNames),
    )
    .option('--module <file>', 'an ES module of yours that reads the outputs: docs/decoders.md')
    .option('--name <name>', 'name of the model (default: the file name)')
    .option('--model-version <version>', 'its version', '1.0.0')
    .option('--licence <text>', 'licence of the weights, e.g. Apache-2.0', 'unknown')
    .option('--embedding <tensor>', 'a feature map of the backbone in which drift is watched too')
    .option(
      '--check <folder>',
      'pictures with what it knows, to see that it finds it (default: drawn streets)',
    )
    .option('--no-check', 'make the bundle without looking at what the network finds')
    .option('--no-fp16', 'make no second file in half precision, which TensorRT runs')
    .option('--golden <folder>', 'pictures to choose a golden set from, with labels where there are any')
    .option('--budgets', 'measure latency and memory here, and write them with headroom: see `model budget`')
    .option('--replace', 'replace the bundle that is there')
    .addHelpText(
      'after',
      examples(
        'model import yolo11n.onnx --out bundle/',
        'model import yolox_nano.onnx --labels coco80.txt --out bundle/',
        'model import net.onnx --labels data.yaml --decoder yolov5 --input-size 640 --out bundle/',
      ),
    );
  finish<ImportOptions>(addInputOptions(command, batchHelp), async (context, options, [file = '']) => {
    printImported(context.output, await importBundle(file, options, workPorts(context)));
    return 0;
  });
}

function addEvaluate(model: Command): void {
  const command = model
    .command('evaluate')
    .description(
      'measure accuracy (COCO mAP of boxes, masks or points; top-1; mIoU) and speed on labelled pictures',
    )
    .argument('<bundle>', 'folder of the bundle')
    .requiredOption('--images <folder>', 'pictures; of a classifier one folder of them per label')
    .option(
      '--labels <folder>',
      'ground truth in YOLO form, one .txt per picture; maps of classes: grey .png',
    )
    .option('--draw <folder>', 'write every picture with the boxes drawn on it')
    .addOption(new Option('--variant <kind>', 'default: the best for the engine').choices(variantKinds))
    .addOption(
      new Option('--engine <name>', 'engine that runs the network').choices(engineChoices).default('auto'),
    )
    .option('--threads <n>', 'threads of the network', parseCount(), 1)
    .option('--min-map <value>', 'fail (exit status 1) below this mAP, 0 to 1', parseNumber(0, 1))
    .option('--min-top1 <share>', 'classifier: fail below this top-1, 0 to 1', parseNumber(0, 1))
    .option('--min-recall1 <share>', 'embeddings: fail below this recall at 1', parseNumber(0, 1))
    .option('--min-words <share>', 'text reader: fail below this share of lines', parseNumber(0, 1))
    .option('--min-miou <share>', 'semantic segmentation: fail below this mean IoU', parseNumber(0, 1))
    .option('--max-abs-rel <value>', 'depth: fail above this AbsRel', parseNumber(0, 100))
    .option('--per-metre <n>', 'depth: values of the labels that are a metre', parseNumber(1, 65_535), 1000)
    .addHelpText(
      'after',
      `${examples(
        'model evaluate bundle/ --images val/images --labels val/labels --draw drawn/',
        'model evaluate kind/ --images val/',
      )}\n
Rules of a detector: score above 0.01, every class of a box, NMS per class at IoU 0.65, at most 100 boxes per picture, IoU .50 to .95,
precision at 101 recalls, classes without ground truth left out.`,
    );
  finish<EvaluateOptions>(command, async (context, options, [folder = '']) => {
    const { output } = context;
    const report = await evaluateBundle(folder, options, workPorts(context));
    printEvaluation(output, report);
    if (report.tooLow === undefined) return 0;
    output.note(report.tooLow);
    return 1;
  });
}

function addShow(model: Command): void {
  const command = model
    .command('show')
    .description('say what a bundle is, and verify every byte of it')
    .argument('<bundle>', 'folder of the bundle')
    .addHelpText('after', examples('model show bundle/', 'model show bundle/ --json | jq .digest'));
  finish(command, async ({ output }, _options, [folder = '']) => {
    printBundle(output, await showBundle(folder));
    return 0;
  });
}
