import type { Clock } from '../../base/index.ts';
import { type FollowedOrder, FollowedOrders } from '../../protocol/index.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';

export interface FollowOrdersPorts {
  readonly bus: EventBus;
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
}

/** Tells of each order when it is over: when it was given, what its device reported of it, and how it ended. */
export function followOrders(
  { bus, registry, clock }: FollowOrdersPorts,
  onEnded: (order: FollowedOrder) => void,
): void {
  const followed = new FollowedOrders(onEnded);
  bus.on('deviceChanged', (id) => {
    const device = registry.get(id);
    for (const [slot, { model }] of Object.entries(device?.desired?.slots ?? {})) {
      const said = device?.reported?.slots[slot]?.deployment;
      // What its device has heard of was given in an earlier life of this controller, or is followed already.
      if (model.order === undefined || said?.order === model.order) continue;
      followed.given(id, slot, model.order, clock.wallMs());
    }
  });
  bus.on('deviceReported', (device, reported) =>
    followed.reported(device.id, reported, clock.wallMs(), false),
  );
}
