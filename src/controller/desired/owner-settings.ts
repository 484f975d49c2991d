import type { DesiredAnswer, DesiredSettings } from '../../api/index.ts';
import type { Command } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { AnswerOf, SettingsPlanner } from './settings-planner.ts';

/** A device or a group. */
export type SlotOwner = { readonly device: string } | { readonly group: string };

export interface OwnerPorts {
  readonly registry: DeviceRegistry;
  readonly settings: Pick<SettingsPlanner, 'planDevice' | 'planGroup'>;
}

/** Other settings of a device or group, by those that it has when its turn comes. MissingError `device-unknown`. */
export async function planOwner(
  { registry, settings }: OwnerPorts,
  owner: SlotOwner,
  edit: (before: DesiredSettings) => DesiredSettings,
  about: AnswerOf = {},
): Promise<Command<DesiredAnswer>> {
  if ('device' in owner) {
    const device = registry.expect(owner.device);
    return settings.planDevice(device, edit(device.settings), about);
  }
  const group = registry.group(owner.group);
  return settings.planGroup(owner.group, group?.members ?? [], edit(group?.settings ?? {}), about);
}

/** As the audit log names it. */
export function kindAndId(owner: SlotOwner): [kind: 'device' | 'group', id: string] {
  return 'device' in owner ? ['device', owner.device] : ['group', owner.group];
}
