import type { Cancel, Clock } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import type { Registry } from '../fleet/registry.ts';
import { type MonitoredCamera, MonitoredFleet } from './monitored-fleet.ts';

export interface FleetScannerPorts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly hasIncident: (device: string, camera: string) => boolean;
}

const defaultFalseAlarmDays = 30;
/** The fleet changes little in a few seconds. */
const everyMs = 5_000;
/** Devices in one turn of the event loop: some 0.5 ms. A fleet of ten thousand takes twenty. */
const devicesPerStep = 500;

/** Who is watched now: goes through the devices in steps, and gives the newest list that is whole. */
export class FleetScanner {
  readonly #ports: FleetScannerPorts;
  #whole: MonitoredFleet | undefined;
  #beganMs = Number.NEGATIVE_INFINITY;
  #left: Iterator<Device> | undefined;
  #next: MonitoredFleet | undefined;
  #cancel: Cancel = () => {};

  constructor(ports: FleetScannerPorts) {
    this.#ports = ports;
  }

  /**
   * Undefined until the first list is whole: to half a fleet too much would be believed. Where the one before is old the
   * next is begun.
   */
  fleet(): MonitoredFleet | undefined {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#left === undefined && nowMs - this.#beganMs >= everyMs) {
      this.#beganMs = nowMs;
      this.#left = this.#ports.registry.devices()[Symbol.iterator]();
      this.#next = new MonitoredFleet();
      this.#step();
    }
    return this.#whole;
  }

  close(): void {
    this.#cancel();
    this.#left = undefined;
  }

  #step(): void {
    const { clock } = this.#ports;
    for (let i = 0; i < devicesPerStep; i++) {
      const device = this.#left?.next();
      if (device === undefined || device.done === true) {
        this.#whole = this.#next;
        this.#left = undefined;
        this.#next = undefined;
        return;
      }
      this.#next?.add(this.#watched(device.value));
    }
    this.#cancel = clock.after(1, () => this.#step());
  }

  #watched(device: Device): MonitoredCamera[] {
    const drift = device.reported?.drift;
    if (drift === undefined) return [];
    const groups = this.#ports.registry.groupNames(device);
    const models = device.reported?.models ?? [];
    const watched: MonitoredCamera[] = [];
    for (const [camera, { state }] of Object.entries(drift)) {
      // A device that is away can't alarm, unless it did before it went.
      if (state === 'off' || !(device.online || this.#ports.hasIncident(device.id, camera))) continue;
      const settings = device.reported?.pipelines[camera]?.drift ?? device.reported?.pipelines['*']?.drift;
      watched.push({
        device: device.id,
        camera,
        groups,
        model: (models.find((model) => model.cameras.includes(camera)) ?? models[0])?.digest,
        judged: state === 'watching',
        falseAlarmDays: settings?.falseAlarmDays ?? defaultFalseAlarmDays,
      });
    }
    return watched;
  }
}
