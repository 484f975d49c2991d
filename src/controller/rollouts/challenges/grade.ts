import { answerDistance } from '../../../model/index.ts';
import type { ChallengeAnswer } from './ports.ts';

/*
 * Measured with the models of the street (docs/evidence/rollout-gates.md): the same network, quantized, answers within
 * 0.19; another network, and what can be worked out from the golden set without a network, is 0.36 away and more.
 */
const furthest = 0.3;
/** Two versions that answer so much alike can't be told apart by this picture. */
const alike = 0.2;

/** `open`: the answer is as good as the new version's, and the picture does not tell it from the version before. */
export type Grade = 'right' | 'wrong' | 'open';

/** Whether the new version gave this answer. `before`: what the version before finds; undefined where nobody can say. */
export function grade(
  answer: ChallengeAnswer | undefined,
  now: ChallengeAnswer,
  before: ChallengeAnswer | undefined,
): Grade {
  if (answer === undefined) return 'wrong';
  const distance = answerDistance(answer, now);
  if (distance > furthest) return 'wrong';
  if (before === undefined) return 'right';
  if (answerDistance(now, before) < alike) return 'open';
  return distance < answerDistance(answer, before) ? 'right' : 'wrong';
}
