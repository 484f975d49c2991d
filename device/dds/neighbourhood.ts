import type { DdsAnnounced } from '../../native/index.ts';
import type { Log } from '../../src/base/index.ts';
import {
  type GidSize,
  isFollower,
  type Neighbour,
  type NodeName,
  productOf,
  readAnnouncement,
  spokenSizes,
  unknownProduct,
} from '../../src/ros2/index.ts';

export interface NeighbourhoodOptions {
  /** The guid of our participant. */
  readonly own: Uint8Array;
  readonly name: NodeName;
  /** What we speak through. */
  readonly product: string;
  readonly log: Log;
}

/** Participants whose nodes are kept: what a stranger announces must not fill the memory. */
const mostParticipants = 256;
/** Of one of them: a message of a megabyte has room for forty thousand nodes. */
const mostNodes = 512;
const mostWriters = 512;
/** A name of rcl has 255 characters at most, its namespace too. */
const longestName = 512;

interface Participant {
  readonly neighbours: readonly Neighbour[];
  /** Names of nodes by the guids of their writers. */
  readonly writers: ReadonlyMap<string, string>;
  /** Of its Gids: nodes of ROS 2 have one size, those of Goshawk follow their neighbours. */
  readonly sizes: ReadonlySet<GidSize>;
  /** Nobody can say anything for it now. It may come back, and then not announce itself again. */
  away: boolean;
}

/**
 * The other nodes of the graph, by what each participant said last. Tells once that there is one with our name, and once for
 * each node that speaks through another middleware what it can't do.
 */
export class Neighbourhood {
  readonly #options: NeighbourhoodOptions;
  readonly #participants = new Map<string, Participant>();
  readonly #told = new Set<string>();
  /** Participants whose word could be heard when it was looked last. */
  #seen: ReadonlySet<string> = new Set();
  /** Those of them that are Goshawk's. */
  #followers: ReadonlySet<string> = new Set();
  #namesakeTold = false;

  constructor(options: NeighbourhoodOptions) {
    this.#options = options;
  }

  get all(): readonly Neighbour[] {
    return [...this.#participants.values()].flatMap(({ neighbours, away }) => (away ? [] : neighbours));
  }

  /** The node that a writer belongs to, by its guid. */
  nodeOf(writer: Uint8Array): string | undefined {
    const { length } = this.#options.own;
    return this.#participants.get(this.#participantOf(writer))?.writers.get(keyOf(writer, length));
  }

  /** The sizes of Gids that they speak, the long one first. */
  get gidSizes(): readonly GidSize[] {
    const count = [...this.#participants].filter(([key, { away }]) => !away && !this.#followers.has(key));
    return spokenSizes(count.map(([, { sizes }]) => sizes));
  }

  /** A message of `ros_discovery_info`. */
  announced(bytes: Uint8Array): void {
    const { own, log } = this.#options;
    const told = readAnnouncement(bytes);
    if (told === undefined) {
      log.debug('ros_discovery_info not read', { octets: bytes.length });
      return;
    }
    const { participant, gidSize } = told;
    // One without a namespace is none: it keeps nodes of Humble from misreading the others.
    const nodes = told.nodes
      .filter((node) => node.namespace !== '' && fullName(node).length <= longestName)
      .slice(0, mostNodes);
    if (own.every((octet, index) => octet === participant[index])) return;
    const product = productOf(participant) ?? unknownProduct;
    const key = this.#participantOf(participant);
    const before = this.#participants.get(key);
    this.#participants.delete(key);
    if (nodes.length === 0) return;
    const writers = nodes.flatMap((node) =>
      node.writers.map((writer): [string, string] => [keyOf(writer, own.length), fullName(node)]),
    );
    const neighbours = nodes.map((node) => ({ node: fullName(node), product }));
    this.#participants.set(key, {
      neighbours,
      writers: new Map(writers.slice(0, mostWriters)),
      sizes: new Set([...(before?.sizes ?? []), gidSize]),
      away: false,
    });
    if (this.#participants.size > mostParticipants) this.#forgetOne();
    this.#look(neighbours);
  }

  /**
   * Of the participants that can say something now: the others went, as one that was killed and says no last word. One that comes back
   * after its lease ran out over Fast DDS is one that was here: what it said is not sent again.
   */
  present(writers: readonly Pick<DdsAnnounced, 'guid' | 'userData'>[]): void {
    const keysOf = (some: typeof writers) => new Set(some.map(({ guid }) => this.#participantOf(guid)));
    const present = keysOf(writers);
    for (const [key, participant] of this.#participants) {
      if (present.has(key)) participant.away = false;
      else if (this.#seen.has(key)) participant.away = true;
    }
    this.#seen = present;
    this.#followers = keysOf(writers.filter(({ userData }) => isFollower(userData)));
  }

  /** The one that was heard least lately, of those that are away if there are any. */
  #forgetOne(): void {
    const [oldest] = this.#participants.keys();
    const [away = oldest] = [...this.#participants.keys()].filter((key) => this.#participants.get(key)?.away);
    if (away !== undefined) this.#participants.delete(away);
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
