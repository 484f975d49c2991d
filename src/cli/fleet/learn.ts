import type { Command } from 'commander';
import { orderLearning, stopLearning } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseNumber } from '../command.ts';
import { connect, fleetCommand } from './connect.ts';
import { type OwnerOptions, showTarget, withOwner } from './owner.ts';
import { sentTo } from './sent-to.ts';

export function addLearn(drift: Command): void {
  interface Options extends OwnerOptions {
    readonly camera: string;
    readonly hours: number;
    readonly timesOfDay: number;
    readonly stop?: boolean;
  }
  finish<Options>(
    withOwner(
      fleetCommand(drift, 'learn', 'let cameras learn what is usual, so that drift from it is noticed'),
    )
      .option('--camera <name>', 'camera, or * for all', '*')
      .option('--hours <n>', 'how long', parseNumber(0.3, 168), 24)
      .option('--times-of-day <n>', 'told apart, equal parts of 24 hours', parseCount(), 1)
      .option('--stop', 'take the order back where it is not done yet')
      .addHelpText(
        'after',
        examples(
          'drift learn --device gate-7 --hours 4',
          'drift learn --group north --hours 72 --times-of-day 24',
        ),
      ),
    async ({ output }, options) => {
      if (await showTarget(output, options)) return undefined;
      const client = connect(options);
      const answer =
        options.stop === true
          ? await stopLearning(client, options, options.camera)
          : await orderLearning(client, options, options);
      output.value(answer);
      output.line(sentTo(answer));
      if (options.stop !== true) output.note('See how far they are: goshawk drift list');
      return undefined;
    },
  );
}
