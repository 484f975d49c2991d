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
