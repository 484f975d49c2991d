export type { DriftAlarm, SignalEvidence } from './alarm.ts';
export { Adwin } from './detectors/adwin.ts';
export { chiSquared, mixDistance } from './detectors/chi-squared.ts';
export { Cusum } from './detectors/cusum.ts';
export { Ewma } from './detectors/ewma.ts';
export { HistogramSketch } from './detectors/histogram-sketch.ts';
export { type IsolationForest, isolationScore, trainIsolationForest } from './detectors/isolation-forest.ts';
export { ksDistance, ksPValue } from './detectors/kolmogorov-smirnov.ts';
export { Mahalanobis } from './detectors/mahalanobis.ts';
export { FourierFeatures, OnlineMmd } from './detectors/mmd.ts';
export { PageHinkley } from './detectors/page-hinkley.ts';
export { psi } from './detectors/psi.ts';
export {
  CohortFleet,
  type CohortMember,
  type CohortOptions,
  type CohortScope,
  type CohortVerdict,
  defaultCohortOptions,
  judgeCohort,
} from './fleet/cohort.ts';
export { alarmPValue, type FalseDiscoveryOptions, falseDiscoveries } from './fleet/false-discovery.ts';
export { DriftMonitor, type DriftOptions, type DriftState, defaultDriftOptions } from './monitor.ts';
export { type PictureFeatures, pictureFeatures } from './picture/features.ts';
export { thumbnailCells, thumbnailHeight, thumbnailWidth } from './picture/grid.ts';
export { type Thumbnail, thumbnail } from './picture/thumbnail.ts';
export { ProfileBuilder, type ProfileOptions, type ProfileProgress } from './profile/builder.ts';
export {
  type LearningState,
  maxLearningBytes,
  resumeLearning,
  saveLearning,
} from './profile/learning-state.ts';
export { checkProfileModel, formatProfile, maxProfileBytes, parseProfile } from './profile/parse.ts';
export { type ProfilePiece, putTogether, takeApart } from './profile/pieces.ts';
export type { ReferenceProfile } from './profile/schema.ts';
export { channels, signals } from './signals/catalogue.ts';
export { type Grade, harmfulLoss } from './verdict/expected-loss.ts';
export { describeVerdict, type SceneChange, type SensorFault, type Verdict } from './verdict/verdict.ts';
