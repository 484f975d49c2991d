import { MissingError } from '../../base/index.ts';

/** MissingError `device-unknown` for a device that never reported. */
export function expectDevice<Found>(device: Found | undefined, id: string): Found {
  if (device !== undefined) return device;
  throw new MissingError(
    'device-unknown',
    `No device ${id} has ever reported.`,
    'List the devices: goshawk device list. A new device is listed once it has reported.',
  );
}

/** Whom the services that read history ask for devices: the memory of the leader, or the database. */
export interface KnownDevices {
  expect(id: string): { readonly id: string } | Promise<{ readonly id: string }>;
  /** Ids of all members of a group. */
  membersOf(group: string): readonly string[];
}
