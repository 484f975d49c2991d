import type { RolloutDetail } from '../../api/index.ts';
import { formatTime } from './format.ts';

const lateMs = 300_000;

/** What each look of the gate at a wave saw, and when the next one is. */
export function lookLines({ name, looks }: RolloutDetail['waves'][number]): string[] {
  if (looks === undefined) return [];
  const { of, made, next } = looks;
  const lines = made.map(({ number, from, again, timeMs, dueMs, outcome, says }) => {
    const which =
      again === true
        ? 'again'
        : from === undefined
          ? `${number} of ${of}`
          : `${from} to ${number} of ${of} as one`;
    const late = timeMs - dueMs >= lateMs ? `, due ${formatTime(dueMs)}` : '';
    return `${name}, look ${which}, ${formatTime(timeMs)}${late}: ${outcome}. ${says}`;
  });
  return next === undefined
    ? lines
    : [...lines, `${name}, look ${next.number} of ${of}: next, ${formatTime(next.dueMs)}`];
}
