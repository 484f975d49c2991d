export { deploymentTable } from './deployment/table.ts';
export { DriftDesk, type DriftDeskOptions, type DriftDeskPorts } from './drift/drift-service.ts';
export type {
  Answer,
  EncodeFrame,
  FollowedOrder,
  FrameEntry,
  FrameStore,
  KeptProfile,
  KnownAnswers,
  LearnedProfile,
  Learner,
  LearnerOptions,
  NewLearner,
  ProfileStore,
} from './drift/ports.ts';
export type { Occurrence } from './event-reporter.ts';
export { AgentMemory, freshMemory, lastCommitted, type MemoryStore, readMemory } from './agent-state.ts';
export { MetricsDesk } from './metrics-collector.ts';
export type {
  BoardReadings,
  DetectorFactory,
  DriftHost,
  Machine,
  ModelCheck,
  ModelStore,
  PipelineHost,
  ProcessReadings,
  Progress,
  StopSignal,
} from './ports.ts';
export { type Running, Steward, type StewardOptions, type StewardPorts } from './device-agent.ts';
