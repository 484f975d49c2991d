import type { GidSize, GraphNode } from '../messages/graph.ts';

/**
 * In the user data of the writer that announces a node of Goshawk. Such a node goes by its neighbours, and counts for no size: what it says
 * before it knows them would be taken for Humble's. ROS 2 reads `typehash` there and passes over other keys.
 */
export const followerMark = 'goshawk=1;';

export function isFollower(userData: string): boolean {
  return userData.split(';').includes('goshawk=1');
}

/**
 * The sizes of Gids that neighbours speak, the long one first, of the sizes in which each announced itself. A node of ROS 2 has one
 * for good. One that was heard in both goes by its neighbours as we do and has no mark yet; it does not count: else two such nodes would
 * hold each other to a size that nobody needs.
 */
export function spokenSizes(neighbours: Iterable<ReadonlySet<GidSize>>): readonly GidSize[] {
  const spoken = new Set<GidSize>();
  for (const sizes of neighbours) {
    const [size, another] = sizes;
    if (size !== undefined && another === undefined) spoken.add(size);
  }
  return longFirst.filter((size) => spoken.has(size));
}

/**
 * In which sizes a node announces itself, in this order: in those of its neighbours. The long one comes first: read as a short one it is
 * a participant without nodes, which the short one behind it corrects; a short one read as a long one is damaged. So it also is what is
 * said to nobody that is known; with the short one behind it, where the environment names a release (`own`) that has those.
 */
export function gidSizesFor(own: GidSize | undefined, spoken: readonly GidSize[]): readonly GidSize[] {
  if (spoken.length > 0) return spoken;
  return own === 16 ? longFirst : [24];
}

const longFirst: readonly GidSize[] = [24, 16];

export interface SaidInSize {
  readonly size: GidSize;
  readonly nodes: readonly GraphNode[];
}

/**
 * What is said in these sizes, one message each. A node of Humble that reads a short one takes the first four octets of the first
 * namespace for a count of nodes: over Cyclone DDS it keeps as many without a name, and its rcl then refuses to tell the names of any.
 * So where both are there an empty namespace comes first, which it reads as no nodes. Its name is a hidden one.
 */
export function saidInSizes(sizes: readonly GidSize[], nodes: readonly GraphNode[]): readonly SaidInSize[] {
  const [first] = nodes;
  return sizes.map((size) => {
    if (size === 24 || sizes.length === 1 || first === undefined) return { size, nodes };
    return { size, nodes: [{ namespace: '', name: `_${first.name}`, readers: [], writers: [] }, ...nodes] };
  });
}
