import type { Command } from 'commander';
import { InputError } from '../../base/index.ts';
import { FleetClient } from '../../runtime/index.ts';
import { addressOf, type Target } from '../access/address.ts';

export type { Target };

/** A command that asks the controller. */
export function fleetCommand(parent: Command, name: string, description: string): Command {
  return targetOptions(parent.command(name).description(description));
}

export function targetOptions(command: Command): Command {
  return command
    .option('--url <url>', 'controller (default: GOSHAWK_URL, or the one that you logged in to)')
    .option('--token <token>', 'access token (default: GOSHAWK_TOKEN, or that of your login)')
    .option('--context <name>', 'one of `goshawk context list` (default: GOSHAWK_CONTEXT)');
}

/** InputErrors `token-missing`, `url-invalid` and `context-unknown`. */
export function connect(options: Target): FleetClient {
  const { url, token } = addressOf(options);
  if (token !== undefined && token !== '') return new FleetClient({ url, token });
  throw new InputError(
    'token-missing',
    `You are not logged in to ${url}.`,
    `Run \`goshawk login ${url}\`, or set GOSHAWK_TOKEN. The first token is in admin.token in the data folder of the controller.`,
  );
}
