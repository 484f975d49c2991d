import { InputError, MissingError } from '../../base/index.ts';
import type { ShareOwner } from './divided.ts';

/** The slot that divides cameras, where nobody names one. MissingError `share-unknown`, InputError `share-slots`. */
export function onlySlot(of: string, owners: readonly ShareOwner[]): string {
  const found = new Set(owners.map(({ slot }) => slot));
  const [only] = found;
  if (only === undefined) throw shareUnknown(of);
  if (found.size === 1) return only;
  throw new InputError(
    'share-slots',
    `${of} is divided by the slots ${[...found].sort().join(', ')}.`,
    'Say which one is to be compared with main: --slot.',
  );
}

export function shareUnknown(of: string, slot?: string): MissingError {
  return new MissingError(
    'share-unknown',
    `No slot${slot === undefined ? '' : ` ${slot}`} of the fleet divides cameras as ${of}.`,
    'goshawk fleet models set <model> --group <name> --slot <slot> --share 0-50 does.',
  );
}
