import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { LearnOrder } from '../../protocol/index.ts';
import { examples, finish, parseCount, parseNumber } from '../command.ts';
import { changeSettings } from './change.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

/** The order to learn what is usual. Every one has an id of its own: a device follows it once. */
export function addLearn(fleet: Command): void {
  interface Options extends Target {
    readonly device?: string;
    readonly group?: string;
    readonly camera: string;
    readonly hours: number;
    readonly timesOfDay: number;
    readonly stop?: boolean;
  }
  finish<Options>(
    fleetCommand(fleet, 'learn', 'let cameras learn what is usual, so that drift from it is noticed')
      .option('--device <id>', 'for this device')
      .option('--group <name>', 'for every device of this group')
      .option('--camera <name>', 'camera, or * for all', '*')
      .option('--hours <n>', 'how long', parseNumber(0.3, 168), 24)
      .option('--times-of-day <n>', 'told apart, equal parts of 24 hours', parseCount(), 1)
      .option('--stop', 'take the order back where it is not done yet')
      .addHelpText(
        'after',
        examples(
          'fleet learn --device gate-7 --hours 4',
          'fleet learn --group north --hours 72 --times-of-day 24',
        ),
      ),
    async ({ output }, options) => {
      const { camera, hours, timesOfDay, stop } = options;
      const order: LearnOrder = {
        order: randomBytes(6).toString('hex'),
        hours,
        ...(timesOfDay === 1 ? {} : { timesOfDay: Math.min(24, timesOfDay) }),
      };
      const answer = await changeSettings(connect(options), options, (settings) => {
        const before = settings.pipelines?.[camera];
        const { learn: _, ...others } = before?.drift ?? {};
        const drift = stop === true ? others : { ...others, learn: order };
        return { ...settings, pipelines: { ...settings.pipelines, [camera]: { ...before, drift } } };
      });
      output.value({ ...answer, ...(stop === true ? {} : { order: order.order }) });
      output.line(`Sent to ${Object.keys(answer.generations).join(', ') || 'no device yet'}.`);
      if (stop !== true) output.note('See how far they are: goshawk fleet drift');
      return undefined;
    },
  );
}
