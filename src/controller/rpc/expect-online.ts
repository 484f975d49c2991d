import { MissingError } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';

/**
 * The session that a device is in. MissingError `device-offline`, at once: a command that waits for a device would act days later,
 * and who asks would wait in vain.
 */
export function expectOnline(registry: Pick<DeviceRegistry, 'expect'>, id: string): number {
  const device = registry.expect(id);
  const session = device.birth?.session;
  if (device.online && session !== undefined) return session;
  throw new MissingError(
    'device-offline',
    `${id} is offline: ${seenWords(device)}.`,
    'Try again when it is online: requests to a device are not kept for later.',
  );
}

function seenWords({ lastSeenMs, offlineReason }: Pick<Device, 'lastSeenMs' | 'offlineReason'>): string {
  if (lastSeenMs === undefined) return 'it has never been online';
  const seen = new Date(lastSeenMs).toISOString().replace('T', ' ').slice(0, 19);
  return `last seen ${seen} UTC${offlineReason === undefined ? '' : ` (${offlineReason})`}`;
}
