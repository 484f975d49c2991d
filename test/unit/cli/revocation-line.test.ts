import { expect, it } from 'vitest';
import { revocationLine } from '../../../src/cli/fleet/revocation-line.ts';

it.each([
  ['told', /was ended/],
  ['elsewhere', /may stay connected to the broker/],
  ['failed', /may still be connected to the broker/],
] as const)(
  'a device that was taken back is said to be out of the broker only where it is: %s',
  (broker, says) => {
    expect(revocationLine('truck-7', { revoked: 1, broker })).toMatch(says);
  },
);
