import type { DesiredSettings } from '../../api/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import { systemCaller } from '../audit/caller.ts';
import type { Command, CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { followedSettings } from './followed-settings.ts';
import type { SettingsPlanner } from './settings-planner.ts';

export interface VersionFollowerPorts {
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly settings: SettingsPlanner;
  readonly newOrder: () => string;
  readonly log: Log;
}

/** Moves slots whose policy says so to a version that has arrived: each move is a command of the system, with its audit entry. */
export class VersionFollower {
  readonly #ports: VersionFollowerPorts;

  constructor(ports: VersionFollowerPorts) {
    this.#ports = ports;
  }

  /** After every bundle that became complete, and at the start: one may have come before the last end. */
  async follow(): Promise<void> {
    const { registry, settings } = this.#ports;
    for (const group of registry.groups())
      await this.#move('group.version', group.name, group.settings, async (next) =>
        settings.planGroup(group.name, registry.group(group.name)?.members ?? [], next),
      );
    for (const device of [...registry.devices()])
      await this.#move('device.version', device.id, device.settings, async (next) =>
        settings.planDevice(device, next),
      );
  }

  async #move(
    action: string,
    target: string,
    before: DesiredSettings,
    plan: (next: DesiredSettings) => Promise<Command<unknown>>,
  ): Promise<void> {
    const { commands, log } = this.#ports;
    const { moves } = this.#followed(before);
    if (moves.length === 0) return;
    try {
      await commands.execute(systemCaller, action, target, { moves }, () => {
        // Somebody may have changed them while this waited for its turn.
        const present =
          action === 'group.version' ? this.#groupSettings(target) : this.#deviceSettings(target);
        return plan(this.#followed(present).settings);
      });
      log.info('A newer version took its place', { target, moves });
    } catch (error) {
      log.warn('A newer version can not take its place', { target, reason: describeError(error) });
    }
  }

  #followed(settings: DesiredSettings) {
    const { models, newOrder } = this.#ports;
    return followedSettings(settings, models.complete(), newOrder);
  }

  #groupSettings(name: string): DesiredSettings {
    return this.#ports.registry.group(name)?.settings ?? {};
  }

  #deviceSettings(id: string): DesiredSettings {
    return this.#ports.registry.expect(id).settings;
  }
}
