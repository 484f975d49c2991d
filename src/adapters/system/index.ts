export { SystemClock } from './clock.ts';
export { randomId } from './ids.ts';
export { SystemMachine } from './machine.ts';
export { MemoryFile } from './agent-state-file.ts';
