import { describeError, type Log } from '../../base/index.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { DesiredStatePlanner } from './desired-state-planner.ts';

export interface DesiredStateSyncPorts {
  readonly registry: DeviceRegistry;
  readonly commands: CommandExecutor;
  readonly planner: DesiredStatePlanner;
  readonly log: Log;
}

/**
 * Keeps the desired states that the broker retains equal to those of the database: after every connect, and when a device
 * or the broker turns out to know a newer one, because this database was restored or lost.
 */
export class DesiredStateSync {
  readonly #ports: DesiredStateSyncPorts;
  /** What the broker retains has arrived since the last connect. */
  #settled = false;

  constructor(ports: DesiredStateSyncPorts) {
    this.#ports = ports;
  }

  brokerSettled(): void {
    this.#settled = true;
    for (const device of this.#ports.registry.devices()) this.#publishWhereAbsent(device);
  }

  brokerLost(): void {
    this.#settled = false;
    // The broker may come back without what it retained.
    for (const device of this.#ports.registry.devices()) device.brokerGeneration = undefined;
  }

  /** The broker retains this generation for the device. */
  sawRetained(device: Device, generation: number): void {
    device.brokerGeneration = generation;
    if (device.desired !== undefined && generation > device.desired.generation) this.renew(device);
  }

  /** A new desired state where one is due (groups in a birth), and the present one where the broker lacks it. */
  renew(device: Device): void {
    const { commands, planner, log } = this.#ports;
    if (this.#settled) this.#publishWhereAbsent(device);
    commands
      .executeUnaudited(() => planner.planDevices([device]))
      .catch((error: unknown) => {
        log.error('A desired state could not be renewed', { device: device.id, cause: describeError(error) });
      });
  }

  #publishWhereAbsent(device: Device): void {
    if (device.desired !== undefined && device.brokerGeneration !== device.desired.generation)
      this.#ports.planner.publish(device);
  }
}
