import type { MetricGate } from '../../../src/controller/rollouts/gates/index.ts';

/** What a cautious policy names, with its usual harms. */
export const everyMetric: readonly MetricGate[] = [
  { metric: 'detections' },
  { metric: 'class-mix' },
  { metric: 'score' },
  { metric: 'frame-rate' },
  { metric: 'latency' },
  { metric: 'temperature' },
  { metric: 'memory' },
  { metric: 'memory-growth', harm: 0.1 },
  { metric: 'drift' },
  { metric: 'crashes' },
  { metric: 'known-answers' },
];
