import type { SlotScope, VersionPolicy } from '../protocol/index.ts';
import type { SlotChoice } from './devices.ts';
import type { SlotOrder } from './slots.ts';

const rows: { readonly [Row in keyof Required<SlotScope>]: (value: Required<SlotScope>[Row]) => string } = {
  role: (role) => role,
  cameras: (cameras) => `cameras ${cameras.join(', ') || 'none'}`,
  sample: (sample) => (sample === 1 ? '' : `every ${sample}. frame`),
};

/** The frames that a slot gets, in words. */
export function scopeWords(slot: SlotScope): string {
  return Object.entries(rows as Readonly<Record<string, (value: unknown) => string>>)
    .map(([row, say]) => {
      const value = slot[row as keyof SlotScope];
      return value === undefined ? '' : say(value);
    })
    .filter((words) => words !== '')
    .join(', ');
}

/** How the version of a slot was chosen. */
export function policyWords(policy: VersionPolicy | undefined): string {
  const { follows = 'digest', range = '', pinned } = policy ?? {};
  const words = { digest: 'this version', latest: 'latest', range }[follows];
  return pinned === true ? `${words}, pinned` : words;
}

/**
 * The order that keeps a slot at its version, or lets it follow its policy again. A slot of an experiment leaves it: who pins
 * it decides by hand.
 */
export function pinnedOrder(
  { model: { name, digest, policy }, ...scope }: Pick<SlotChoice, 'model'> & SlotScope,
  pinned: boolean,
): SlotOrder {
  const { pinned: _, ...rest } = policy ?? { follows: 'digest' as const };
  // Unpinned, its policy chooses it again.
  const free = !pinned && rest.follows !== 'digest';
  return {
    ...{ name, ...(free ? {} : { digest }), policy: { ...rest, ...(pinned ? { pinned } : {}) } },
    ...Object.fromEntries(Object.entries(scope).filter(([row]) => row in rows)),
  };
}
