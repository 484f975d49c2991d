import type { DesiredAnswer, DesiredSettings } from '../../api/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { DesiredStatePlanner } from './desired-state-planner.ts';

export interface DesiredStateServicePorts {
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly planner: DesiredStatePlanner;
}

/** What people want devices and groups to do: model and pipeline settings. */
export class DesiredStateService {
  readonly #ports: DesiredStateServicePorts;

  constructor(ports: DesiredStateServicePorts) {
    this.#ports = ports;
  }

  /** Replaces the own settings of one device. `unlisted`: the controller need not hold the model. */
  async setDevice(
    caller: Caller,
    id: string,
    settings: DesiredSettings,
    unlisted = false,
  ): Promise<DesiredAnswer> {
    const { registry, commands, planner } = this.#ports;
    const generations = await commands.execute(caller, 'device.desired', id, settings, () => {
      const device = registry.expect(id);
      this.#expectModel(settings, unlisted);
      const plan = planner.planDevice(device, settings);
      return {
        changes: [{ kind: 'settings', device: id, settings }, ...plan.changes],
        apply: () => {
          device.settings = settings;
          return plan.apply();
        },
      };
    });
    return { generations };
  }

  /** Replaces the settings of a group, which is made where it is new. */
  async setGroup(
    caller: Caller,
    name: string,
    settings: DesiredSettings,
    unlisted = false,
  ): Promise<DesiredAnswer> {
    const { registry, commands, planner } = this.#ports;
    const generations = await commands.execute(caller, 'group.desired', name, settings, () => {
      this.#expectModel(settings, unlisted);
      return planner.planGroup(name, { name, members: registry.group(name)?.members ?? [], settings });
    });
    return { generations };
  }

  #expectModel(settings: DesiredSettings, unlisted: boolean): void {
    if (settings.model !== undefined && !unlisted) this.#ports.models.expectChoice(settings.model);
  }
}
