import { expect, it } from 'vitest';
import { Interruption } from '../../../src/cli/interruption.ts';

it.each([
  ['one signal', [0], ['stop']],
  ['a launch and its process group at once', [0, 3], ['stop', 'same']],
  ['many within the grace time', [0, 500, 1999], ['stop', 'same', 'same']],
  ['a person who does not want to wait', [0, 2000], ['stop', 'force']],
  ['two at once, and one that does not want to wait', [0, 1, 5000], ['stop', 'same', 'force']],
] as const)('%s', (_, timesMs, expected) => {
  let nowMs = 0;
  const interruption = new Interruption(() => nowMs);
  expect(interruption.wanted).toBe(false);
  const told = timesMs.map((timeMs) => {
    nowMs = timeMs;
    return interruption.signal();
  });
  expect(told).toEqual(expected);
  expect(interruption.wanted).toBe(true);
});
