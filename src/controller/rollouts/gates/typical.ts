import type { GateMetric } from './gate.ts';
import type { Comparison } from './table.ts';

/**
 * How far one camera of the simulated street strays with three days of history, over an hour after the settling: printed by
 * `npm run bench -- rollouts --noise`. It goes down with a power of the time. A real street is another one: give history.
 */
const typical: Readonly<Partial<Record<GateMetric, readonly [hour: number, power: number]>>> = {
  detections: [0.077, 0.28],
  'class-mix': [0.166, 0.33],
  score: [0.0029, 0.35],
  'frame-rate': [0.008, 0.5],
  latency: [0.0173, 0.44],
  'missed-target': [0.031, 0.5],
  temperature: [0.96, 0],
  memory: [0.0039, 0.46],
  'memory-growth': [0.0101, 1.47],
};

/** Undefined where the simulated street has no such thing. */
export function typicalSpread({ metric }: Comparison, minutes: number): number | undefined {
  const found = typical[metric];
  return found === undefined ? undefined : found[0] * (60 / Math.max(5, minutes)) ** found[1];
}
