import type { Finding } from './finding.ts';
import { type Comparison, fromScale } from './table.ts';

/** A difference of two shares is no share of anything. */
const pointsOfShare = 'percentage points';

/** A harm as people read it: 12 %, 0.03 points, 5 °C. */
export function sayAmount({ rule }: Comparison, amount: number): string {
  const { unit } = rule;
  if (unit === 'share') return `${round(100 * amount)} %`;
  if (unit === 'share per hour') return `${round(100 * amount)} % per hour`;
  if (unit === pointsOfShare) return `${round(100 * amount)} ${unit}`;
  return `${round(amount)} ${unit}`;
}

export function nameOf({ rule, label }: Comparison): string {
  return label === undefined || rule.parts === undefined ? rule.words : rule.parts.words.replace('*', label);
}

/** What was seen: "detections per frame: 14 % lower (5 to 23)". */
export function sayEstimate(comparison: Comparison, { estimate, lower, upper }: Finding): string {
  const [low, middle, high] = [lower(0.05), estimate, upper(0.05)].map((one) => fromScale(comparison, one));
  const way =
    comparison.direction === 'both'
      ? 'off'
      : (comparison.direction === 'down') === middle! >= 0
        ? 'lower'
        : 'higher';
  if (comparison.rule.kind === 'share' || comparison.rule.kind === 'bound')
    return `${nameOf(comparison)}: ${sayAmount(comparison, middle!)} (${span(comparison, low!, high!)})`;
  const [from, to] = middle! >= 0 ? [low!, high!] : [-high!, -low!];
  return `${nameOf(comparison)}: ${sayAmount(comparison, Math.abs(middle!))} ${way} (${span(comparison, from, to)})`;
}

function span(comparison: Comparison, low: number, high: number): string {
  const { unit } = comparison.rule;
  const factor = unit.startsWith('share') || unit === pointsOfShare ? 100 : 1;
  return `${round(low * factor)} to ${round(high * factor)}`;
}

/** Two figures that count. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return 'any';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(0);
  return Number(value.toPrecision(2)).toString();
}
