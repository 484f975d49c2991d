import type { Command } from 'commander';
import type { FleetProfile } from '../../api/index.ts';
import { counted } from '../../base/index.ts';
import { expectKnown, typedNames } from '../../runtime/index.ts';
import { examples, finish, parseCount, parseNumber } from '../command.ts';
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

/** What all cameras of a fleet see together. */
export function addCounts(fleet: Command): void {
  finish<ProfileOptions>(
    fleetCommand(
      fleet,
      'profile',
      'count what all cameras see together, and show which cameras differ from the others',
    )
      .option('--group <name>', 'only of this group')
      .option('--hours <n>', 'until now', parseCount(), 24)
      .option('--epsilon <number>', 'noise on every count; no camera is named then', parseNumber(0.001, 10))
      .addHelpText('after', examples('fleet profile --group west --hours 6')),
    async ({ output }, options) => {
      const { group, hours, epsilon } = options;
      const client = connect(options);
      await expectKnown(client, typedNames(options));
      const profile = await client.call('GET /fleet/profile', { query: { group, hours, epsilon } });
      output.value(profile);
      describe(output, profile);
      return undefined;
    },
  );
  finish<SumOptions>(
    fleetCommand(fleet, 'sum', 'sum the counts of devices that do not send their counts one by one')
      .option('--group <name>', 'only of this group')
      .option('--hours <n>', 'full hours of the clock until now, 24 at most', parseCount(), 1)
      .addHelpText('after', examples('fleet sum --group west --hours 3')),
    async ({ output }, options) => {
      const { group, hours } = options;
      const client = connect(options);
      await expectKnown(client, typedNames(options));
      const sum = await client.call('GET /fleet/profile/summed', { query: { group, hours } });
      output.value(sum);
      output.line(`${counted(sum.devices, 'device')}, ${sum.hours} h, ${counted(sum.rounds, 'round')}`);
      if (sum.lost.length > 0)
        output.line(`Not counted: ${sum.lost.join(', ')} (joined and did not answer).`);
      if (sum.unfit.length > 0)
        output.line(`Not counted: ${sum.unfit.join(', ')} (no valid key, or the key of another device).`);
      printClasses(output, sum.labels);
      return undefined;
    },
  );
}

function describe(output: Output, { devices, cameras, labels, distances, noise }: FleetProfile): void {
  output.line(`${counted(cameras, 'camera')} of ${counted(devices, 'device')}`);
  printClasses(output, labels);
  if (noise !== undefined) output.line(noise.promise);
  if (distances.length === 0) return;
  output.table(
    ['camera', 'detections', 'mix', 'scores'],
    distances
      .slice(0, 20)
      .map((one) => [
        `${one.device}/${one.camera}`,
        one.detections,
        { number: one.mix },
        { number: one.scores },
      ]),
    'No cameras to compare.',
  );
}

function printClasses(output: Output, labels: Readonly<Record<string, number>>): void {
  const all = Object.values(labels).reduce((sum, one) => sum + one, 0);
  output.table(
    ['class', 'detections', 'share'],
    Object.entries(labels)
      .sort(([, a], [, b]) => b - a)
      .map(([label, detections]) => [label, detections, { share: all === 0 ? 0 : detections / all }]),
    'No detections.',
  );
}
