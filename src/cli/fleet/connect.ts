import type { Command } from 'commander';
import { FleetClient, fleetTarget } from './client.ts';

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

export function connect(options: Target): FleetClient {
  return new FleetClient(fleetTarget(options, process.env));
}
