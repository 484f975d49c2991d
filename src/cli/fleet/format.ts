import type { DesiredAnswer } from '../../api/index.ts';

export function sentTo({ generations }: DesiredAnswer): string {
  return `Sent to ${Object.keys(generations).join(', ') || 'no device yet'}.`;
}

/** UTC, to the second. */
export function formatTime(ms: number | undefined): string {
  return ms === undefined ? 'never' : new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}

export function formatNumber(value: number | undefined, digits = 1): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

const ages = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** How long ago, in the largest unit that has two of it: `40 s ago`, `3 h ago`. A clock that is ahead counts as now. */
export function formatAge(ms: number | undefined, nowMs = Date.now()): string {
  if (ms === undefined) return 'never';
  const apart = Math.max(0, nowMs - ms);
  const [unit, size] = ages.find(([, one]) => apart >= 2 * one) ?? ['s', 1000];
  return `${Math.floor(apart / size)} ${unit} ago`;
}
