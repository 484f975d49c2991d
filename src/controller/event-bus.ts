import type { Cancel } from '../base/index.ts';
import type { Alert, DeviceSummary, DriftIncident, FleetEvent, FleetSummary } from '../api/index.ts';

export type OfficeNews =
  | { readonly name: 'device'; readonly data: DeviceSummary }
  | { readonly name: 'device-deleted'; readonly data: { readonly id: string } }
  | { readonly name: 'event'; readonly data: FleetEvent }
  | { readonly name: 'drift'; readonly data: DriftIncident }
  | { readonly name: 'alert'; readonly data: Alert }
  | { readonly name: 'fleet'; readonly data: FleetSummary };

const newsPerTurn = 500;

/** Who watches the fleet live, and what they are told: devices that changed often once a turn, all else at once. */
export class Newsroom {
  readonly #summaryOf: (id: string) => DeviceSummary | undefined;
  readonly #listeners = new Set<(news: OfficeNews) => void>();
  readonly #changed = new Set<string>();

  constructor(summaryOf: (id: string) => DeviceSummary | undefined) {
    this.#summaryOf = summaryOf;
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  onNews(listener: (news: OfficeNews) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(news: OfficeNews): void {
    for (const listener of [...this.#listeners]) listener(news);
  }

  /** Told with the next turn, as it is then. */
  changed(device: string): void {
    this.#changed.add(device);
  }

  deleted(device: string): void {
    this.#changed.delete(device);
    this.tell({ name: 'device-deleted', data: { id: device } });
  }

  turn(): void {
    if (!this.isHeard) {
      this.#changed.clear();
      return;
    }
    for (const id of [...this.#changed].slice(0, newsPerTurn)) {
      this.#changed.delete(id);
      const summary = this.#summaryOf(id);
      if (summary !== undefined) this.tell({ name: 'device', data: summary });
    }
  }
}
