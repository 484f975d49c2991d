import type { Clock } from '../../base/index.ts';
import type { Severity } from '../../protocol/index.ts';
import type { EventRow } from '../store/rows.ts';

export interface ControllerEventsPorts {
  readonly clock: Clock;
  /** A new id for every event. */
  readonly newId: () => string;
  /** False when there is no room for it. */
  readonly ingest: { event(row: EventRow): boolean };
}

/** What the controller has to tell about a device, in the list of that device's events. */
export interface ControllerEvent {
  readonly kind: string;
  readonly severity: Severity;
  readonly message: string;
  readonly data?: Record<string, unknown>;
  /** When it was; now where nobody says. */
  readonly timeMs?: number;
}

const quietMs = 600_000;
const maxKeys = 10_000;

/** Tells an event of one kind about one device every ten minutes at most: a device must not fill the list with it. */
export class ControllerEvents {
  readonly #ports: ControllerEventsPorts;
  readonly #quietUntilMs = new Map<string, number>();

  constructor(ports: ControllerEventsPorts) {
    this.#ports = ports;
  }

  /** `about`: events of one kind about different things don't silence each other. */
  tell(device: string, event: ControllerEvent, about = ''): void {
    const { clock } = this.#ports;
    const key = `${event.kind} ${about} ${device}`;
    const nowMs = clock.monotonicMs();
    if (nowMs < (this.#quietUntilMs.get(key) ?? 0)) return;
    // Devices may come from outside: their number is bounded, and starting over only costs an event too many.
    if (this.#quietUntilMs.size >= maxKeys) this.#quietUntilMs.clear();
    if (this.add(device, event)) this.#quietUntilMs.set(key, nowMs + quietMs);
  }

  /** Every time, for what is bounded by itself. False when there is no room for it. */
  add(device: string, event: ControllerEvent): boolean {
    const { clock, newId, ingest } = this.#ports;
    const receivedMs = clock.wallMs();
    return ingest.event({ id: newId(), device, timeMs: receivedMs, receivedMs, ...event });
  }

  forgetDevice(device: string): void {
    for (const key of this.#quietUntilMs.keys())
      if (key.endsWith(` ${device}`)) this.#quietUntilMs.delete(key);
  }
}
