import type { DesiredAnswer, Group, GroupList } from '../../api/index.ts';
import { MissingError } from '../../base/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { DesiredStatePlanner } from './desired-state-planner.ts';

export interface GroupServicePorts {
  readonly registry: DeviceRegistry;
  readonly commands: CommandExecutor;
  readonly planner: DesiredStatePlanner;
}

/** Groups of devices. Who joins or leaves one gets or loses its settings. */
export class GroupService {
  readonly #ports: GroupServicePorts;

  constructor(ports: GroupServicePorts) {
    this.#ports = ports;
  }

  /** Of a part of the fleet: the groups that have a device of it, with these alone. */
  list(view: FleetView = wholeFleet): GroupList {
    const groups = this.#ports.registry.groupsWithDeclared();
    return { groups: view.scope === undefined ? groups : groups.flatMap((group) => groupIn(view, group)) };
  }

  async setMembers(caller: Caller, name: string, members: readonly string[]): Promise<DesiredAnswer> {
    const { registry, commands, planner } = this.#ports;
    const generations = await commands.execute(caller, 'group.members', name, { members }, () =>
      planner.planGroup(name, {
        name,
        members: [...members].sort(),
        settings: registry.group(name)?.settings ?? {},
      }),
    );
    return { generations };
  }

  async deleteGroup(caller: Caller, name: string): Promise<DesiredAnswer> {
    const { registry, commands, planner } = this.#ports;
    const generations = await commands.execute(caller, 'group.deleted', name, {}, () => {
      if (registry.group(name) === undefined)
        throw new MissingError(
          'group-unknown',
          `There is no group ${name}.`,
          'List them: goshawk group list.',
        );
      return planner.planGroup(name, undefined);
    });
    return { generations };
  }
}

function groupIn(view: FleetView, { declaredBy: all = [], ...group }: Group): Group[] {
  const members = group.members.filter(view.has);
  const declaredBy = all.filter(view.has);
  if (members.length + declaredBy.length === 0 && !view.hasGroup(group.name)) return [];
  return [{ ...group, members, ...(declaredBy.length === 0 ? {} : { declaredBy }) }];
}
