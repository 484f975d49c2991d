import { describe, expect, test } from 'vitest';
import type { GateLookResult } from '../../../../src/api/index.ts';
import { dueLook, looksOf, nextLook, sayLooks } from '../../../../src/controller/rollouts/looks.ts';
import type { WaveRecord } from '../../../../src/controller/rollouts/rollout.ts';

const minute = 60_000;
const metrics = [{ metric: 'detections' as const }];

const made = (number: number, change: Partial<GateLookResult> = {}): GateLookResult => ({
  ...{ number, dueMs: 1, timeMs: 1, outcome: 'inconclusive', says: 'x' },
  ...change,
});
/** An hour's soak that began at 1,000 minutes. */
const wave = (of: number, looks: readonly GateLookResult[] = []): WaveRecord => ({
  ...{ name: 'a', soakMinutes: 60, settledMs: 1000 * minute, looks: { of, made: looks } },
});

describe('How often a wave is looked at', () => {
  test.each([
    ['where nobody says it', undefined, 60, 3],
    ['as the policy says', 6, 60, 6],
    ['once a block at most', 6, 20, 4],
    ['once where the soak is short', undefined, 7, 1],
    ['once where there is no soak', 4, 0, 1],
  ])('%s: %s looks in %i min are %i', (_, looks, soakMinutes, of) => {
    expect(looksOf({ gate: { metrics, ...(looks === undefined ? {} : { looks }) } }, soakMinutes)).toBe(of);
  });

  test('is said beforehand', () => {
    expect(sayLooks({ metrics }, 60)).toBe(
      'The gate looks 3 times, 20, 40, 60 min after the wave settled; a look before the last can only stop the wave.',
    );
    expect(sayLooks({ metrics, looks: 2, passEarly: true }, 60)).toContain('may stop the wave or pass it');
    expect(sayLooks({ metrics }, 0)).toBe('The gate looks once, 0 min after the wave settled.');
  });
});

describe('The look that is due', () => {
  test.each([
    ['before the first', wave(3), 1019, undefined],
    ['at the first', wave(3), 1020, { number: 1, of: 3 }],
    ['between two', wave(3, [made(1)]), 1039, undefined],
    ['at the second', wave(3, [made(1)]), 1040, { number: 2, of: 3 }],
    ['at the last', wave(3, [made(1), made(2)]), 1060, { number: 3, of: 3 }],
    // Nobody looked for a while: what is due is made as one, and what is not yet due waits.
    ['late', wave(3), 1039, { number: 1, of: 3 }],
    ['late for two', wave(3), 1041, { number: 2, of: 3, from: 1 }],
    ['late for two of six', wave(6, [made(1), made(2)]), 1045, { number: 4, of: 6, from: 3 }],
    ['after the soak', wave(3, [made(1)]), 9000, { number: 3, of: 3, from: 2 }],
    ['when those before were made as one', wave(3, [made(2, { from: 1 })]), 1059, undefined],
    ['when all are made and it goes on', wave(3, [made(3)]), 1061, 'again'],
    ['when it was made again', wave(3, [made(3), made(3, { again: true })]), 1070, 'again'],
    ['with the clock set back', wave(3, [made(2)]), 900, undefined],
  ])('%s', (_, one, atMinute, look) => {
    expect(dueLook(one, atMinute * minute)).toEqual(look);
  });

  test('of a wave from before there were several is the one at the end', () => {
    const { looks: _, ...old } = wave(1);
    expect(dueLook(old, 1059 * minute)).toBeUndefined();
    expect(dueLook(old, 1060 * minute)).toEqual({ number: 1, of: 1 });
    expect(dueLook({ name: 'a', soakMinutes: 0 }, 1)).toBeUndefined();
  });

  test.each([
    [wave(3), { number: 1, of: 3, dueMs: 1020 * minute }],
    [wave(3, [made(2, { from: 1 })]), { number: 3, of: 3, dueMs: 1060 * minute }],
    [wave(3, [made(3)]), undefined],
    [{ ...wave(3), passedMs: 1030 * minute }, undefined],
  ])('has a next one', (one, next) => {
    expect(nextLook(one)).toEqual(next);
  });

  test('whenever somebody looks, all are made once and in order', () => {
    for (let start = 1; start < 30; start++) {
      const seen: number[] = [];
      let now = wave(6);
      for (let at = 1000; at <= 1070; at += start) {
        const look = dueLook(now, Math.min(at, 1060) * minute);
        if (look === undefined || look === 'again') continue;
        for (let number = look.from ?? look.number; number <= look.number; number++) seen.push(number);
        now = wave(6, [...now.looks!.made, made(look.number)]);
      }
      expect(seen).toEqual(seen.map((_, index) => index + 1));
    }
  });
});
