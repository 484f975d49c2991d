import type { Clock, Log } from '../../base/index.ts';
import type { EventBus } from '../event-bus.ts';
import type { PeriodicTask } from '../module.ts';
import type { DeviceRegistry } from './device-registry.ts';

export interface SilenceDetectorPorts {
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: EventBus;
}

/**
 * Finds devices of which nothing came for too long although they did not say goodbye: they count as offline. Too long is three
 * of the intervals that the device announced, and `silentAfterMs` at least.
 */
export class SilenceDetector {
  readonly #ports: SilenceDetectorPorts;
  readonly #silentAfterMs: number;

  constructor(ports: SilenceDetectorPorts, silentAfterMs = 90_000) {
    this.#ports = ports;
    this.#silentAfterMs = silentAfterMs;
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 5_000, run: () => this.#markSilent() }];
  }

  #markSilent(): void {
    const { registry, clock, log, bus } = this.#ports;
    const nowMs = clock.monotonicMs();
    for (const device of registry.devices()) {
      if (!device.online || nowMs - device.heardMs < device.patienceMs(this.#silentAfterMs)) continue;
      device.silent = true;
      device.offlineReason = 'silent';
      bus.emit('deviceChanged', device.id);
      log.warn('A device fell silent', { device: device.id });
    }
  }
}
