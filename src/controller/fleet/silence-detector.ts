import type { Clock, Log } from '../../base/index.ts';
import type { DeviceRegistry } from './device-registry.ts';

export interface SilenceDetectorPorts {
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChanged: (device: string) => void;
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

  markSilent(): void {
    const { registry, clock, log, onChanged } = this.#ports;
    const nowMs = clock.monotonicMs();
    for (const device of registry.devices()) {
      if (!device.online || nowMs - device.heardMs < device.patienceMs(this.#silentAfterMs)) continue;
      device.silent = true;
      device.offlineReason = 'silent';
      onChanged(device.id);
      log.warn('A device fell silent', { device: device.id });
    }
  }
}
