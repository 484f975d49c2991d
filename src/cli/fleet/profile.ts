import type { Command } from 'commander';
import type { FleetProfile, ShadowAgreement } from '../../api/index.ts';
import { finish, parseCount, parseNumber } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

interface ProfileOptions extends Target {
  readonly group?: string;
  readonly hours: number;
  readonly epsilon?: number;
}

interface SumOptions extends Target {
  readonly group?: string;
  readonly hours: number;
}

interface ShadowOptions extends Target {
  readonly hours: number;
}

export function addProfile(fleet: Command): void {
  finish<ProfileOptions>(
    fleetCommand(
      fleet,
      'profile',
      'what all cameras see together, as counts, and which are unlike the others',
    )
      .option('--group <name>', 'only of this group')
      .option('--hours <n>', 'until now', parseCount(), 24)
      .option('--epsilon <number>', 'noise on every count; no camera is named then', parseNumber(0.001, 10)),
    async ({ output }, options) => {
      const { group, hours, epsilon } = options;
      const profile = await connect(options).call('GET /fleet/profile', { query: { group, hours, epsilon } });
      output.value(profile);
      describe(output, profile);
      return undefined;
    },
  );
  finish<SumOptions>(
    fleetCommand(fleet, 'sum', 'what devices see that send no counts of their own, as one sum')
      .option('--group <name>', 'only of this group')
      .option('--hours <n>', 'full hours of the clock until now, 24 at most', parseCount(), 1),
    async ({ output }, options) => {
      const { group, hours } = options;
      const sum = await connect(options).call('GET /fleet/profile/summed', { query: { group, hours } });
      output.value(sum);
      output.line(`${sum.devices} devices, ${sum.hours} h, ${sum.rounds} rounds`);
      if (sum.lost.length > 0)
        output.line(`Without ${sum.lost.join(', ')}, which joined and did not answer.`);
      if (sum.unfit.length > 0)
        output.line(`Without ${sum.unfit.join(', ')}, whose key is none or stands for two devices.`);
      printClasses(output, sum.labels);
      return undefined;
    },
  );
  finish<ShadowOptions>(
    fleetCommand(fleet, 'agreement', 'how far the shadow in a slot agrees with the model that serves')
      .argument('<device>', 'the device')
      .argument('<slot>', 'the slot with the shadow')
      .option('--hours <n>', 'until now', parseCount(), 24),
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
          output.note(`${answer.total.frames} frames so far; intervals come after ten minutes.`);
        output.table(
          ['camera', 'frames', 'differ', 'has of its boxes', 'boxes it has too', 'other label'],
          [
            ...answer.cameras.map(({ camera, agreement }) => rowOf(camera, agreement)),
            rowOf('all', answer.total),
          ],
        );
      }
      return undefined;
    },
  );
}

function describe(output: Output, { devices, cameras, labels, distances, noise }: FleetProfile): void {
  output.line(`${cameras} cameras of ${devices} devices`);
  printClasses(output, labels);
  if (noise !== undefined) output.line(noise.promise);
  if (distances.length === 0) return;
  output.table(
    ['camera', 'detections', 'mix', 'scores'],
    distances
      .slice(0, 20)
      .map((one) => [
        `${one.device}/${one.camera}`,
        String(one.detections),
        one.mix.toFixed(2),
        one.scores.toFixed(2),
      ]),
  );
}

function printClasses(output: Output, labels: Readonly<Record<string, number>>): void {
  const all = Object.values(labels).reduce((sum, one) => sum + one, 0);
  output.table(
    ['class', 'detections', 'share'],
    Object.entries(labels)
      .sort(([, a], [, b]) => b - a)
      .map(([label, detections]) => [label, String(detections), percent(all === 0 ? 0 : detections / all)]),
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
  return interval === undefined ? percent(value) : `${percent(value)} (${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
