import { MissingError } from '../../base/index.ts';
import { maxBytesOf } from '../../protocol/index.ts';
import { FleetOutlet } from '../../streams/index.ts';
import type { StreamKind } from './kind.ts';

export const fleetStream: StreamKind<'fleet'> = {
  to: () => 'the fleet’s broker',
  open: async (_setting, { fleet, counts, clock, log }) => {
    if (fleet === undefined)
      throw new MissingError('stream-fleet', 'This run has no fleet.', 'Name a broker.');
    return new FleetOutlet({ publish: fleet, maxMessageBytes: maxBytesOf('results'), counts, clock, log });
  },
};
