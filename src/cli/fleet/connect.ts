import type { Command } from 'commander';
import { InputError } from '../../base/index.ts';
import { FleetClient } from '../../runtime/index.ts';

export interface Target {
  readonly url?: string;
  readonly token?: string;
}

/** A command below `fleet` with `--url` and `--token`. */
export function fleetCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--url <url>', 'controller (or GOSHAWK_URL; default http://127.0.0.1:8080)')
    .option('--token <token>', 'access token (better: GOSHAWK_TOKEN)');
}

/** Where the controller is: arguments first, then GOSHAWK_URL and GOSHAWK_TOKEN. */
export function connect(options: Target, environment = process.env): FleetClient {
  const url = options.url ?? environment.GOSHAWK_URL ?? 'http://127.0.0.1:8080';
  const token = options.token ?? environment.GOSHAWK_TOKEN;
  if (token === undefined || token === '') {
    throw new InputError(
      'token-missing',
      'The controller wants a token.',
      'Set GOSHAWK_TOKEN (an argument would stand in the process list) or give --token; the first one is in admin.token in the data folder of the controller.',
    );
  }
  if (!/^https?:\/\//.test(url)) {
    throw new InputError(
      'url-invalid',
      `"${url}" is not an address.`,
      'Give http://host:port or https://host.',
    );
  }
  return new FleetClient({ url: url.replace(/\/+$/, ''), token });
}
