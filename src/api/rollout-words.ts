import type { RolloutPolicy } from './rollout-policy.ts';

/** `50 % of the cameras`, `devices with ring=b`; undefined: it is no experiment. */
export function experimentWords({ experiment }: Pick<RolloutPolicy, 'experiment'>): string | undefined {
  if (experiment === undefined) return undefined;
  const { by, percent, labels = {} } = experiment;
  if (percent !== undefined) return `${percent} % of the ${by}s`;
  const named = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `devices with ${named.join(', ')}`;
}
