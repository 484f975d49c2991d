import type { GidSize, GraphNode } from '../messages/graph.ts';

export interface GidSizeQuestion {
  /** Of the release that the environment names. */
  readonly own: GidSize | undefined;
  /** For each neighbour the sizes in which it announced itself. */
  readonly neighbours: Iterable<ReadonlySet<GidSize>>;
}

/**
 * In which sizes a node announces itself, in this order. A node of ROS 2 speaks one size for good; one that was heard in both goes by
 * its neighbours as we do, and does not count: else two such nodes would hold each other to a size that nobody needs.
 *
 * The long size comes first, and alone as long as nobody is known. Read as a short one it is a participant without nodes, which the
 * short one behind it corrects; a short one read as a long one is damaged.
 */
export function gidSizesFor({ own, neighbours }: GidSizeQuestion): readonly GidSize[] {
  const wanted = new Set<GidSize>(own === undefined ? [] : [own]);
  for (const spoken of neighbours) {
    const [size, another] = spoken;
    if (size !== undefined && another === undefined) wanted.add(size);
  }
  if (wanted.size === 0) return [24];
  return ([24, 16] as const).filter((size) => wanted.has(size));
}

export interface SaidInSize {
  readonly size: GidSize;
  readonly nodes: readonly GraphNode[];
}

/**
 * What is said in these sizes, one message each. A node of Humble that reads a short one takes the first four octets of the first
 * namespace for a count of nodes: it keeps as many without a name, and its rcl then refuses to tell the names of any; with Fast DDS it
 * asks for memory for them. So where both are there an empty namespace comes first, which it reads as no nodes. Its name is a hidden one.
 */
export function saidInSizes(sizes: readonly GidSize[], nodes: readonly GraphNode[]): readonly SaidInSize[] {
  const [first] = nodes;
  return sizes.map((size) => {
    if (size === 24 || sizes.length === 1 || first === undefined) return { size, nodes };
    return { size, nodes: [{ namespace: '', name: `_${first.name}`, readers: [], writers: [] }, ...nodes] };
  });
}
