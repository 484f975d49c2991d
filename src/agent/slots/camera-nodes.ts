import { defined } from '../../base/index.ts';
import { defaultNodes, type NodeSettings } from '../../perception/index.ts';
import { mainSlot, type SlotScope } from '../../protocol/index.ts';

/**
 * The graph of one camera: the nodes that its settings name, and a node on whole frames for every other slot that is there
 * for it and that none of them uses; `main` is used where a graph says so, or there is none. What a node leaves open, its slot says. Undefined where all is as it is without slots.
 */
export function nodesOf(
  camera: string,
  explicit: readonly NodeSettings[] | undefined,
  scopes: Readonly<Record<string, SlotScope>>,
): NodeSettings[] | undefined {
  const named = explicit ?? defaultNodes;
  const used = new Set(named.map(slotOf));
  const names = new Set(named.map(({ name }) => name));
  const added = Object.entries(scopes)
    .filter(
      ([slot, { cameras }]) => !used.has(slot) && slot !== mainSlot && (cameras?.includes(camera) ?? true),
    )
    .map(([slot, scope]) => inScope({ name: freeName(slot, names), slot, input: 'frame' }, scope));
  if (explicit === undefined && added.length === 0) return undefined;
  return [...named.map((node) => inScope(node, scopes[slotOf(node)] ?? {})), ...added];
}

export function slotOf({ slot = mainSlot }: NodeSettings): string {
  return slot;
}

function inScope(node: NodeSettings, scope: SlotScope): NodeSettings {
  const { role, sample, cameras: _, ...none } = scope;
  none satisfies Record<string, never>;
  return { ...defined({ role, every: sample }), ...node };
}

function freeName(slot: string, taken: Set<string>): string {
  let name = slot;
  for (let n = 2; taken.has(name); n++) name = `${slot.slice(0, 28)}-${n}`;
  taken.add(name);
  return name;
}

/** Cameras that a slot names and that the device does not have, in words; undefined where all are there. */
export function unknownCameras(scope: SlotScope, known: readonly string[]): string | undefined {
  const unknown = (scope.cameras ?? []).filter((camera) => !known.includes(camera));
  if (unknown.length === 0) return undefined;
  return `This device has no camera ${unknown.join(', ')}; it has ${known.join(', ') || 'none'}. Name others for the slot: goshawk model deploy ... --cameras.`;
}
