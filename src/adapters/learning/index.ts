export { ThreadLearner } from './thread-learner.ts';
export { unpackProfile } from './unpack-profile.ts';
