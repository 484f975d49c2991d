import type { Alert, DriftIncident, FleetEvent } from '../api/index.ts';
import type { Cancel } from '../base/index.ts';
import type { Birth, Reported } from '../protocol/index.ts';
import type { Device } from './fleet/device.ts';
import type { Guard } from './guard.ts';
import type { ExceededQuota } from './quotas/quotas.ts';
import type { CommitResult } from './store/store.ts';

export interface Ack {
  readonly device: string;
  readonly entry: number;
}

/** What one commit has written. */
export interface Committed {
  readonly events: readonly FleetEvent[];
  readonly duplicateBatches: number;
  readonly repeatedSessions: CommitResult['repeatedSessions'];
  /** Outbox entries that are safe now. */
  readonly acks: readonly Ack[];
}

/** What parts of the controller tell each other. */
export interface ControllerEventMap {
  /** Its summary may be another one; `measured`: by its metrics alone, as every few seconds. */
  deviceChanged: [device: string, measured?: boolean];
  deviceDeleted: [device: string];
  deviceBorn: [device: Device, birth: Birth];
  /** `before`: what it said last. */
  deviceReported: [device: Device, reported: Reported, before: Reported | undefined];
  quotaExceeded: [device: string, exceeded: ExceededQuota];
  committed: [Committed];
  incidentChanged: [DriftIncident];
  alertChanged: [Alert];
  /** One more bundle can be given to devices. */
  bundleComplete: [];
  /** Something else is signed now. */
  trustPublished: [];
  certificatesRevoked: [];
  tokenDeleted: [id: string];
  /** Connected, and what the broker retains had its time to arrive. */
  retainedArrived: [];
  /** What the broker retains is worked on. */
  brokerSettled: [];
  brokerLost: [];
}

type EventName = keyof ControllerEventMap;
type Listener = (...args: never) => void;

/**
 * Tells at once, in the order in which listeners came. One that throws keeps no other from hearing, and not the one who
 * tells from going on.
 */
export class EventBus {
  readonly #guard: Guard;
  readonly #listeners = new Map<EventName, readonly Listener[]>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  on<N extends EventName>(name: N, listener: (...args: ControllerEventMap[N]) => unknown): Cancel {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return () => {
      const others = this.#listeners.get(name)?.filter((one) => one !== listener) ?? [];
      this.#listeners.set(name, others);
    };
  }

  /** For who may only go on when all have done what follows. Rejects with what the first of them throws. */
  async settle<N extends EventName>(name: N, ...args: ControllerEventMap[N]): Promise<void> {
    const listeners = (this.#listeners.get(name) ?? []) as readonly ((
      ...given: ControllerEventMap[N]
    ) => unknown)[];
    await Promise.all(listeners.map((listener) => listener(...args)));
  }

  emit<N extends EventName>(name: N, ...args: ControllerEventMap[N]): void {
    for (const listener of this.#listeners.get(name) ?? [])
      this.#guard.run(`hear ${name}`, () => (listener as (...given: ControllerEventMap[N]) => void)(...args));
  }
}
