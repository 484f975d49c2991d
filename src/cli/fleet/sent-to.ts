import type { DesiredAnswer } from '../../api/index.ts';

export function sentTo({ generations }: DesiredAnswer): string {
  return `Sent to ${Object.keys(generations).join(', ') || 'no device yet'}.`;
}
