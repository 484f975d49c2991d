import type { Cancel, Clock } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type MonitoredCamera, MonitoredFleet } from './monitored-fleet.ts';

export interface FleetScannerPorts {
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
  readonly hasIncident: (device: string, camera: string) => boolean;
}

const defaultFalseAlarmDays = 30;
/** The fleet changes little in a few seconds. */
const everyMs = 5_000;
/** Devices between two breaks for the event loop: some 0.5 ms. A fleet of ten thousand takes twenty steps. */
const devicesPerStep = 500;

/** The cameras that are monitored for drift now: goes through the devices in steps, and gives the newest complete list. */
export class FleetScanner {
  readonly #ports: FleetScannerPorts;
  #complete: MonitoredFleet | undefined;
  #beganMs = Number.NEGATIVE_INFINITY;
  #devices: Iterator<Device> | undefined;
  #next: MonitoredFleet | undefined;
  #cancel: Cancel = () => {};

  constructor(ports: FleetScannerPorts) {
    this.#ports = ports;
  }

  /**
   * Undefined until the first list is complete: to half a fleet too much would be believed. Where the list is old the next
   * one is begun.
   */
  monitoredFleet(): MonitoredFleet | undefined {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#devices === undefined && nowMs - this.#beganMs >= everyMs) {
      this.#beganMs = nowMs;
      this.#devices = this.#ports.registry.devices()[Symbol.iterator]();
      this.#next = new MonitoredFleet();
      this.#step();
    }
    return this.#complete;
  }

  close(): void {
    this.#cancel();
    this.#devices = undefined;
  }

  #step(): void {
    const { clock } = this.#ports;
    for (let i = 0; i < devicesPerStep; i++) {
      const device = this.#devices?.next();
      if (device === undefined || device.done === true) {
        this.#complete = this.#next;
        this.#devices = undefined;
        this.#next = undefined;
        return;
      }
      this.#next?.add(this.#monitored(device.value));
    }
    this.#cancel = clock.after(1, () => this.#step());
  }

  #monitored(device: Device): MonitoredCamera[] {
    const drift = device.reported?.drift;
    if (drift === undefined) return [];
    const groups = this.#ports.registry.groupNames(device);
    const cameras: MonitoredCamera[] = [];
    for (const [camera, { state }] of Object.entries(drift)) {
      // A device that is away can't alarm, unless it did before it went.
      if (state === 'off' || !(device.online || this.#ports.hasIncident(device.id, camera))) continue;
      const settings = device.reported?.pipelines[camera]?.drift ?? device.reported?.pipelines['*']?.drift;
      cameras.push({
        device: device.id,
        camera,
        groups,
        model: device.reported?.slots[mainSlot]?.loaded?.digest,
        judged: state === 'watching',
        falseAlarmDays: settings?.falseAlarmDays ?? defaultFalseAlarmDays,
      });
    }
    return cameras;
  }
}
