import type { Command } from 'commander';
import { finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatNumber } from './format.ts';
import { addSlots } from './slots.ts';

export function addModels(fleet: Command): void {
  const models = fleetCommand(fleet, 'models', 'the bundles that the controller holds');
  // What stands behind a subcommand is its own.
  models.enablePositionalOptions();
  addSlots(models);
  finish<Target>(models, async ({ output }, options) => {
    const list = await connect(options).call('GET /models');
    output.value(list);
    output.table(
      ['name', 'version', 'variants', 'MB', 'devices', 'complete', 'digest'],
      list.models.map((model) => [
        model.name,
        model.version,
        model.variants.map((variant) => variant.kind).join('+'),
        formatNumber(model.sizeBytes / 1e6),
        model.devices,
        model.complete ? 'yes' : `no, missing ${model.missing.join(', ')}`,
        model.digest,
      ]),
    );
    return undefined;
  });
}
