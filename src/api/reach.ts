/**
 * How an operation reaches devices, for tokens with a scope:
 * - `none`: it reaches no device, and says nothing of one;
 * - `device`: the one that its path names as `:id` or `:device`;
 * - `group`: the one that its path names as `:group`, with everybody who will ever be in it;
 * - `targets`: those of the selectors at these places of its body;
 * - `part`: its answer, and what it changes, are of the part that the token has;
 * - `fleet`: the whole fleet, so that no token with a scope may.
 */
export type Reach = 'none' | 'device' | 'group' | { readonly targets: readonly string[] } | 'part' | 'fleet';

/** What the description of an operation says about tokens with a scope. */
export function reachText(reach: Reach | undefined): string {
  if (typeof reach === 'object') return 'With a scope, selectors mean devices of its part.';
  return reachTexts[reach ?? 'fleet'];
}

const reachTexts: Readonly<Record<Exclude<Reach, object>, string>> = {
  none: 'A scope has no effect.',
  device: 'With a scope, only for devices of its part.',
  group: 'With a scope, only for a group that is the whole scope.',
  part: 'With a scope, about its part.',
  fleet: 'Not for tokens with a scope.',
};
