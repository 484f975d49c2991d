import type { Command } from 'commander';
import { defined, InputError } from '../../base/index.ts';
import { changePipeline, readRulesFile } from '../../runtime/index.ts';
import { examples, finish, parseList, parseNumber } from '../command.ts';
import { connect, fleetCommand } from './connect.ts';
import { type OwnerOptions, showTarget, withOwner } from './owner.ts';
import { sentTo } from './sent-to.ts';

export function pipelineCommands(program: Command): void {
  const pipeline = program
    .command('pipeline')
    .description('show and change the settings of camera pipelines');
  interface Options extends OwnerOptions {
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
    withOwner(fleetCommand(pipeline, 'set', 'change the settings of pipelines while they run'))
      .option('--camera <name>', 'camera, or * for all', '*')
      .option(
        '--score-threshold <n>',
        'smallest score of a new detection; a track continues a little below it',
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
        throw new InputError(
          'settings-empty',
          'You give no setting to change.',
          'See `goshawk pipeline set --help`.',
        );
      }
      if (await showTarget(output, options)) return undefined;
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
