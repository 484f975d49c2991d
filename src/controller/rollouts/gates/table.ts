import type { BlockKey, GateMetric, MetricGate } from './gate.ts';

/**
 * How a metric is compared. `level`: how much of it there is, against what is usual. `trend`: how fast it grows. `events`:
 * how many there were, exact. `share`: of known answers, exact. `bound`: of frames that two models saw, against a bound.
 */
export type MetricKind = 'level' | 'trend' | 'events' | 'share' | 'bound';

export interface MetricRule {
  readonly kind: MetricKind;
  /** `log`: harm is a share of what is usual; `linear`: it is in the metric's own unit. */
  readonly scale: 'log' | 'linear';
  readonly direction: 'down' | 'up';
  /** Smallest harm worth finding where nobody says another. */
  readonly harm: number;
  readonly unit: string;
  /** The subjects that have it. */
  readonly of: 'camera' | 'device';
  readonly key: BlockKey;
  readonly words: string;
  /** It follows the hours of the day by itself. */
  readonly rhythm: boolean;
  /** What never stirs in all of its history strays by so much all the same. */
  readonly grain: number;
}

const rhythmic: ReadonlySet<BlockKey> = new Set(['detections', 'score', 'temperature', 'power']);

export const metricRules: Readonly<Record<GateMetric, MetricRule>> = {
  'frame-rate': level('frame-rate', 'log', 'down', 0.05, 'share', 'camera', 'frames per second'),
  latency: level('latency', 'log', 'up', 0.1, 'share', 'camera', 'latency'),
  detections: level('detections', 'log', 'down', 0.1, 'share', 'camera', 'detections per frame'),
  'missed-target': {
    ...level(
      'missed-target',
      'linear',
      'up',
      0.05,
      'percentage points',
      'camera',
      'time with a missed target',
    ),
    grain: 0.01,
  },
  'class-mix': level(
    'detections',
    'log',
    'down',
    0.25,
    'share',
    'camera',
    'detections of one class per frame',
  ),
  score: level('score', 'linear', 'down', 0.03, 'points', 'camera', 'mean score'),
  temperature: level('temperature', 'linear', 'up', 5, '°C', 'device', 'temperature'),
  memory: level('memory', 'log', 'up', 0.15, 'share', 'device', 'memory'),
  power: level('power', 'log', 'up', 0.1, 'share', 'device', 'power'),
  'memory-growth': {
    ...level('memory', 'log', 'up', 0.05, 'share per hour', 'device', 'growth of memory'),
    kind: 'trend',
  },
  drift: { ...level('drift', 'linear', 'up', 1, 'per hour', 'camera', 'drift alarms'), kind: 'events' },
  crashes: { ...level('crashes', 'linear', 'up', 1, 'per hour', 'device', 'lost engines'), kind: 'events' },
  'known-answers': {
    ...level('known-answers', 'linear', 'up', 0.25, 'share', 'device', 'wrong known answers'),
    kind: 'share',
  },
  agreement: {
    ...level('agreement', 'linear', 'up', 0.1, 'share', 'camera', 'frames with a difference'),
    kind: 'bound',
  },
};

function level(
  key: BlockKey,
  scale: MetricRule['scale'],
  direction: MetricRule['direction'],
  harm: number,
  unit: string,
  of: MetricRule['of'],
  words: string,
): MetricRule {
  const rhythm = rhythmic.has(key);
  return { kind: 'level', key, scale, direction, harm, unit, of, words, rhythm, grain: 0.002 };
}

/** One comparison: a metric, or one class of the class mix. */
export interface Comparison {
  readonly metric: GateMetric;
  readonly label: string | undefined;
  readonly rule: MetricRule;
  readonly key: BlockKey;
  readonly direction: 'down' | 'up' | 'both';
  readonly harm: number;
}

export function comparisonOf(gate: MetricGate, label?: string): Comparison {
  const rule = metricRules[gate.metric];
  return {
    metric: gate.metric,
    label,
    rule,
    key: label === undefined ? rule.key : `class:${label}`,
    direction: gate.direction ?? rule.direction,
    harm: gate.harm ?? rule.harm,
  };
}

/** The harm on the scale on which it is measured: a share that is lost or added is a difference of logarithms. */
export function harmOnScale({ rule, direction, harm }: Comparison): number {
  if (rule.scale === 'linear' || rule.kind === 'trend') return harm;
  return direction === 'up' ? Math.log1p(harm) : -Math.log1p(-Math.min(0.99, harm));
}

/** Back to what people read. */
export function fromScale({ rule, direction }: Comparison, value: number): number {
  if (rule.scale === 'linear' || rule.kind === 'trend') return value;
  return direction === 'up' ? Math.expm1(value) : -Math.expm1(-value);
}
