import type { Command } from 'commander';
import type { CameraShareReport } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { finish } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

interface CompareOptions extends Target {
  readonly slot?: string;
}

/** Two versions at once by shares of cameras. */
export function addShares(models: Command): void {
  finish<CompareOptions>(
    fleetCommand(models, 'compare', 'two versions that divide the cameras: who has which, and what differs')
      .argument('<of>', 'what the share is of: the name of the model, or what --of said')
      .option('--slot <name>', 'the slot that is compared with main, where several divide the cameras'),
    async ({ output }, options, [of = '']) => {
      const query = defined({ slot: options.slot });
      const report = await connect(options).call('GET /shares/:of', { params: { of }, query });
      output.value(report);
      describe(output, report);
      return undefined;
    },
  );
}

function describe(output: Output, { slot, a, b, cameras, comparison }: CameraShareReport): void {
  output.line(`A: ${a} cameras by main. B: ${b} cameras by the slot ${slot}.`);
  output.table(
    ['camera', 'side', 'model'],
    cameras.slice(0, 50).map((one) => [`${one.device}/${one.camera}`, one.side, one.model ?? '']),
  );
  if (cameras.length > 50) output.line(`... and ${cameras.length - 50} more: --json has them.`);
  if (comparison === undefined) {
    output.line('Nothing to compare yet: no camera is served by the slot.');
    return;
  }
  output.line(comparison.says);
  output.table(
    ['B against A', 'worse by', 'interval', 'what it says'],
    comparison.metrics.map(({ metric, label, estimate, interval, unit, outcome }) => [
      label === undefined ? metric : `${metric} ${label}`,
      estimate === undefined ? '' : number(estimate),
      interval === undefined ? '' : `${number(interval[0])} to ${number(interval[1])} ${unit}`,
      outcome,
    ]),
  );
}

function number(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(3);
}
