import { expect, it } from 'vitest';
import { brokenRules } from '../../../../src/drift/verdict/rules.ts';

const reference = { framesPerSecond: 10, longestRepeatMs: 0, muted: [] };
const tick = (frames: number) => ({ frames, seconds: 1, repeatMs: 0, picture: undefined }) as never;

it('A frame rate is lost below 60 % of its reference, and is back at 75 %: a board between the two does not flap', () => {
  expect(brokenRules(tick(5.9), reference)).toEqual(['frame-rate-lost']);
  expect(brokenRules(tick(6.5), reference)).toEqual([]);
  expect(brokenRules(tick(6.5), reference, 'frame-rate-lost')).toEqual(['frame-rate-lost']);
  expect(brokenRules(tick(7.4), reference, 'frame-rate-lost')).toEqual(['frame-rate-lost']);
  expect(brokenRules(tick(7.5), reference, 'frame-rate-lost')).toEqual([]);
  expect(brokenRules(tick(6.5), reference, 'frozen')).toEqual([]);
});
