import { expect, it } from 'vitest';
import { evidenceSpans } from '../../../../../src/controller/rollouts/evidence/evidence-spans.ts';
import type { GateLook } from '../../../../../src/controller/rollouts/gates/index.ts';

const hour = 3_600_000;
const step = 300_000;
const once: GateLook = { number: 1, of: 1 };

// Hours of the change and of now, after a week of history.
it.each([
  ['all of it where nothing has changed', 'always' as const, undefined, 900, [[0, 900]]],
  ['all of it while the first hours run', 'always' as const, 168, 174, [[0, 174]]],
  ['all of it as long as nothing is left out', 'always' as const, 168, 168 + 55.5, [[0, 223.5]]],
  [
    'for a guard of days the first hours and the newest',
    'always' as const,
    168,
    368,
    [
      [0, 174.5],
      [319, 368],
    ],
  ],
  ['for a look at a week all of it', once, 168, 168 + 8 * 24, [[0, 360]]],
  [
    'for a look at a month the same as for a guard',
    once,
    168,
    888,
    [
      [0, 174.5],
      [839, 888],
    ],
  ],
])('What is read is %s', (_, look, changed, now, spans) => {
  const whole = { fromMs: 0, toMs: now * hour };
  const found = evidenceSpans(whole, changed === undefined ? undefined : changed * hour, look, step);
  expect(found.map(({ fromMs, toMs }) => [fromMs / hour, toMs / hour])).toEqual(spans);
});

it.each([
  [
    'looked at as long as the last one',
    once,
    100,
    [
      [0, 268.5],
      [719, 768],
    ],
  ],
  [
    'guarded as ever',
    'always' as const,
    100,
    [
      [0, 174.5],
      [719, 768],
    ],
  ],
])('A device of an earlier wave is %s', (_, look, lastHours, spans) => {
  const whole = { fromMs: 0, toMs: 768 * hour };
  const found = evidenceSpans(whole, 168 * hour, look, step, (768 - lastHours) * hour);
  expect(found.map(({ fromMs, toMs }) => [fromMs / hour, toMs / hour])).toEqual(spans);
});
