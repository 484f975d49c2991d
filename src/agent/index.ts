export {
  AgentState,
  type AgentStateStorage,
  freshAgentState,
  lastCommitted,
  readAgentState,
} from './agent-state.ts';
export { deploymentTable } from './deployment/table.ts';
export { DeviceAgent, type DeviceAgentOptions, type DeviceAgentPorts, type Running } from './device-agent.ts';
export { DriftService, type DriftServiceOptions, type DriftServicePorts } from './drift/drift-service.ts';
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
export type { AgentEvent } from './event-reporter.ts';
export { MetricsCollector } from './metrics-collector.ts';
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
} from './ports.ts';
