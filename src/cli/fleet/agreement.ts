import type { Command } from 'commander';
import type { ShadowAgreement } from '../../api/index.ts';
import { counted, shareWords } from '../../base/index.ts';
import { examples, finish, parseCount } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

/** How a shadow compares with the model that serves. */
export function addAgreement(model: Command): void {
  finish<Target & { readonly hours: number }>(
    fleetCommand(model, 'agreement', 'compare the shadow in a slot with the serving model')
      .argument('<device>', 'the device')
      .argument('<slot>', 'the slot with the shadow')
      .option('--hours <n>', 'until now', parseCount(), 24)
      .addHelpText('after', examples('model agreement truck-7 next --hours 6')),
    async ({ output }, options, [device = '', slot = '']) => {
      const answer = await connect(options).call('GET /devices/:id/slots/:slot/agreement', {
        params: { id: device, slot },
        query: { hours: options.hours },
      });
      output.value(answer);
      if (answer.total === undefined)
        output.line(`No shadow in ${slot} of ${device} has seen a frame in these hours.`);
      else {
        if (answer.soFar === true)
          output.note(`${counted(answer.total.frames, 'frame')} so far; intervals come after ten minutes.`);
        output.table(
          ['camera', 'frames', 'differ', 'has of its boxes', 'boxes it has too', 'other label'],
          [
            ...answer.cameras.map(({ camera, agreement }) => rowOf(camera, agreement)),
            rowOf('all', answer.total),
          ],
          'No frames.',
        );
      }
      return undefined;
    },
  );
}

type Share = ShadowAgreement['recall'];

function rowOf(
  name: string,
  { frames, disagreement, recall, precision, classFlips }: ShadowAgreement,
): string[] {
  const shares = [disagreement, recall, precision, classFlips].map(sayShare);
  return [name, String(frames), ...shares];
}

function sayShare({ value, interval }: Share): string {
  const [low = 0, high = 0] = interval ?? [];
  return interval === undefined
    ? shareWords(value)
    : `${shareWords(value)} (${shareWords(low)} to ${shareWords(high)})`;
}
