import type { Clock, Log, RateLimitedLog } from '../../base/index.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Guard } from '../guard.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { TrustService } from '../trust/trust-service.ts';
import { DesiredStatePlanner } from './desired-state-planner.ts';
import { DesiredStateService } from './desired-state-service.ts';
import { DesiredStateSync } from './desired-state-sync.ts';
import { GroupService } from './group-service.ts';
import type { RetainedPublisher } from './retained-publisher.ts';
import { SettingsPlanner } from './settings-planner.ts';
import { SlotService } from './slot-service.ts';
import { VersionFollower } from './version-follower.ts';

export interface DesiredStatesPorts {
  readonly bus: EventBus;
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly retained: RetainedPublisher;
  readonly events: ControllerEvents;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  readonly rateLimitedLog: RateLimitedLog;
  readonly trust: Pick<TrustService, 'seal'> | undefined;
  /** Unique for ever. */
  readonly newOrder: () => string;
}

/** The desired state of devices: orders of people, and the services that keep them up to date. */
export class DesiredStates {
  readonly service: DesiredStateService;
  readonly slots: SlotService;
  readonly groups: GroupService;
  /** Keeps the broker at what the database says. */
  readonly sync: DesiredStateSync;
  readonly #versions: VersionFollower;

  constructor(ports: DesiredStatesPorts) {
    const { registry, models, commands, newOrder } = ports;
    const planner = new DesiredStatePlanner(ports);
    const settings = new SettingsPlanner(registry, planner, ports.clock);
    const orders = { registry, models, commands, settings, newOrder };
    this.service = new DesiredStateService(orders);
    this.slots = new SlotService(orders);
    this.groups = new GroupService({ registry, commands, planner });
    this.sync = new DesiredStateSync({ ...ports, planner });
    this.#versions = new VersionFollower({ ...ports, settings });
  }

  load(): void {
    this.sync.setAsideUnusable();
  }

  start(): Promise<void> {
    return this.#versions.follow();
  }
}
