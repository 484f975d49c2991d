export { AgentState, type AgentStateStorage, freshAgentState, lastCommitted } from './agent-state.ts';
export { DeviceAgent, type DeviceAgentOptions, type DeviceAgentPorts } from './device-agent.ts';
export { DriftService, type DriftServicePorts } from './drift/drift-service.ts';
export type {
  Answer,
  FollowedOrder,
  FrameEntry,
  FrameStore,
  KeptProfile,
  KnownAnswers,
  LearnedProfile,
  Learner,
  LearnerOptions,
  ProfileStore,
} from './drift/ports.ts';
export type { AgentEvent } from './event-reporter.ts';
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
