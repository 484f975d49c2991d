import type { Clock } from '../../base/index.ts';
import type { PeriodicTask } from '../module.ts';
import type { Change } from '../store/store.ts';
import type { BrokerSession } from './broker-session.ts';
import type { ControllerEvents } from './controller-events.ts';
import type { Device } from './device.ts';
import type { DeviceRegistry } from './device-registry.ts';
import type { PresenceNews } from './presence.ts';

export interface PresenceReporterPorts {
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
  readonly events: ControllerEvents;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly session: Pick<BrokerSession, 'everyDeviceHeard'>;
}

/** Tells `device.online` and `device.offline`: once each, with the device's other events. */
export class PresenceReporter {
  readonly #ports: PresenceReporterPorts;

  constructor(ports: PresenceReporterPorts) {
    this.#ports = ports;
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 5_000, run: () => this.#look() }];
  }

  #look(): void {
    const { registry, clock, session } = this.#ports;
    // Without its broker the controller knows nothing of anybody, and after a start not of all.
    if (!session.everyDeviceHeard) return;
    const nowMs = clock.monotonicMs();
    for (const device of registry.devices()) {
      const { presence, online } = device;
      const before = presence.told;
      const news = presence.look(online, nowMs);
      if (news !== undefined) this.#tell(device, news, nowMs);
      if (presence.told !== before) this.#keep(device.id, online);
    }
  }

  #keep(id: string, online: boolean): void {
    this.#ports.change(`presence ${id}`, { kind: 'presence', id, online });
  }

  #tell(device: Device, { online, sinceMs, beforeMs, untold }: PresenceNews, nowMs: number): void {
    const { events, clock } = this.#ports;
    const lasted = beforeMs === undefined ? undefined : Math.max(0, sinceMs - beforeMs);
    const often = untold === 0 ? '' : ` It came or went ${untold} more times meanwhile.`;
    const reason = device.offlineReason ?? 'connection-lost';
    events.add(device.id, {
      kind: online ? 'device.online' : 'device.offline',
      severity: online ? 'info' : 'warning',
      message: `${online ? onlineWords(lasted) : `The device is offline: ${reason}.`}${often}`,
      timeMs: clock.wallMs() - (nowMs - sinceMs),
      data: {
        ...(online ? {} : { reason }),
        ...(device.birth === undefined ? {} : { session: device.birth.session }),
        ...(lasted === undefined ? {} : { [online ? 'awayMs' : 'onlineMs']: Math.round(lasted) }),
        ...(untold === 0 ? {} : { untold }),
      },
    });
  }
}

function onlineWords(awayMs: number | undefined): string {
  if (awayMs === undefined) return 'The device is online.';
  const seconds = Math.round(awayMs / 1000);
  return `The device is online again, after ${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}.`;
}
