export { ThreadLearner } from './thread-learner.ts';
