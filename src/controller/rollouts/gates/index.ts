export { evaluateGate } from './evaluate.ts';
export * from './gate.ts';
export { planGate } from './plan.ts';
