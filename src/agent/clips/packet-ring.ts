import type { StreamCodec, StreamPacket } from '../../perception/index.ts';
import { bringBack, type GroupSpool, type HeldGroup, mostUnwritten } from './group-spool.ts';
import type { Stretch } from './stretch.ts';

/** Pictures that are decoded one from the other, the keyframe first. Times are the stream's. */
interface Group extends HeldGroup {
  readonly stretch: Stretch;
  readonly codec: StreamCodec;
  readonly parameters: string;
  readonly firstNs: bigint;
  lastNs: bigint;
}

/** What one decoder plays from beginning to end: of one stretch, with one codec and the same parameter sets. */
export interface StreamPart {
  readonly stretch: Stretch;
  readonly codec: StreamCodec;
  readonly parameters: string;
  /** Of its first and its last picture, by the stream's clock. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Of its first picture, by ours. */
  readonly startNs: bigint;
  readonly packets: readonly StreamPacket[];
}

/** Of some time: what there is, and when its bytes are in memory. */
export interface StreamCut {
  readonly parts: readonly StreamPart[];
  /** Rejects with a GoshawkError where they can't be read. */
  readonly ready: Promise<void>;
}

export interface PacketRingLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * The last seconds of a camera's stream, still compressed: in memory, or but for the newest group on a disk.
 *
 * INVARIANTS
 * - it holds no more bytes than it may, and of one clock no group that ended longer ago than it may hold;
 * - what it gives begins with a keyframe, and has no hole within a part.
 */
export class PacketRing {
  readonly #limits: PacketRingLimits;
  readonly #spool: GroupSpool | undefined;
  readonly #groups: Group[] = [];
  #bytes = 0;

  constructor(limits: PacketRingLimits, spool?: GroupSpool) {
    this.#limits = limits;
    this.#spool = spool;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of the newest picture, by our clock. */
  get lastNs(): bigint | undefined {
    const last = this.#groups.at(-1);
    return last?.stretch.wallNs(last.lastNs);
  }

  push(packet: StreamPacket, stretch: Stretch): void {
    const { keyframe, codec, parameters, timeNs } = packet;
    const bytes = packet.bytes.length;
    const last = this.#groups.at(-1);
    const held = { ...packet, size: bytes };
    if (keyframe) {
      if (last !== undefined) void this.#spool?.take(last, () => this.#empty(last));
      this.#groups.push({
        stretch,
        codec,
        parameters,
        firstNs: timeNs,
        lastNs: timeNs,
        bytes,
        packets: [held],
        gone: false,
      });
    } else if (last !== undefined && last.stretch === stretch && last.packets.length > 0) {
      last.packets.push(held);
      last.bytes += bytes;
      if (timeNs > last.lastNs) last.lastNs = timeNs;
    } else return;
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** By our clock, from the keyframe at or before `fromNs` on; empty where there is nothing of that time. */
  cut(fromNs: bigint, untilNs: bigint): StreamCut {
    const awaited: Promise<void>[] = [];
    const parts: { -readonly [K in keyof StreamPart]: StreamPart[K] }[] = [];
    let before: Group | undefined;
    for (const group of this.#groups) {
      const { stretch, codec, parameters, firstNs } = group;
      const [startNs, endNs] = [stretch.wallNs(firstNs), stretch.wallNs(group.lastNs)];
      if (startNs === undefined || endNs === undefined || endNs < fromNs || startNs > untilNs) continue;
      const latestNs = firstNs + (untilNs - startNs);
      const { packets, ready } = bringBack(group, ({ timeNs }) => timeNs <= latestNs);
      if (ready !== undefined) awaited.push(ready);
      if (packets.length === 0) {
        if (group.packets.length === 0) before = group;
        continue;
      }
      const lastNs = group.lastNs < latestNs ? group.lastNs : latestTime(packets);
      const part = parts.at(-1);
      if (part !== undefined && before !== undefined && goesOn(before, group)) {
        part.packets = [...part.packets, ...packets];
        part.lastNs = lastNs;
      } else parts.push({ stretch, codec, parameters, firstNs, lastNs, startNs, packets });
      before = group;
    }
    const ready = Promise.all(awaited).then(() => {});
    // Who asked for it looks later.
    ready.catch(() => {});
    return { parts, ready };
  }

  #makeRoom(): void {
    const { seconds, bytes } = this.#limits;
    const newest = this.#groups.at(-1)!;
    const heldNs = BigInt(Math.round(seconds * 1e9));
    const newestNs = newest.stretch.wallNs(newest.lastNs);
    const old = ({ stretch, lastNs }: Group) => {
      if (stretch === newest.stretch) return lastNs < newest.lastNs - heldNs;
      const endNs = stretch.wallNs(lastNs);
      return newestNs !== undefined && (endNs === undefined || endNs < newestNs - heldNs);
    };
    while (this.#groups.length > 1 && (this.#bytes > bytes || old(this.#groups[0]!)))
      this.#forget(this.#groups.shift()!);
    const inMemory = this.#spool === undefined ? 0 : this.#spool.unwritten + newest.bytes;
    const isSlow = inMemory > mostUnwritten;
    if (this.#bytes <= bytes && !isSlow) return;
    if (isSlow) this.#spool?.tellSlow();
    // A stream that has no second keyframe within the room: nothing of it can be kept before the next one comes.
    this.#empty(newest);
  }

  #forget(group: Group): void {
    this.#bytes -= group.bytes;
    group.gone = true;
    group.spooled?.drop();
  }

  /** What was there is a hole from now on. */
  #empty(group: Group): void {
    if (group.gone) return;
    this.#bytes -= group.bytes;
    group.bytes = 0;
    group.packets = [];
  }
}

function latestTime(packets: readonly StreamPacket[]): bigint {
  let last = packets[0]!.timeNs;
  for (const { timeNs } of packets) if (timeNs > last) last = timeNs;
  return last;
}

function goesOn(a: Group, b: Group): boolean {
  return (
    a.stretch === b.stretch &&
    a.codec === b.codec &&
    a.parameters === b.parameters &&
    // A group that had no room is a hole.
    a.packets.length > 0 &&
    b.firstNs > a.firstNs
  );
}
