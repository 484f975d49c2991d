import type { StreamCodec, StreamPacket } from '../../perception/index.ts';
import type { Stretch } from './stretch.ts';

/** Pictures that are decoded one from the other, the keyframe first. Times are the stream's. */
interface Group {
  readonly stretch: Stretch;
  readonly codec: StreamCodec;
  readonly parameters: string;
  readonly firstNs: bigint;
  lastNs: bigint;
  bytes: number;
  packets: StreamPacket[];
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

export interface PacketRingLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * The last seconds of a camera's stream, still compressed.
 *
 * INVARIANTS
 * - it holds no more bytes than it may, and of one clock no group that ended longer ago than it may hold;
 * - what it gives begins with a keyframe, and has no hole within a part.
 */
export class PacketRing {
  readonly #limits: PacketRingLimits;
  readonly #groups: Group[] = [];
  #bytes = 0;

  constructor(limits: PacketRingLimits) {
    this.#limits = limits;
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
    if (keyframe)
      this.#groups.push({
        stretch,
        codec,
        parameters,
        firstNs: timeNs,
        lastNs: timeNs,
        bytes,
        packets: [packet],
      });
    else if (last !== undefined && last.stretch === stretch && last.packets.length > 0) {
      last.packets.push(packet);
      last.bytes += bytes;
      if (timeNs > last.lastNs) last.lastNs = timeNs;
    } else return;
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** By our clock, from the keyframe at or before `fromNs` on; empty where there is nothing of that time. */
  cut(fromNs: bigint, untilNs: bigint): readonly StreamPart[] {
    const parts: { -readonly [K in keyof StreamPart]: StreamPart[K] }[] = [];
    let before: Group | undefined;
    for (const group of this.#groups) {
      const { stretch, codec, parameters, firstNs } = group;
      const [startNs, endNs] = [stretch.wallNs(firstNs), stretch.wallNs(group.lastNs)];
      if (startNs === undefined || endNs === undefined || endNs < fromNs || startNs > untilNs) continue;
      const latestNs = firstNs + (untilNs - startNs);
      const packets = group.packets.filter(({ timeNs }) => timeNs <= latestNs);
      if (packets.length === 0) continue;
      const lastNs = group.lastNs < latestNs ? group.lastNs : latestTime(packets);
      const part = parts.at(-1);
      if (part !== undefined && before !== undefined && goesOn(before, group)) {
        part.packets = [...part.packets, ...packets];
        part.lastNs = lastNs;
      } else parts.push({ stretch, codec, parameters, firstNs, lastNs, startNs, packets });
      before = group;
    }
    return parts;
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
      this.#bytes -= this.#groups.shift()?.bytes ?? 0;
    if (this.#bytes <= bytes) return;
    // A stream that has no second keyframe within the room: nothing of it can be kept before the next one comes.
    this.#bytes -= newest.bytes;
    newest.bytes = 0;
    newest.packets = [];
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
