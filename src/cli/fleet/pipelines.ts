import type { Command } from 'commander';
import { defined, InputError } from '../../base/index.ts';
import { changePipeline, readRulesFile } from '../../runtime/index.ts';
import { examples, finish, parseList, parseNumber } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { sentTo } from './format.ts';

export function pipelineCommands(program: Command): void {
  const pipeline = program.command('pipeline').description('what the pipelines of cameras look for');
  interface Options extends Target {
    readonly device?: string;
    readonly group?: string;
    readonly camera: string;
    readonly scoreThreshold?: number;
    readonly iouThreshold?: number;
    readonly classes?: readonly string[];
    readonly enable?: boolean;
    readonly disable?: boolean;
    /** False: taken away. */
    readonly rules?: string | false;
  }
  finish<Options>(
    fleetCommand(pipeline, 'set', 'change the settings of pipelines while they run')
      .option('--device <id>', 'for this device')
      .option('--group <name>', 'for every device of this group')
      .option('--camera <name>', 'camera, or * for all', '*')
      .option(
        '--score-threshold <n>',
        'smallest score of a new detection; a track that is followed goes on a little below',
        parseNumber(0, 1),
      )
      .option('--iou-threshold <n>', 'overlap above which the weaker box goes', parseNumber(0, 1))
      .option('--classes <names>', 'labels that are reported, comma separated; empty for all', parseList)
      .option('--rules <file>', 'JSON file with zones and lines in which objects are counted (docs/zones.md)')
      .option('--no-rules', 'take back what the fleet says of zones and lines')
      .option('--enable', 'let the camera run')
      .option('--disable', 'let the camera rest')
      .addHelpText(
        'after',
        examples(
          'pipeline set --device truck-7 --camera front --score-threshold 0.4',
          'pipeline set --group gate --classes car,truck',
        ),
      ),
    async ({ output }, options) => {
      const { scoreThreshold, iouThreshold, classes, enable, disable, camera, rules } = options;
      const wanted = {
        ...defined({ scoreThreshold, iouThreshold }),
        ...(classes === undefined ? {} : { classes: [...classes] }),
        ...(enable === true ? { enabled: true } : {}),
        ...(disable === true ? { enabled: false } : {}),
        ...(typeof rules === 'string' ? { rules: await readRulesFile(rules) } : {}),
      };
      if (Object.keys(wanted).length === 0 && rules !== false) {
        throw new InputError('settings-empty', 'Nothing to change.', 'See `goshawk pipeline set --help`.');
      }
      const answer = await changePipeline(connect(options), options, camera, ({ rules: set, ...before }) => ({
        ...before,
        ...(rules === false ? {} : defined({ rules: set })),
        ...wanted,
      }));
      output.value(answer);
      output.line(sentTo(answer));
      return undefined;
    },
  );
}
