import type { DesiredSettings } from '../../api/index.ts';
import { type Clock, describeError, inTurns, type Log } from '../../base/index.ts';
import { actorOf, systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { type Move, withCurrentVersions } from './current-versions.ts';
import { kindAndId, type SettingsPlanner, type SlotOwner } from './settings-planner.ts';

export interface VersionFollowerPorts {
  readonly bus: EventBus;
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly settings: SettingsPlanner;
  readonly newOrder: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Moves slots whose policy says so to a version that has arrived: each move is a command of the system, with its audit entry. */
export class VersionFollower {
  readonly #ports: VersionFollowerPorts;

  constructor(ports: VersionFollowerPorts) {
    this.#ports = ports;
    ports.bus.on('bundleComplete', () => void this.follow());
    ports.bus.on('trustPublished', () => void this.follow());
  }

  /** Called at the start too: a bundle may have come before the last end. */
  async follow(): Promise<void> {
    const { registry, models, clock } = this.#ports;
    const held = models.complete();
    const moved = (settings: DesiredSettings) => withCurrentVersions(settings, held, () => '').moves;
    for (const { name, settings } of registry.groups()) await this.#move({ group: name }, moved(settings));
    const devices: [id: string, moves: readonly Move[]][] = [];
    // A large fleet takes a while to look through.
    await inTurns(clock, [...registry.devices()], ({ id, settings }) => {
      const moves = moved(settings);
      if (moves.length > 0) devices.push([id, moves]);
    });
    for (const [device, moves] of devices) await this.#move({ device }, moves);
  }

  async #move(owner: SlotOwner, moves: readonly Move[]): Promise<void> {
    if (moves.length === 0) return;
    const { commands, settings, log, models, newOrder } = this.#ports;
    const [kind, target] = kindAndId(owner);
    const followed = (before: DesiredSettings) =>
      withCurrentVersions(before, models.complete(), newOrder).settings;
    try {
      await commands.execute(systemCaller, `${kind}.version`, target, { moves }, () =>
        settings.planOwner(actorOf(systemCaller), owner, followed),
      );
      log.info('A newer version took its place', { target, moves });
    } catch (error) {
      log.warn('A newer version cannot take its place', { target, reason: describeError(error) });
    }
  }
}
