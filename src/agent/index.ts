export { AgentMemory, freshMemory, type MemoryStore, readMemory } from './memory.ts';
export type {
  BoardReadings,
  DetectorFactory,
  Machine,
  ModelCheck,
  ModelStore,
  PipelineHost,
  ProcessReadings,
  Progress,
  StopSignal,
} from './ports.ts';
