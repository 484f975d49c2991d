export { type Challenged, Challenger } from './challenger.ts';
export { withChallenges } from './evidence.ts';
export type { Challenge, ChallengeAnswer, ReferenceAnswers, ReferenceRequest } from './ports.ts';
