// Around: no package: it is a worker thread around the drift room

export { readKept, writeKept } from './kept-file.ts';
export { ThreadLearner } from './thread-learner.ts';
export { unpackProfile } from './unpack-profile.ts';
