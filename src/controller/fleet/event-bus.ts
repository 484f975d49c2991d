import type { Alert, DeviceSummary, DriftIncident, FleetEvent, FleetSummary } from '../../api/index.ts';
import type { Cancel } from '../../base/index.ts';
import type { Guard } from '../guard.ts';

export type FleetUpdate =
  | { readonly name: 'device'; readonly data: DeviceSummary }
  | { readonly name: 'device-deleted'; readonly data: { readonly id: string } }
  | { readonly name: 'event'; readonly data: FleetEvent }
  | { readonly name: 'drift'; readonly data: DriftIncident }
  | { readonly name: 'alert'; readonly data: Alert }
  | { readonly name: 'fleet'; readonly data: FleetSummary };

/** More would hold the event loop; the others follow with the next call. */
const maxDevicesAtOnce = 500;

/** Updates for whoever watches the fleet live. A device that changes often is published once a period, all else at once. */
export class EventBus {
  readonly #summaryOf: (id: string) => DeviceSummary | undefined;
  readonly #guard: Guard;
  readonly #listeners = new Set<(update: FleetUpdate) => void>();
  readonly #changed = new Set<string>();

  constructor(summaryOf: (id: string) => DeviceSummary | undefined, guard: Guard) {
    this.#summaryOf = summaryOf;
    this.#guard = guard;
  }

  get hasSubscribers(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: (update: FleetUpdate) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(update: FleetUpdate): void {
    for (const listener of [...this.#listeners]) this.#guard.run('tell a listener', () => listener(update));
  }

  /** Its summary is published with the next `publishChanged`, as it is then. */
  markChanged(device: string): void {
    this.#changed.add(device);
  }

  publishDeleted(device: string): void {
    this.#changed.delete(device);
    this.publish({ name: 'device-deleted', data: { id: device } });
  }

  /** Called once a period. */
  publishChanged(): void {
    if (!this.hasSubscribers) {
      this.#changed.clear();
      return;
    }
    for (const id of [...this.#changed].slice(0, maxDevicesAtOnce)) {
      this.#changed.delete(id);
      const summary = this.#summaryOf(id);
      if (summary !== undefined) this.publish({ name: 'device', data: summary });
    }
  }
}
