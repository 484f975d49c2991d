import { type Command, InvalidArgumentError } from 'commander';
import { defined } from '../../base/index.ts';
import { runSelftest, type TrialGroup, trialGroups } from '../../runtime/index.ts';
import { durationOption, examples, finish, parseList } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printSelftest } from '../print/selftest.ts';

interface Options {
  readonly report?: string;
  readonly model?: readonly string[];
  readonly only?: readonly TrialGroup[];
  readonly dataDir?: string;
  readonly time: number;
  readonly limit: number;
}

export function selftestCommand(program: Command): void {
  const command = program
    .command('selftest')
    .description(
      'try what this board has: native parts, engines, decoders, cameras, RTSP, sensors, ROS 2, disk, watchdog',
    )
    .option(
      '--report <file>',
      'write everything as JSON, without names, addresses and secrets: it can be sent',
    )
    .option(
      '--model <bundles>',
      "try the engines with these, by comma; default: the project's own",
      parseList,
    )
    .option('--only <groups>', `groups of trials: ${trialGroups.join(', ')}, by comma`, parseGroups)
    .option('--data-dir <folder>', 'disk: where the agent would keep its state; default: /var/tmp')
    .addOption(durationOption('--time <time>', 'how long frames are pushed through each engine', '3s'))
    .addOption(durationOption('--limit <time>', 'time limit for one engine, building included', '20m'))
    .addHelpText(
      'after',
      `${examples('selftest', 'selftest --report board.json', 'selftest --only engines --model bundle/')}\n
Exit status 1 if something that is there, or that is needed, failed. An agent that runs meanwhile makes figures lower.`,
    );
  finish<Options>(command, async ({ output, signal }, { report, model, only, dataDir, time, limit }) => {
    const result = await runSelftest(
      {
        measureMs: time,
        limitMs: limit,
        ...defined({ report, models: model, only, dataDir }),
      },
      { signal, onTrial: (name) => output.note(`trying ${name}`) },
    );
    printSelftest(output, result);
    if (report !== undefined) output.note(`The report is in ${report}.`);
    return result.ok ? exitCodes.ok.code : exitCodes.failed.code;
  });
}

function parseGroups(text: string): readonly TrialGroup[] {
  const wanted = parseList(text);
  const known = trialGroups.filter((group) => wanted.includes(group));
  if (known.length === wanted.length && known.length > 0) return known;
  throw new InvalidArgumentError(`Groups are ${trialGroups.join(', ')}.`);
}
