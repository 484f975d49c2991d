import { MissingError } from '../../base/index.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';

/** The session that a device is in. A command that waits for a device would act days later, so it is refused. */
export function expectOnline(registry: Pick<DeviceRegistry, 'expect'>, id: string): number {
  const { online, birth } = registry.expect(id);
  const session = birth?.session;
  if (online && session !== undefined) return session;
  throw new MissingError(
    'device-offline',
    `${id} is offline.`,
    'Try again when it is online: this is not kept for later.',
  );
}
