import type { Command } from 'commander';
import type { ModelList } from '../../api/index.ts';
import { finish, parseDuration } from '../command.ts';
import { changeSettings } from './change.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { formatNumber } from './format.ts';
import { findModel, pushBundle } from './models.ts';
import { waitForGenerations } from './wait.ts';

export function addModels(fleet: Command): void {
  finish<Target>(
    fleetCommand(fleet, 'models', 'the bundles that the controller holds'),
    async ({ output }, options) => {
      const list = await connect(options).get<ModelList>('/models');
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
    },
  );
  finish<Target>(
    fleetCommand(fleet, 'push', 'bring a bundle to the controller').argument(
      '<bundle>',
      'folder of the bundle',
    ),
    async ({ output }, options, [folder = '']) => {
      const { readBundle } = await import('../../adapters/filesystem/index.ts');
      const { bundleFiles } = await import('../../model/index.ts');
      const bundle = await readBundle(folder);
      const total = bundleFiles(bundle.manifest).reduce((sum, file) => sum + file.size, 0);
      const progress = await output.progress('uploading', total);
      const answer = await pushBundle(connect(options), bundle, progress).finally(() => progress.stop());
      output.value({ digest: bundle.digest, ...answer });
      output.line(
        `${bundle.manifest.name} ${bundle.manifest.version} is on the controller: ${bundle.digest}`,
      );
      return undefined;
    },
  );
  finish<Target & { device?: string; group?: string; wait?: boolean; timeout: number }>(
    fleetCommand(fleet, 'set-model', 'say which model a device or a group runs')
      .argument('<model>', 'name, name@version or digest')
      .option('--device <id>', 'for this device')
      .option('--group <name>', 'for every device of this group')
      .option('--wait', 'until every device acted on it')
      .option('--timeout <duration>', 'how long to wait', parseDuration, 300_000),
    async ({ output, signal }, options, [wanted = '']) => {
      const client = connect(options);
      const { name, version, digest } = await findModel(client, wanted);
      const answer = await changeSettings(client, options, (settings) => ({
        ...settings,
        model: { name, version, digest },
      }));
      if (options.wait === true) {
        await waitForGenerations(client, answer.generations, {
          timeoutMs: options.timeout,
          signal,
          onState: (device, state) => output.note(`${device}: ${state}`),
        });
      }
      output.value(answer);
      const devices = Object.keys(answer.generations);
      output.line(`${devices.length === 0 ? 'No device yet' : devices.join(', ')}: ${name} ${version}`);
      return undefined;
    },
  );
}
