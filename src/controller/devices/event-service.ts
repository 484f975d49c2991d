import type { EventList, EventQuery } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { controllerId } from '../../protocol/index.ts';
import type { KnownDevices } from '../fleet/expect-device.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { Store } from '../store/store.ts';

/** Events of devices and of the controller itself, newest first. */
export class EventService {
  readonly #registry: Pick<KnownDevices, 'expect'>;
  readonly #store: Pick<Store, 'events'>;

  constructor({
    registry,
    store,
  }: { readonly registry: Pick<KnownDevices, 'expect'>; readonly store: Pick<Store, 'events'> }) {
    this.#registry = registry;
    this.#store = store;
  }

  async listOfFleet(query: EventQuery, view: FleetView = wholeFleet): Promise<EventList> {
    const page = await this.#store.events({ ...query, ...defined({ devices: view.ids() }) });
    return { ...page, events: [...page.events] };
  }

  async listOfDevice(id: string, query: EventQuery): Promise<EventList> {
    const device = id === controllerId ? id : (await this.#registry.expect(id)).id;
    const page = await this.#store.events({ ...query, device });
    return { ...page, events: [...page.events] };
  }
}
