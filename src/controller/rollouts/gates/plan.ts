import type { GateFleet, GatePlan, GateSpec } from './gate.ts';

/** What a gate will see in a wave, before it begins. */
export function planGate(gate: GateSpec, fleet: GateFleet): GatePlan {
  return { enough: false, metrics: [], says: [`${gate.metrics.length} metrics, ${fleet.cameras} cameras.`] };
}
