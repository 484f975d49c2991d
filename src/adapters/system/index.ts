export { AgentStateFile } from './agent-state-file.ts';
export { SystemClock } from './clock.ts';
export { randomId } from './ids.ts';
export { SystemMachine } from './machine.ts';
