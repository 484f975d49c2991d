import { logOdds, type TaskAnswer } from './task-answer.ts';

/** How sure it is of the class that it names, and which ones it names. */
export const classification: TaskAnswer = {
  names: ['class_log_odds', 'unanswered'],
  measure: ([best]) =>
    best === undefined
      ? { values: [Number.NaN, 1] }
      : { values: [logOdds(best.score), 0], mix: [[best.label, 1]] },
};
