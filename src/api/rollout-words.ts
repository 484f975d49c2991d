import type { RolloutPolicy } from './rollout-policy.ts';

/** `share 0 to 50 % of next-street`; undefined: everything that fits. */
export function shareWords({ target: { share } }: Pick<RolloutPolicy, 'target'>): string | undefined {
  return share && `share ${share.fromPercent ?? 0} to ${share.toPercent} % of ${share.of}`;
}
