import { mainSlot, type SlotName } from './names.ts';
import type { NodeSettings } from './node-settings.ts';

/** What is different for a while from the graph that the settings say. */
export interface GraphOverlay {
  /** Nodes that rest, with those that look at what they find. The first node on frames never does. */
  readonly without?: readonly string[];
  /** Other slots for those of the graph. */
  readonly slots?: Readonly<Record<SlotName, SlotName>>;
}

export function overlaidNodes(
  nodes: readonly NodeSettings[],
  { without = [], slots = {} }: GraphOverlay,
): readonly NodeSettings[] {
  const first = nodes.find(({ input = 'frame', role }) => input === 'frame' && role !== 'shadow');
  const resting = new Set(without.filter((name) => name !== first?.name));
  // A graph has no circle, so this ends.
  for (let before = -1; before !== resting.size; ) {
    before = resting.size;
    for (const { name, input, role, against } of nodes) {
      const parent = typeof input === 'object' ? input.node : undefined;
      const compared = role === 'shadow' ? (against ?? first?.name) : undefined;
      if ([parent, compared].some((other) => other !== undefined && resting.has(other))) resting.add(name);
    }
  }
  return nodes
    .filter(({ name }) => !resting.has(name))
    .map((node) => {
      const slot = slots[node.slot ?? mainSlot];
      return slot === undefined ? node : { ...node, slot };
    });
}
