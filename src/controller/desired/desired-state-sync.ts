import { describeError, type Log, type RateLimitedLog } from '../../base/index.ts';
import type { Reported } from '../../protocol/index.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Guard } from '../guard.ts';
import { hasShares, loadedSlots } from './camera-shares.ts';
import { isPlausibleGeneration, mergeSettings, whyUnusable } from './desired-state.ts';
import type { DesiredStatePlanner } from './desired-state-planner.ts';

export interface DesiredStateSyncPorts {
  readonly bus: EventBus;
  readonly registry: DeviceRegistry;
  readonly commands: CommandExecutor;
  readonly planner: DesiredStatePlanner;
  readonly events: ControllerEvents;
  readonly guard: Guard;
  readonly log: Log;
  readonly rateLimitedLog: RateLimitedLog;
}

/**
 * Keeps the desired states that the broker retains equal to those of the database: after every connect, and when a device
 * or the broker turns out to know a newer one, because this database was restored or lost.
 */
export class DesiredStateSync {
  readonly #ports: DesiredStateSyncPorts;
  /** What the broker retains has arrived since the last connect. */
  #settled = false;
  /** Connected, and not heard since what they act on. */
  readonly #connected = new WeakSet<Device>();

  constructor(ports: DesiredStateSyncPorts) {
    this.#ports = ports;
    const { bus, registry } = ports;
    bus.on('brokerSettled', () => this.#brokerSettled());
    bus.on('brokerLost', () => this.#brokerLost());
    bus.on('trustPublished', () => this.#publishAnew(registry.devices()));
    bus.on('deviceBorn', (device) => {
      this.#connected.add(device);
      // Its birth may name other groups.
      this.#renew(device);
    });
    bus.on('deviceReported', (device, { generation }, before) =>
      this.#sawReported(device, generation, before),
    );
  }

  /** After a start: a stored order that can't be published counts as not there. */
  setAsideUnusable(): void {
    const { registry, events, log } = this.#ports;
    for (const device of registry.devices()) {
      const why = device.desired && whyUnusable(device.id, device.desired);
      if (why === undefined) continue;
      device.desired = undefined;
      log.warn('A stored order cannot be published and is set aside', { device: device.id, cause: why });
      events.tell(device.id, {
        kind: 'device.order-set-aside',
        severity: 'warning',
        message: `The stored order of this device can't be published and was set aside: ${why}.`,
        data: { remedy: 'Give the device or its groups their settings again.' },
      });
    }
  }

  #brokerSettled(): void {
    this.#settled = true;
    for (const device of this.#ports.registry.devices()) this.#publishWhereAbsent(device);
  }

  #brokerLost(): void {
    this.#settled = false;
    // The broker may come back without what it retained.
    for (const device of this.#ports.registry.devices()) device.brokerGeneration = undefined;
  }

  /** Another key signs, or other devices read what is signed: whatever the broker retains is published anew. */
  #publishAnew(devices: Iterable<Device>): void {
    for (const device of devices) {
      device.brokerGeneration = undefined;
      if (this.#settled) this.#publishWhereAbsent(device);
    }
  }

  /** The broker retains this generation for the device. `sealed`: as this controller would sign it now. */
  sawRetained(device: Device, generation: number, sealed = true): void {
    device.brokerGeneration = generation;
    if (!sealed && device.desired !== undefined) {
      this.#publishAnew([device]);
      return;
    }
    if (!this.#believes(device, generation, 'The broker retains an order')) {
      if (this.#settled) this.#publishWhereAbsent(device);
    } else if (device.desired !== undefined && generation > device.desired.generation) this.#renew(device);
  }

  /** The device acts on this generation; `before`: what it said last. */
  #sawReported(device: Device, generation: number, before: Reported | undefined): void {
    const { registry } = this.#ports;
    // It may be at another node of a cluster, and RabbitMQ gives what it retains only to clients of the same node.
    if (this.#connected.delete(device) && generation < (device.desired?.generation ?? 0)) {
      device.brokerGeneration = undefined;
      if (this.#settled) this.#publishWhereAbsent(device);
    }
    // Cameras go to a slot when its model runs, and back when it runs no more.
    const moved = loadedSlots(before) !== loadedSlots(device.reported);
    if (moved && hasShares(mergeSettings(registry.groupsOf(device), device.settings))) this.#renew(device);
    if (!this.#believes(device, generation, 'The device reports an order')) return;
    // One that this database does not know: it was restored or lost.
    if (generation > (device.desired?.generation ?? 0)) this.#renew(device);
  }

  /** A new desired state where one is due (groups in a birth), and the present one where the broker lacks it. */
  #renew(device: Device): void {
    const { commands, planner, rateLimitedLog } = this.#ports;
    if (this.#settled) this.#publishWhereAbsent(device);
    commands
      .executeUnaudited(() => planner.planDevices([device]))
      .catch((error: unknown) => {
        rateLimitedLog.warn('renew', 'A desired state could not be renewed', {
          device: device.id,
          cause: describeError(error),
        });
      });
  }

  #publishWhereAbsent(device: Device): void {
    const { guard, planner } = this.#ports;
    if (device.desired === undefined || device.brokerGeneration === device.desired.generation) return;
    guard.run('publish an order', () => planner.publish(device), { device: device.id });
  }

  #believes(device: Device, generation: number, who: string): boolean {
    const issued = device.desired?.generation ?? 0;
    if (isPlausibleGeneration(generation, issued)) return true;
    this.#ports.events.tell(device.id, {
      kind: 'device.generation-implausible',
      severity: 'error',
      message: `${who} of generation ${generation}, where the newest that was issued is ${issued}. It is not believed; while the device holds it, it follows no order.`,
      data: {
        generation,
        issued,
        remedy:
          'Find out who else has its certificate, or the key of this controller. If orders are signed, give the controller a new key and let the owners replace the old one with it (goshawk keys rotate --role online): generations then restart. Otherwise stop the agent, remove memory.json from its data folder, delete the device from the fleet and start the agent.',
      },
    });
    return false;
  }
}
