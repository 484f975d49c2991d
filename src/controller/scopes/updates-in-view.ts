import type { FleetSummary } from '../../api/index.ts';
import { hasAlert } from '../alerts/alert-view.ts';
import { incidentIn } from '../drift/incident-view.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import type { FleetUpdate } from '../fleet/live-updates.ts';

/** Updates as a reader with this view gets them. A device that leaves its part is to it as one that is deleted. */
export class UpdatesInView {
  readonly #view: FleetView;
  readonly #summary: () => FleetSummary;
  /** Devices that the reader knows of. */
  readonly #shown: Set<string>;

  constructor(view: FleetView, summary: () => FleetSummary) {
    this.#view = view;
    this.#summary = summary;
    this.#shown = new Set(view.ids());
  }

  /** Undefined: nothing for this reader. */
  shown(update: FleetUpdate): FleetUpdate | undefined {
    const view = this.#view;
    if (view.scope === undefined) return update;
    switch (update.name) {
      case 'device': {
        const { id } = update.data;
        if (!view.has(id)) return this.#gone(id);
        this.#shown.add(id);
        return update;
      }
      case 'device-deleted':
        return this.#gone(update.data.id);
      case 'event':
        return view.has(update.data.device) ? update : undefined;
      case 'drift':
        return view.has(update.data.device)
          ? { name: 'drift', data: incidentIn(view, update.data) }
          : undefined;
      case 'alert':
        return hasAlert(view, update.data) ? update : undefined;
      case 'fleet':
        return { name: 'fleet', data: this.#summary() };
    }
  }

  #gone(id: string): FleetUpdate | undefined {
    return this.#shown.delete(id) ? { name: 'device-deleted', data: { id } } : undefined;
  }
}
