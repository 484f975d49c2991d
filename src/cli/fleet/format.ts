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
