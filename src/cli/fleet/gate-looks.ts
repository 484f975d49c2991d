import { lookWords, type RolloutDetail } from '../../api/index.ts';
import type { Quantity } from '../quantity.ts';

/** What each look of the gate at a wave saw, and when the next one is. */
export function lookLines(
  { name, looks }: RolloutDetail['waves'][number],
  words: (time: Quantity) => string,
): string[] {
  if (looks === undefined) return [];
  const { of, made, next } = looks;
  const lines = made.map((look) => {
    const { timeMs, outcome, says } = look;
    return `${name}, ${lookWords(look, of)}, ${words({ timeMs })}: ${outcome}. ${says}`;
  });
  return next === undefined
    ? lines
    : [...lines, `${name}, look ${next.number} of ${of}: next, ${words({ dueMs: next.dueMs })}`];
}
