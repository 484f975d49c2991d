import type { AccessScope } from '../../api/index.ts';
import { controllerId } from '../../protocol/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { expectDevice } from '../fleet/expect-device.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import { type SelectablePorts, selectableOf } from '../fleet/selectable.ts';
import { isWithin } from '../fleet/selector.ts';

export interface FleetViewPorts extends SelectablePorts {
  readonly registry: Pick<DeviceRegistry, 'get' | 'groupNames' | 'devices'>;
}

/** Views of the fleet by scope. */
export class FleetViews {
  readonly #ports: FleetViewPorts;

  constructor(ports: FleetViewPorts) {
    this.#ports = ports;
  }

  of({ scope }: { readonly scope?: AccessScope | undefined }): FleetView {
    if (scope === undefined) return wholeFleet;
    // What the controller says of itself is about the whole fleet, whatever label somebody gives it.
    const has = (id: string) => id !== controllerId && isWithin(scope, selectableOf(id, this.#ports));
    return {
      scope,
      has,
      hasGroup: (group) => scope.labels === undefined && scope.groups?.includes(group) === true,
      ids: () => [...this.#ports.registry.devices()].map(({ id }) => id).filter(has),
      expect: (id) => void expectDevice(has(id) ? true : undefined, id),
    };
  }
}
