import { describe, expect, it } from 'vitest';
import { judgeBoot, slotOf } from '../../../src/image/index.ts';

describe('A boot', () => {
  it.each([
    ['A', undefined, true, 'good'],
    ['A', undefined, false, 'kept-without-perceiving'],
    ['B', 'B', true, 'good'],
    ['B', 'B', false, 'go-back'],
    ['A', 'B', true, 'came-back'],
    ['A', 'B', false, 'came-back'],
  ] as const)('of slot %s with the trial %s, perceiving: %s, is %s', (current, trial, perceives, verdict) => {
    expect(judgeBoot({ current, trial, perceives })).toBe(verdict);
  });

  it('says its slot on the kernel’s command line', () => {
    expect(slotOf('root=PARTUUID=1 ro rauc.slot=B quiet')).toBe('B');
    expect(slotOf('root=/dev/sda1 ro')).toBeUndefined();
    expect(slotOf('norauc.slot=A rauc.slot=C')).toBeUndefined();
  });
});
