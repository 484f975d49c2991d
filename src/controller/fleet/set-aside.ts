import type { Log } from '../../base/index.ts';
import type { StoredFleet } from '../store/store.ts';
import type { ControllerEvents } from './controller-events.ts';

/** Rows of the database that can't be used are told, each beside its device; the fleet starts without them. */
export function tellSetAside(
  { setAside }: Pick<StoredFleet, 'setAside'>,
  { log, events }: { readonly log: Log; readonly events: Pick<ControllerEvents, 'tell'> },
): void {
  for (const { device, what, cause } of setAside) {
    log.warn('A row of the database cannot be used and is set aside', { device, what, cause });
    if (device === undefined) continue;
    events.tell(device, {
      kind: 'device.row-set-aside',
      severity: 'warning',
      message: `The stored data of this device (${what}) is unusable and was set aside: ${cause}`,
    });
  }
}
