// Around: no package: clock, files and machine are what Node and the kernel show

export { AgentStateFile } from './agent-state-file.ts';
export { boardFacts } from './board.ts';
export { boardSerial, hardwareHash, machineHash } from './board-identity.ts';
export { SystemClock } from './clock.ts';
export { HostLoad } from './host-load.ts';
export { randomId } from './ids.ts';
export { SystemMachine } from './machine.ts';
export { networkFacts } from './network.ts';
export { TimeSync } from './time-sync.ts';
