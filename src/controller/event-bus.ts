import type { Alert, DeviceSummary, DriftIncident, FleetEvent, FleetSummary } from '../api/index.ts';
import type { Cancel } from '../base/index.ts';

export type FleetUpdate =
  | { readonly name: 'device'; readonly data: DeviceSummary }
  | { readonly name: 'device-deleted'; readonly data: { readonly id: string } }
  | { readonly name: 'event'; readonly data: FleetEvent }
  | { readonly name: 'drift'; readonly data: DriftIncident }
  | { readonly name: 'alert'; readonly data: Alert }
  | { readonly name: 'fleet'; readonly data: FleetSummary };

const newsPerTurn = 500;

/** Who watches the fleet live, and what they are told: devices that changed often once a turn, all else at once. */
export class EventBus {
  readonly #summaryOf: (id: string) => DeviceSummary | undefined;
  readonly #listeners = new Set<(update: FleetUpdate) => void>();
  readonly #changed = new Set<string>();

  constructor(summaryOf: (id: string) => DeviceSummary | undefined) {
    this.#summaryOf = summaryOf;
  }

  get hasSubscribers(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: (update: FleetUpdate) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(update: FleetUpdate): void {
    for (const listener of [...this.#listeners]) listener(update);
  }

  /** Told with the next turn, as it is then. */
  changed(device: string): void {
    this.#changed.add(device);
  }

  deleted(device: string): void {
    this.#changed.delete(device);
    this.publish({ name: 'device-deleted', data: { id: device } });
  }

  turn(): void {
    if (!this.hasSubscribers) {
      this.#changed.clear();
      return;
    }
    for (const id of [...this.#changed].slice(0, newsPerTurn)) {
      this.#changed.delete(id);
      const summary = this.#summaryOf(id);
      if (summary !== undefined) this.publish({ name: 'device', data: summary });
    }
  }
}
