import type { Command } from 'commander';
import type { Labels } from '../../api/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { expectKnown, type FleetClient } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';
import type { Output } from '../output.ts';
import { connect, fleetCommand, type Target } from './connect.ts';
import { parseLabels } from './label-list.ts';

/** Labels, by which rollouts and rules choose devices, and devices that no rollout may change. */
export function addLabels(device: Command): void {
  finish<Target & { readonly set?: Labels }>(
    fleetCommand(device, 'label', 'show or set the labels of devices')
      .argument('[device]', 'only this one')
      .option(
        '--set <labels>',
        'all labels of the device, as site=west,ring=canary; empty for none',
        parseLabels,
      )
      .addHelpText('after', examples('device label', 'device label truck-7 --set site=west,ring=canary')),
    async ({ output }, options, [device]) => {
      const client = connect(options);
      if (options.set !== undefined) {
        if (device === undefined) throw missingDevice();
        await expectKnown(client, { devices: [device] });
        await client.call('PUT /devices/:id/labels', { params: { id: device }, body: options.set });
      }
      return printLabels(output, client, device);
    },
  );
  finish<Target & { readonly reason: string }>(
    fleetCommand(device, 'hold', 'keep rollouts from changing a device')
      .argument('<device>')
      .requiredOption('--reason <text>', 'shown to everyone and written to the audit log')
      .addHelpText('after', examples('device hold truck-7 --reason "on loan until Friday"')),
    async ({ output }, options, [id = '']) => {
      const client = connect(options);
      await expectKnown(client, { devices: [id] });
      await client.call('PUT /devices/:id/hold', { params: { id }, body: { reason: options.reason } });
      return printLabels(output, client, id);
    },
  );
  finish<Target>(
    fleetCommand(device, 'release', 'let rollouts change a held device again')
      .argument('<device>')
      .addHelpText('after', examples('device release truck-7')),
    async ({ output }, options, [id = '']) => {
      const client = connect(options);
      await expectKnown(client, { devices: [id] });
      await client.call('DELETE /devices/:id/hold', { params: { id } });
      return printLabels(output, client, id);
    },
  );
}

export function addOverride(device: Command): void {
  finish<Target & { readonly reason: string; readonly slot?: string }>(
    fleetCommand(
      device,
      'override-safety',
      'switch to the waiting model although the device reports that it is not safe now',
    )
      .argument('<device>')
      .requiredOption('--reason <text>', 'written to the audit log')
      .option('--slot <name>', 'which slot (default: main)')
      .addHelpText('after', examples('device override-safety truck-7 --reason "parked, wheels blocked"')),
    async ({ output }, { reason, slot, ...target }, [id = '']) => {
      const body = { reason, ...defined({ slot }) };
      await connect(target).call('POST /devices/:id/override-safety', { params: { id }, body });
      output.value({ device: id });
      output.line(`${id} may switch to the model that waits there.`);
      return undefined;
    },
  );
}

async function printLabels(
  output: Output,
  client: FleetClient,
  device: string | undefined,
): Promise<undefined> {
  const list = await client.call('GET /labels');
  const devices = list.devices.filter((one) => device === undefined || one.device === device);
  if (device !== undefined && devices.length === 0) await expectKnown(client, { devices: [device] });
  output.value({ devices });
  output.table(
    ['device', 'labels', 'held'],
    devices.map(({ device: id, labels, hold }) => [
      id,
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ') || '-',
      hold === undefined ? '-' : `${hold.reason} (${hold.by})`,
    ]),
    device === undefined ? 'No device has labels or is held.' : `${device} has no labels and is not held.`,
  );
}

function missingDevice(): InputError {
  return new InputError(
    'device-missing',
    '--set needs a device.',
    'Write goshawk device label DEVICE --set site=west.',
  );
}
