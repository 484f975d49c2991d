import { type GateMetricRow, gateMetricTable, gatePartFields } from '../../../api/index.ts';
import type { BlockKey, GateMetric, MetricGate } from './gate.ts';

export type MetricRule = GateMetricRow;

export function ruleOf(metric: GateMetric): MetricRule {
  return gateMetricTable[metric];
}

/** Whose blocks are compared. */
export function keyOf(metric: GateMetric): BlockKey {
  return (ruleOf(metric).blocksOf ?? metric) as BlockKey;
}

/** What never stirs in all of its history strays by so much all the same. */
export function grainOf({ grain = 0.002 }: MetricRule): number {
  return grain;
}

/** Undefined where the simulated street has no such thing. */
export function typicalSpread({ rule: { typical } }: Comparison, minutes: number): number | undefined {
  return typical && typical[0] * (60 / Math.max(5, minutes)) ** typical[1];
}

/** The classes, zones or lines that it names; undefined: each that there is, or it has none. */
export function namedParts(gate: MetricGate): readonly string[] | undefined {
  const { parts } = ruleOf(gate.metric);
  return parts && gate[gatePartFields[parts.of]];
}

/** One comparison: a metric, or one class, zone or line of it. */
export interface Comparison {
  readonly metric: GateMetric;
  readonly label: string | undefined;
  readonly rule: MetricRule;
  readonly key: BlockKey;
  readonly direction: 'down' | 'up' | 'both';
  readonly harm: number;
}

export function comparisonOf(gate: MetricGate, label?: string): Comparison {
  const rule = ruleOf(gate.metric);
  return {
    metric: gate.metric,
    label,
    rule,
    key: label === undefined || rule.parts === undefined ? keyOf(gate.metric) : `${rule.parts.key}:${label}`,
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
