import type { Command } from 'commander';
import { addApply } from '../fleet/apply.ts';
import { addCounts } from '../fleet/counts.ts';

export function fleetCommands(program: Command): void {
  const fleet = program
    .command('fleet')
    .description('the whole fleet: its file, and what all cameras see together');
  addApply(fleet);
  addCounts(fleet);
}
