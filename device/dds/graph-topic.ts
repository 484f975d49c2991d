import type { DdsAddon, DdsParticipantHandle, DdsReaderHandle, DdsWriterHandle } from '../../native/index.ts';
import { describeError, type Log } from '../../src/base/index.ts';
import {
  CdrWriter,
  ddsType,
  followerMark,
  type GidSize,
  gidSizesFor,
  graphType,
  graphTypeHash,
  type Neighbour,
  type NodeName,
  type ParticipantEntities,
  qosProfiles,
  saidInSizes,
  writeParticipantEntities,
} from '../../src/ros2/index.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { SizesLog } from './sizes-log.ts';

export interface GraphTopicOptions {
  readonly addon: DdsAddon;
  readonly participant: DdsParticipantHandle;
  readonly name: NodeName;
  /** What we speak through. */
  readonly product: string;
  /** Of the release that the environment names. */
  readonly gidSize: GidSize | undefined;
  readonly log: Log;
}

/** What a participant tells the graph of its nodes, and hears of those of the others: `ros_discovery_info`. */
export class GraphTopic {
  readonly #participant: DdsParticipantHandle;
  readonly #neighbours: Neighbourhood;
  readonly #cdr = new CdrWriter();
  readonly #log: Log;
  readonly #sizesLog: SizesLog;
  readonly #own: GidSize | undefined;
  readonly #writer: DdsWriterHandle;
  readonly #reader: DdsReaderHandle;
  #nodes: ParticipantEntities['nodes'] = [];
  /** The sizes of Gids in which it was told last, and those that its neighbours spoke then. */
  #sizes: readonly GidSize[] = [];
  #spoken: readonly GidSize[] = [];
  /** The middleware did not take all of the last word: its lock was held for a moment, or it failed. */
  #untold = false;
  #toldFailure = false;
  #toldForgotten = false;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ addon, participant, name, product, gidSize, log }: GraphTopicOptions) {
    this.#participant = participant;
    this.#log = log;
    this.#sizesLog = new SizesLog(log);
    this.#own = gidSize;
    this.#neighbours = new Neighbourhood({ own: participant.guid(), name, product, log });
    const common = {
      ...qosProfiles.latched,
      // Whoever comes late gets what was said last in each size of Gids, in its order.
      depth: 2,
      topic,
      type: ddsType(graphType),
      userData: `typehash=${graphTypeHash};${followerMark}`,
    };
    this.#writer = new addon.DdsWriter(
      participant,
      { ...common, maxBytes: 0, queue: 0, maxBlockingMs: 0 },
      () => {},
    );
    this.#reader = new addon.DdsReader(
      participant,
      { ...common, depth: 32, maxBytes: 1 << 20, ...mostWaiting, identities: true, maxBlockingMs: 0 },
      () => this.#hear(),
    );
  }

  get neighbours(): readonly Neighbour[] {
    this.#lookWhoIsThere();
    return this.#neighbours.all;
  }

  /** The node that a writer belongs to, by its guid. */
  nodeOf(writer: Uint8Array): string | undefined {
    return this.#neighbours.nodeOf(writer);
  }

  /** A middleware that fails ends nothing: it is said again, as where its lock is held. */
  tell(nodes: ParticipantEntities['nodes']): void {
    if (this.#closed) return;
    this.#nodes = nodes;
    const participant = this.#participant.guid();
    this.#spoken = this.#neighbours.gidSizes;
    const sizes = gidSizesFor(this.#own, this.#spoken);
    // After two sizes one alone is said twice, so that nothing in the other one is kept for who comes late.
    const said = saidInSizes(sizes, nodes);
    this.#untold = false;
    for (const { size, nodes } of sizes.length < this.#sizes.length ? [...said, ...said] : said)
      this.#untold =
        !this.#write(writeParticipantEntities(this.#cdr, { participant, nodes }, size)) || this.#untold;
    if (this.#untold) this.#tellAgain();
    else this.#sizes = sizes;
  }

  /** Others see a node until it sends its last message. */
  close(): void {
    for (let tries = 0; this.#untold && tries < mostLastTries; tries += 1) this.tell(this.#nodes);
    clearTimeout(this.#again);
    this.#sizesLog.close();
    this.#closed = true;
    this.#reader.close();
    this.#writer.close();
  }

  #write(bytes: Uint8Array): boolean {
    try {
      return this.#writer.write(bytes);
    } catch (error) {
      if (!this.#toldFailure) {
        this.#toldFailure = true;
        this.#log.warn('The node could not be announced in the ROS graph; retrying', {
          reason: describeError(error),
        });
      }
      return false;
    }
  }

  #tellAgain(): void {
    if (this.#again !== undefined) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      if (this.#untold) this.tell(this.#nodes);
    }, againAfterMs);
    this.#again.unref();
  }

  #hear(): void {
    const { samples = [], superseded = 0 } = this.#reader.take() ?? {};
    for (const { id, bytes } of samples) {
      this.#neighbours.announced(bytes);
      this.#reader.release(id);
    }
    this.#tellForgotten(superseded);
    this.#lookWhoIsThere();
  }

  /** Nobody repeats what gave way. */
  #tellForgotten(superseded: number): void {
    if (superseded === 0 || this.#toldForgotten) return;
    this.#toldForgotten = true;
    this.#log.warn('More was announced on the ROS graph than could be read; some nodes are not known here', {
      superseded,
      remedy: 'Look for a node that announces itself without an end, or for what holds up this program.',
    });
  }

  #lookWhoIsThere(): void {
    if (this.#closed) return;
    this.#neighbours.present(this.#participant.writersOf(topic, mostWriters));
    const { gidSizes } = this.#neighbours;
    this.#sizesLog.spoken(gidSizes);
    if (String(gidSizes) !== String(this.#spoken)) this.tell(this.#nodes);
  }
}

const topic = 'ros_discovery_info';
const againAfterMs = 50;
/**
 * A participant announces itself in two sizes of Gids, and when it has something new: while the event loop is held up all of them do.
 * Above it the one that said the most gives way.
 */
const mostWaiting = { queue: 1024, queueBytes: 16 << 20 };
/** Each waits for the middleware's lock, some milliseconds. */
const mostLastTries = 20;
/** As many as the addon keeps of all topics: with fewer of them who is there would seem to be gone. */
const mostWriters = 8192;
