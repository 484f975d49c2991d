import { logOdds, type TaskAnswer } from './task-answer.ts';

const kinds = [
  ['digits', /\p{Nd}/gu],
  ['capitals', /\p{Lu}/gu],
  ['letters', /\p{L}/gu],
] as const;

/** How sure the characters are, how many there are, and of which kinds. */
export const text: TaskAnswer = {
  names: ['text_log_odds', 'log_text_length', 'unread'],
  measure: ([read]) => {
    if (read === undefined) return { values: [Number.NaN, Number.NaN, 1] };
    const { label, score } = read;
    return { values: [logOdds(score), Math.log1p(label.length), 0], mix: mixOf(label) };
  },
};

function mixOf(label: string): [string, number][] {
  let left = label;
  const mix = kinds.map(([kind, pattern]): [string, number] => {
    const before = left.length;
    left = left.replace(pattern, '');
    return [kind, (before - left.length) / label.length];
  });
  return [...mix, ['other characters', left.length / label.length]];
}
