export { gateDefaults } from './defaults.ts';
export { evaluateGate, gateSteps } from './evaluate.ts';
export * from './gate.ts';
export { planGate, planSteps } from './plan.ts';
export { reportShadow, type ShadowBlock, type ShadowedCamera, type ShadowReport } from './shadow-report.ts';
