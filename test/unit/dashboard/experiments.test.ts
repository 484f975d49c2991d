import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { type AskedShare, NewRollout } from '../../../src/api/index.ts';
import { askedPercent, parseRange, shareWords } from '../../../src/dashboard/rollouts/standing.ts';
import { hasEnded } from '../../../src/dashboard/shares/has-ended.ts';
import {
  answerNotice,
  commonRange,
  endWords,
  promotedName,
  whoIsChanged,
} from '../../../src/dashboard/shares/words.ts';

describe('How a share stands', () => {
  it.each([
    [{ b: 5, waits: 0, all: 12, asked: 50 }, 'B has 5 of 12 cameras (42 %); 50 % asked'],
    [{ b: 0, waits: 1, all: 1, asked: 33.34 }, 'B has 0 of 1 camera (0 %), 1 waits; 33.3 % asked'],
    [
      { b: 0, waits: 2, all: 2, asked: undefined },
      'B has 0 of 2 cameras (0 %), 2 wait; different shares asked',
    ],
    [{ b: 0, waits: 0, all: 0, asked: 50 }, 'B has 0 of 0 cameras (0 %); 50 % asked'],
  ])('is said in words: %o', (standing, words) => {
    expect(shareWords(standing)).toBe(words);
  });

  it.each([
    ['0', '50', { fromPercent: 0, toPercent: 50 }],
    ['33.3', '100', { fromPercent: 33.3, toPercent: 100 }],
    ['50', '50', undefined],
    ['60', '50', undefined],
    ['-1', '50', undefined],
    ['0', '101', undefined],
    ['', '50', undefined],
    ['0', ' ', undefined],
    ['a', '50', undefined],
  ])('is changed from %s to %s where that is a share', (from, to, range) => {
    expect(parseRange(from, to)).toEqual(range);
  });

  it('is asked for as one where all orders say the same', () => {
    const [half, other, third] = [
      { fromPercent: 0, toPercent: 50 },
      { fromPercent: 50, toPercent: 100 },
      { fromPercent: 0, toPercent: 30 },
    ];
    expect([askedPercent([half!, other!]), askedPercent([half!, third!]), askedPercent([])]).toEqual([
      50,
      undefined,
      undefined,
    ]);
    // 33.4 - 0 and 100 - 66.6 differ in their last bit.
    const thirds = [
      { fromPercent: 0, toPercent: 33.4 },
      { fromPercent: 66.6, toPercent: 100 },
    ];
    expect(askedPercent(thirds)).toBe(33.4);
  });
});

const model = { name: 'street', version: '2.0.0', digest: `sha256:${'a'.repeat(64)}` };
const west: AskedShare = { group: 'west', fromPercent: 0, toPercent: 50, model };
const d7: AskedShare = { device: 'd7', fromPercent: 50, toPercent: 100, model };

describe('A test of two versions', () => {
  it.each([
    ['b', '2.0.0', 'b for all 2.0.0'],
    ['b', '2.0.0+orin', 'b for all 2.0.0-orin'],
    ['b'.repeat(64), '2.0.0', 'b'.repeat(64)],
  ])('%s of %s is promoted by a rollout whose name the controller takes', (name, version, promoted) => {
    expect(promotedName(name, version)).toBe(promoted);
    expect(Value.Check(NewRollout.properties.name, promoted)).toBe(true);
  });

  it.each([
    [undefined, 'share-unknown', false],
    [{}, 'share-unknown', true],
    [{}, 'no-answer', false],
    [{}, undefined, false],
  ])('has ended where it was known and is not any more: %o, %s', (data, code, ended) => {
    const failure = code === undefined ? undefined : { code, status: 404, message: '', remedy: '' };
    expect(hasEnded({ data, failure })).toBe(ended);
  });

  it('that is promoted ends otherwise', () => {
    expect(endWords('next', false)).toContain('main, which serves all of them with A');
    expect(endWords('next', true)).toContain('B stays ordered for main');
  });

  it.each([
    [['group west'], [], { tone: 'ok', text: 'Ordered for group west.' }],
    [['group west'], ['d7 was left.'], { tone: 'error', text: 'Ordered for group west. d7 was left.' }],
    [[], ['d7 was left.'], { tone: 'error', text: 'd7 was left.' }],
  ] as const)('says what was done, and is wrong while anything was left: %o %o', (done, notes, notice) => {
    expect(answerNotice({ done: [...done], notes: [...notes] })).toEqual(notice);
  });

  it('is changed for all, from the range that they have where that is one', () => {
    expect(commonRange([west, { ...d7, fromPercent: 0, toPercent: 50 }])).toMatchObject({ toPercent: 50 });
    expect([commonRange([west, d7]), commonRange([])]).toEqual([undefined, undefined]);
    expect(whoIsChanged([west, d7])).toBe(
      'It is changed for group west (now 0 to 50 %), d7 (now 50 to 100 %).',
    );
  });
});
