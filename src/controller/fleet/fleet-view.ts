import type { AccessScope } from '../../api/index.ts';
import { controllerId } from '../../protocol/index.ts';
import type { DeviceRegistry } from './device-registry.ts';
import { expectDevice } from './expect-device.ts';
import { type SelectablePorts, selectableOf } from './selectable.ts';
import { isWithin } from './selector.ts';

/** The fleet as somebody may see it: whole, or the part of a scope. It follows labels and groups as they change. */
export interface FleetView {
  /** Absent: the whole fleet. */
  readonly scope?: AccessScope;
  has(device: string): boolean;
  /** Everybody who is, or will ever be, in this group is of the part. */
  hasGroup(group: string): boolean;
  /** Of devices that reported; undefined: all. */
  ids(): readonly string[] | undefined;
  /** MissingError `device-unknown`, which is the same for devices elsewhere and for those that never were. */
  expect(device: string): void;
}

export const wholeFleet: FleetView = {
  has: () => true,
  hasGroup: () => true,
  ids: () => undefined,
  expect: () => undefined,
};

/** Nobody: where no token was checked. */
export const noFleet: FleetView = {
  scope: {},
  has: () => false,
  hasGroup: () => false,
  ids: () => [],
  expect: (device) => void expectDevice(undefined, device),
};

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
