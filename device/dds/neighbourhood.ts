import { describeError, type Log } from '../../src/base/index.ts';
import { type Neighbour, type NodeName, productOf, readParticipantEntities } from '../../src/ros2/index.ts';

export interface NeighbourhoodOptions {
  /** The guid of our participant. */
  readonly own: Uint8Array;
  readonly name: NodeName;
  /** What we speak through. */
  readonly product: string;
  readonly gidSize: 16 | 24;
  readonly log: Log;
}

/** Participants whose nodes are kept: what a stranger announces must not fill the memory. */
const mostParticipants = 256;
/** Of one participant whose nodes are known. */
const mostWriters = 512;

interface Participant {
  readonly neighbours: readonly Neighbour[];
  /** Names of nodes by the guids of their writers. */
  readonly writers: ReadonlyMap<string, string>;
}

/**
 * The other nodes of the graph, by what each participant said last. Tells once that there is one with our name, and once for
 * each node that speaks through another middleware what it can't do.
 */
export class Neighbourhood {
  readonly #options: NeighbourhoodOptions;
  readonly #participants = new Map<string, Participant>();
  readonly #told = new Set<string>();
  #namesakeTold = false;

  constructor(options: NeighbourhoodOptions) {
    this.#options = options;
  }

  get all(): readonly Neighbour[] {
    return [...this.#participants.values()].flatMap(({ neighbours }) => neighbours);
  }

  /** The node that a writer belongs to, by its guid. */
  nodeOf(writer: Uint8Array): string | undefined {
    const { length } = this.#options.own;
    return this.#participants.get(this.#participantOf(writer))?.writers.get(keyOf(writer, length));
  }

  /** A message of `ros_discovery_info`. */
  announced(bytes: Uint8Array): void {
    const { gidSize, own, log } = this.#options;
    try {
      const { participant, nodes } = readParticipantEntities(bytes, gidSize);
      if (own.every((octet, index) => octet === participant[index])) return;
      const product = productOf(participant) ?? 'an unknown middleware';
      const key = this.#participantOf(participant);
      this.#participants.delete(key);
      if (nodes.length > 0) {
        const writers = nodes.flatMap((node) =>
          node.writers.map((writer): [string, string] => [keyOf(writer, own.length), fullName(node)]),
        );
        this.#participants.set(key, {
          neighbours: nodes.map((node) => ({ node: fullName(node), product })),
          writers: new Map(writers.slice(0, mostWriters)),
        });
      }
      const [oldest] = this.#participants.keys();
      if (this.#participants.size > mostParticipants && oldest !== undefined)
        this.#participants.delete(oldest);
      this.#look(this.#participants.get(key)?.neighbours ?? []);
    } catch (error) {
      // Another release's Gid has another length: then the names of the others stay unknown.
      log.debug('ros_discovery_info not read', { reason: describeError(error) });
    }
  }

  /** All guids of a participant begin alike. */
  #participantOf(guid: Uint8Array): string {
    return keyOf(guid, prefixOctets);
  }

  #look(neighbours: readonly Neighbour[]): void {
    const { name, product: ours, log } = this.#options;
    for (const { node, product } of neighbours) {
      if (node === fullName(name)) this.#tellNamesake(node);
      if (product === ours || this.#told.has(node) || this.#told.size >= mostParticipants) continue;
      this.#told.add(node);
      log.info('A node of the ROS 2 graph speaks through another middleware', {
        ...{ node, speaks: product, we: ours },
        means: 'topics go both ways; services and parameters of either can’t be called by the other',
      });
    }
  }

  #tellNamesake(node: string): void {
    if (this.#namesakeTold) return;
    this.#namesakeTold = true;
    this.#options.log.warn('There is another ROS 2 node with our name', {
      node,
      remedy: 'Give each its own name: both publish on the same topics, and tools show only one.',
    });
  }
}

const prefixOctets = 12;

/** A Gid of older releases is longer than a guid. */
function keyOf(guid: Uint8Array, octets: number): string {
  return guid.slice(0, octets).join('.');
}

function fullName({ namespace, name }: NodeName): string {
  return `${namespace === '/' ? '' : namespace}/${name}`;
}
