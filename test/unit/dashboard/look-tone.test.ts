import { describe, expect, it } from 'vitest';
import type { GateLookResult } from '../../../src/api/index.ts';
import { lookTone } from '../../../src/dashboard/rollouts/look-tone.ts';

const look = (number: number, outcome: GateLookResult['outcome']): GateLookResult => ({
  ...{ number, outcome, says: 'So it is.', dueMs: 1000 * number, timeMs: 1000 * number },
});

describe('A look of a gate', () => {
  it.each([
    [look(1, 'pass'), undefined, 'So far so good'],
    [look(1, 'inconclusive'), undefined, 'Continues'],
    [look(1, 'no-data'), undefined, 'Too little data yet'],
    [look(1, 'fail'), undefined, 'Failed'],
    // With passEarly the wave was passed by this very look, or by a later one.
    [look(2, 'pass'), 2000, 'Passed'],
    [look(1, 'pass'), 2000, 'So far so good'],
    [look(3, 'pass'), 3000, 'Passed'],
    [look(3, 'inconclusive'), undefined, 'Inconclusive'],
    [{ ...look(3, 'no-data'), again: true }, undefined, 'No data'],
  ])('%o of three says what it means for a wave that passed at %s: %s', (made, passedMs, word) => {
    const wave = { looks: { of: 3, made: [made] }, ...(passedMs === undefined ? {} : { passedMs }) };
    expect(lookTone(made, wave)[1]).toBe(word);
  });
});
