import type { Command } from 'commander';
import type { TargetAnswer } from '../../api/index.ts';
import { counted } from '../../base/index.ts';
import { expectKnown, type FleetTarget, resolveTarget, typedNames } from '../../runtime/index.ts';
import type { Output } from '../output.ts';
import { connect, type Target } from './connect.ts';

/** A device or a group, for which something is ordered or set. */
export interface OwnerOptions extends Target, FleetTarget {
  readonly dryRun?: boolean;
  /** The group is made: its devices are still to come. */
  readonly newGroup?: boolean;
}

export function withOwner(command: Command): Command {
  return command
    .option('--device <id>', 'for this device')
    .option('--group <name>', 'for every device of this group')
    .option('--new-group', 'make the group: its devices are still to come')
    .option('--dry-run', 'only name the devices that it concerns');
}

/**
 * Names the devices that a group means before anything is sent to them. True: it was a dry run, and nothing else is to be
 * done.
 */
export async function showTarget(output: Output, options: OwnerOptions, slot?: string): Promise<boolean> {
  const dry = options.dryRun === true;
  // A device is named by who types it.
  if (!dry && options.group === undefined) return false;
  const client = connect(options);
  const answer = await resolveTarget(client, options, slot);
  const { devices, groups } = typedNames(options);
  await expectKnown(client, { devices, groups: options.newGroup === true ? [] : groups });
  if (!dry) {
    output.note(`${targetWords(answer)}.`);
    return false;
  }
  output.value(answer);
  output.line(`${targetWords(answer)}.`);
  output.table(
    ['device', 'now', 'keeps'],
    answer.devices.map(({ id, online, own }) => [
      id,
      online ? 'online' : 'offline',
      own === undefined || options.group === undefined ? '' : `${own.name} ${own.version} (own settings)`,
    ]),
    'No device of it has reported.',
  );
  return true;
}

const mostNamed = 20;

/** `Concerns 3 devices: cam-1, cam-2, cam-3`, and those that are still to come. */
export function targetWords({ devices, unknown }: TargetAnswer): string {
  const ids = devices.map(({ id }) => id);
  const more = ids.length > mostNamed ? [`${ids.length - mostNamed} more (--dry-run lists them)`] : [];
  const names = [...ids.slice(0, mostNamed), ...more].join(', ');
  const come = unknown.length === 0 ? '' : `; not reported yet: ${unknown.join(', ')}`;
  if (devices.length === 0) return `No device that has reported is concerned${come}`;
  return `Concerns ${counted(devices.length, 'device')}: ${names}${come}`;
}
