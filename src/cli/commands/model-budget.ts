import { type Command, Option } from 'commander';
import { engineChoices } from '../../runtime/index.ts';
import { type BudgetOptions, budgetBundle } from '../../workbench/index.ts';
import { examples, finish, parseCount, parseNumber, workPorts } from '../command.ts';
import { printBudgets } from '../print/budget.ts';

const variants = ['fp32', 'fp16', 'weights-int8', 'qdq-s8', 'qdq-u8'] as const;

interface Options extends Omit<BudgetOptions, 'memory'> {
  readonly memory?: number;
}

export function addBudget(model: Command): void {
  const command = model
    .command('budget')
    .description(
      'measure a bundle here, and write one with budgets that a device holds it to before it goes live',
    )
    .argument('<bundle>', 'folder of the bundle')
    .requiredOption('--out <folder>', 'the bundle to write; whole or not at all')
    .option('--golden <folder>', 'pictures to choose a golden set from, with labels where there are any')
    .option('--p95 <ms>', 'milliseconds per frame, in place of what is measured', parseNumber(0.1, 600_000))
    .option('--memory <MB>', 'megabytes, in place of what is measured', parseNumber(1, 1e6))
    .addOption(
      new Option('--engine <name>', 'engine that runs the network').choices(engineChoices).default('auto'),
    )
    .addOption(new Option('--variant <kind>', 'default: the best for the engine').choices(variants))
    .option('--threads <n>', 'threads of the network', parseCount(), 1)
    .option('--replace', 'replace the bundle that is there')
    .addHelpText(
      'after',
      `${examples(
        'model budget bundle/ --golden val/ --out bundle-2/',
        'model budget bundle/ --p95 50 --memory 400 --out bundle/ --replace',
      )}\n
Run it on a board of the class that the model is for. Measured: p95 of 5 x 40 frames, and the memory that this process
holds more with the model. Written with headroom: 2.5 times the latency and 10 ms, 1.5 times the memory and 64 MB; on
a golden set with labels each variant must keep 95 % of its mAP.`,
    );
  finish<Options>(command, async (context, { memory, ...options }, [folder = '']) => {
    const bytes = memory === undefined ? {} : { memory: Math.round(memory * 1e6) };
    printBudgets(context.output, await budgetBundle(folder, { ...options, ...bytes }, workPorts(context)));
    return 0;
  });
}
