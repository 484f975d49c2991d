import type { GateEvidence, GateSpec, GateVerdict } from './gate.ts';

/** What the evidence says of a gate. */
export function evaluateGate(gate: GateSpec, evidence: GateEvidence): GateVerdict {
  const blocks = evidence.subjects.reduce((sum, subject) => sum + subject.blocks.length, 0);
  return {
    outcome: 'no-data',
    says: `${gate.metrics.length} metrics over ${blocks} blocks were not looked at.`,
    settle: [],
    metrics: [],
  };
}
