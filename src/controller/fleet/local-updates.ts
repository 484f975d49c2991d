import type { Cancel } from '../../base/index.ts';
import type { FleetUpdate } from './live-updates.ts';

export interface UpdateReader {
  update(update: FleetUpdate): void;
  /** Updates may be missing: begin anew. */
  gap(): void;
}

/** Updates that another process publishes, for the readers of this one. */
export class LocalUpdates {
  readonly #readers = new Set<UpdateReader>();

  subscribe(reader: UpdateReader): Cancel {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  publish(updates: readonly FleetUpdate[]): void {
    for (const update of updates) for (const reader of [...this.#readers]) reader.update(update);
  }

  interrupt(): void {
    for (const reader of [...this.#readers]) reader.gap();
  }
}
