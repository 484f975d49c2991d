import type { Command } from 'commander';
import { FleetFile } from '../../api/index.ts';
import { applyFleetFile } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

export function addApply(fleet: Command): void {
  finish<Target & { readonly file?: string; readonly dryRun?: boolean; readonly schema?: boolean }>(
    fleetCommand(fleet, 'apply', 'bring labels, groups and rollouts to what a file says')
      .option('-f, --file <path>', 'YAML or JSON; - for stdin')
      .option('--dry-run', 'only say what differs')
      .option('--schema', 'print the JSON Schema of the file')
      .addHelpText('after', examples('fleet apply -f fleet.yaml --dry-run', 'fleet apply -f fleet.yaml')),
    async ({ output }, options) => {
      if (options.schema === true) {
        output.value(FleetFile);
        output.line(JSON.stringify(FleetFile, undefined, 2));
        return undefined;
      }
      const { file = '-', dryRun = false } = options;
      const done = await applyFleetFile(connect(options), file, dryRun);
      output.value(done);
      for (const { kind, about, name, what } of done.differences)
        if (kind === 'change') output.line(`${dryRun ? 'would set' : 'set'} ${about} ${name}: ${what}`);
        else output.note(`${about} ${name} ${what}`);
      if (done.differences.length === 0) output.line('The fleet is what the file says.');
      return undefined;
    },
  );
}
