// Around: no package: a file that is there, and a program of the machine's builder

export { LockFileSafetyCheck } from './lock-file-safety-check.ts';
export { ProgramSafetyCheck } from './program-safety-check.ts';
