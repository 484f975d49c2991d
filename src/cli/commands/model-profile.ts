import { type Command, InvalidArgumentError, Option } from 'commander';
import { defined } from '../../base/index.ts';
import { type EngineChoice, engineChoices } from '../../runtime/index.ts';
import { checkProfile, makeProfile, mergeProfiles } from '../../workbench/index.ts';
import { durationOption, examples, finish, parseCount, parseNumber, workPorts } from '../command.ts';
import { printChecked, printMade } from '../print/profile.ts';
import { readMoment } from '../time-range.ts';

interface Options {
  readonly source?: string;
  readonly camera: string;
  readonly out?: string;
  readonly into?: string;
  readonly replace?: boolean;
  readonly engine: EngineChoice;
  readonly threads: number;
  readonly fps: number;
  readonly seed: number;
  readonly duration: number;
  readonly loop?: boolean;
  readonly add?: boolean;
  readonly merge?: readonly string[];
  readonly starts?: bigint;
  readonly timesOfDay: number;
  readonly utcOffset: number;
}

export function addProfile(model: Command): void {
  const command = model
    .command('profile')
    .description('learn what is usual for a camera and a model, so that drift from it can be noticed')
    .argument('<bundle>', 'folder of the bundle')
    .option('--source <source>', 'a folder of pictures, a video, `sim`, or ros:<topic>; without it: check')
    .option('--camera <name>', 'the camera that the profile is for', parseCamera, 'camera')
    .option('--out <file>', 'the profile to write (default: profiles/<camera>.json beside the bundle)')
    .option('--into <folder>', 'write a bundle with the profile inside, which a rollout takes along')
    .option('--replace', 'replace the profile, or with --into the bundle, that is there')
    .addOption(
      new Option('--engine <name>', 'engine that runs the network').choices(engineChoices).default('auto'),
    )
    .option('--threads <n>', 'threads of the network', parseCount(), 1)
    .option(
      '--fps <n>',
      'frames per second of a folder and of the simulated street',
      parseNumber(0.1, 240),
      10,
    )
    .option('--seed <n>', 'scene of the simulated street', parseCount(0), 1)
    .addOption(
      durationOption('--duration <time>', 'how long a live source, the street or a loop is watched', '1h'),
    )
    .option('--add', 'add this source to what the profile was learned from, instead of replacing that')
    .addOption(
      new Option(
        '--merge <file...>',
        'profiles of this camera and model, learned apart: make one of what they were learned from, in this order',
      ).conflicts('source'),
    )
    .option(
      '--starts <time>',
      'when a recording begins, e.g. 2026-12-01T06:30Z; needed to tell times of day apart (default: now)',
      parseTime,
    )
    .option('--loop', 'play a recording again and again for the duration, as fast as it can be read')
    .option(
      '--times-of-day <n>',
      'told apart, equal parts of 24 hours; more than 1 needs a day',
      parseCount(),
      1,
    )
    .option('--utc-offset <hours>', "time zone of the camera's place", parseNumber(-14, 14), 0)
    .addHelpText(
      'after',
      examples(
        'model profile bundle/ --source ros:/camera/image_raw --camera front --duration 4h',
        'model profile bundle/ --source monday.mp4 --camera front',
        'model profile bundle/ --source tuesday.mp4 --camera front --add',
        'model profile bundle/ --camera front --merge monday.json tuesday.json',
        'model profile bundle/ --camera front',
        'model profile bundle/ --camera front --into with-profile/',
      ),
    );
  finish<Options>(command, async (context, options, [folder = '']) => {
    const { output } = context;
    const {
      source,
      duration: durationMs,
      utcOffset: utcOffsetHours,
      loop = false,
      add = false,
      starts: startNs,
      ...others
    } = options;
    if (options.merge !== undefined) {
      printMade(
        output,
        options.camera,
        await mergeProfiles(folder, { ...options, add, merge: options.merge }),
      );
      return 0;
    }
    if (source === undefined) {
      printChecked(output, await checkProfile(folder, options));
      return 0;
    }
    const wanted = { ...others, source, durationMs, utcOffsetHours, loop, add, ...defined({ startNs }) };
    const profile = await makeProfile(folder, wanted, workPorts(context));
    printMade(output, options.camera, profile);
    return 0;
  });
}

function parseTime(text: string): bigint {
  const ms = readMoment(text);
  if (ms === undefined) throw new InvalidArgumentError('A date and a time in UTC, e.g. 2026-12-01T06:30Z.');
  return BigInt(ms) * 1_000_000n;
}

/** It becomes the name of a file. */
function parseCamera(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('Letters, digits, `_` and `-`, at most 64.');
}
