export type { DriftAlarm, SignalEvidence } from './alarm.ts';
export { type CameraCounts, distances, sumProfile } from './federated/fleet-profile.ts';
export { maskCounts, sumMasked } from './federated/masks.ts';
export { noisyCounts } from './federated/noise.ts';
export {
  CohortFleet,
  type CohortMember,
  type CohortVerdict,
  defaultCohortOptions,
  judgeCohort,
} from './fleet/cohort.ts';
export { alarmPValue, falseDiscoveries } from './fleet/false-discovery.ts';
export {
  DriftMonitor,
  type DriftState,
  defaultDriftOptions,
  type KnownAnswer,
  type WatchedPart,
} from './monitor.ts';
export { ProfileBuilder, type ProfileOptions, type ProfileProgress } from './profile/builder.ts';
export {
  type LearningState,
  maxLearningBytes,
  resumeLearning,
  saveLearning,
} from './profile/learning-state.ts';
export { type LearningPart, mergeLearning } from './profile/merge.ts';
export { checkProfileModel, formatProfile, maxProfileBytes, parseProfile } from './profile/parse.ts';
export { type ProfilePiece, putTogether, takeApart } from './profile/pieces.ts';
export type { ReferenceProfile } from './profile/schema.ts';
export { shortcomings } from './profile/shortcomings.ts';
export { type Random, seededRandom } from './random.ts';
export { channels, type SignalName, signals } from './signals/catalogue.ts';
export { sameAreas, type WatchedAreas, WatchedObjects, type WatchedResult } from './signals/watched.ts';
export type { Grade } from './verdict/expected-loss.ts';
export { describeVerdict, type Verdict } from './verdict/verdict.ts';
