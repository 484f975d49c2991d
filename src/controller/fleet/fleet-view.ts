import type { AccessScope } from '../../api/index.ts';
import { expectDevice } from './expect-device.ts';

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
