import { describe, expect, test } from 'vitest';
import type { RolloutWave } from '../../../src/api/index.ts';
import { lookLines } from '../../../src/cli/fleet/gate-looks.ts';
import { type Quantity, quantityWords } from '../../../src/cli/quantity.ts';

const minute = (count: number) => 1_700_000_000_000 + count * 60_000;
const nowMs = minute(37);
const words = (time: Quantity) => quantityWords(time, { nowMs });
const wave = (looks?: RolloutWave['looks']): RolloutWave => ({
  ...{ name: 'canary', devices: 1, soakMinutes: 60, counts: {} },
  ...(looks === undefined ? {} : { looks }),
});
const look = { outcome: 'inconclusive' as const, says: 'Not yet.' };

describe('The looks of a gate, printed', () => {
  test('are those that were made, how late, and the next', () => {
    const made = [
      { number: 1, dueMs: minute(10), timeMs: minute(11), ...look },
      { number: 3, from: 2, dueMs: minute(20), timeMs: minute(36), ...look },
    ];
    expect(lookLines(wave({ of: 4, made, next: { number: 4, dueMs: minute(40) } }), words)).toEqual([
      `canary, look 1 of 4, 26 min ago: inconclusive. Not yet.`,
      `canary, looks 2 to 3 of 4 made as one, 16 min late, 1 min ago: inconclusive. Not yet.`,
      `canary, look 4 of 4: next, in 3 min`,
    ]);
  });

  test('name one that a person asked for, and are none of a wave without a gate', () => {
    const again = { number: 4, again: true, dueMs: minute(90), timeMs: minute(90), ...look };
    expect(lookLines(wave({ of: 4, made: [again] }), words)).toEqual([
      `canary, looked again, just now: inconclusive. Not yet.`,
    ]);
    expect(lookLines(wave(), words)).toEqual([]);
  });
});
