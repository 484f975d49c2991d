import type { Command } from 'commander';
import type { ExperimentReport } from '../../api/index.ts';
import { examples, finish } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

/** Two versions at once: who has which, and how they compare. */
export function addComparison(rollout: Command): void {
  finish<Target>(
    fleetCommand(
      rollout,
      'compare',
      'compare A and B of an experiment, and list which device or camera runs which',
    )
      .argument('<name>', 'name or id')
      .addHelpText('after', examples('rollout compare street-2')),
    async ({ output }, options, [name = '']) => {
      const params = { rollout: name };
      const report = await connect(options).call('GET /rollouts/:rollout/experiment', { params });
      output.value(report);
      describe(output, report);
      return undefined;
    },
  );
}

function describe(output: Output, { by, a, b, waits, units, comparison }: ExperimentReport): void {
  const waiting = waits === 0 ? '' : ` ${waits} ${waits === 1 ? 'is' : 'are'} to have B.`;
  output.line(`A: ${a} ${by}s. B: ${b} ${by}s.${waiting}`);
  output.table(
    [by, 'version', 'runs', 'why'],
    units
      .slice(0, 50)
      .map(({ device, camera, arm, model = '', why }) => [
        camera === undefined ? device : `${device}/${camera}`,
        arm,
        model,
        why,
      ]),
    `No ${by}s in it.`,
  );
  if (units.length > 50) output.line(`... and ${units.length - 50} more: --json has them.`);
  if (comparison === undefined) {
    output.line('No comparison: B serves no device yet, or it is promoted.');
    return;
  }
  output.line(comparison.says);
  output.table(
    ['B against A', 'worse by', 'interval', 'result'],
    comparison.metrics.map(({ metric, label, estimate, interval, unit, outcome }) => [
      label === undefined ? metric : `${metric} ${label}`,
      { number: estimate },
      interval === undefined
        ? ''
        : `${interval.map((number) => output.words({ number })).join(' to ')} ${unit}`,
      outcome,
    ]),
    'No metrics to compare yet.',
  );
}
