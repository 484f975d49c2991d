import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../../src/agent/enrolment/schedule.ts';
import type { Identity } from '../../../../src/agent/index.ts';

const day = 86_400_000;
const identity: Identity = {
  ...{ server: 'https://x', certificate: '', authority: '' },
  ...{ notBeforeMs: 1000 * day, notAfterMs: 1090 * day },
  membership: { device: 'd1', groups: [], broker: { url: 'mqtts://x' } },
};
const { membership: _, ...alone } = identity;
const at = (days: number, one: Identity | undefined = identity, needs = true, spread = 0) =>
  nextStep(one, days * day, needs, spread);

describe('What is due', () => {
  it.each([
    [
      'without a certificate',
      at(1000, undefined as never) && nextStep(undefined, 0, true, 0),
      { do: 'enrol' },
    ],
    ['with one and without a broker', at(1001, alone), { do: 'ask-membership' }],
    ['with one, where the settings name the broker', at(1030, alone, false), { do: 'wait', forMs: day / 4 }],
    ['in the first third', at(1001), { do: 'wait', forMs: day / 4 }],
    [
      'shortly before the last third',
      nextStep(identity, 1060 * day - 60_000, true, 0),
      { do: 'wait', forMs: 61_000 },
    ],
    ['in the last third', at(1060), { do: 'renew', late: false }],
    [
      'in the last third, where it renews later than the others',
      at(1060, identity, true, 1),
      { do: 'wait', forMs: day / 4 },
    ],
    ['a month after its end', at(1120), { do: 'renew', late: true }],
    ['with a clock at 1970', at(0), { do: 'wait', forMs: 600_000, clockBehind: true }],
  ])('%s', (_what, step, expected) => {
    expect(step).toEqual(expected);
  });

  it('is renewed before its end however the spread falls', () => {
    for (let spread = 0; spread <= 1; spread += 0.1)
      expect(at(1067, identity, true, spread).do).toBe('renew');
  });
});
