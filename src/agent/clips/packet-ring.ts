import type { StreamCodec, StreamPacket } from '../../perception/index.ts';

/** Pictures that are decoded one from the other, the keyframe first. */
interface Group {
  readonly connection: number;
  readonly codec: StreamCodec;
  readonly parameters: string;
  readonly firstNs: bigint;
  lastNs: bigint;
  bytes: number;
  readonly packets: StreamPacket[];
}

/** Of one connection, with one codec and the same parameter sets: what one decoder plays from beginning to end. */
export interface ClipPart {
  readonly codec: StreamCodec;
  readonly parameters: string;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly packets: readonly StreamPacket[];
}

export interface PacketRingLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/** Stamps go back by less than this where pictures are not shown in the order of decoding. */
const setBackNs = 2_000_000_000n;

/**
 * The last seconds of a camera's stream, still compressed.
 *
 * INVARIANTS
 * - it holds no more bytes than it may, and no group that ended longer ago than it may hold;
 * - what it gives begins with a keyframe, and has no hole within a part.
 */
export class PacketRing {
  readonly #limits: PacketRingLimits;
  #groups: Group[] = [];
  #bytes = 0;

  constructor(limits: PacketRingLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of the newest picture. */
  get lastNs(): bigint | undefined {
    return this.#groups.at(-1)?.lastNs;
  }

  /** Of the oldest picture. */
  get firstNs(): bigint | undefined {
    return this.#groups[0]?.firstNs;
  }

  /** `connection`: another number for each connection of the camera. */
  push(packet: StreamPacket, connection: number): void {
    const { keyframe, codec, parameters, stampNs } = packet;
    const bytes = packet.bytes.length;
    const last = this.#groups.at(-1);
    if (keyframe) {
      const group = { connection, codec, parameters, firstNs: stampNs, lastNs: stampNs, bytes, packets: [packet] };
      this.#groups.push(group);
    } else if (last !== undefined && last.connection === connection && last.packets.length > 0) {
      last.packets.push(packet);
      last.bytes += bytes;
      if (stampNs > last.lastNs) last.lastNs = stampNs;
    } else return;
    this.#bytes += bytes;
    this.#makeRoom(stampNs);
  }

  /** From the keyframe at or before `fromNs` on; undefined where there is nothing of that time. */
  cut(fromNs: bigint, untilNs: bigint): readonly ClipPart[] | undefined {
    const groups = this.#groups.filter(({ firstNs, lastNs }) => lastNs >= fromNs && firstNs <= untilNs);
    const parts: { -readonly [K in keyof ClipPart]: ClipPart[K] }[] = [];
    let before: Group | undefined;
    for (const group of groups) {
      const packets = group.packets.filter(({ stampNs }) => stampNs <= untilNs);
      if (packets.length === 0) continue;
      const lastNs = packets.reduce((last, { stampNs }) => (stampNs > last ? stampNs : last), group.firstNs);
      const part = parts.at(-1);
      if (part !== undefined && before !== undefined && goesOn(before, group)) {
        part.packets = [...part.packets, ...packets];
        part.lastNs = lastNs;
      } else parts.push({ codec: group.codec, parameters: group.parameters, firstNs: group.firstNs, lastNs, packets });
      before = group;
    }
    return parts.length === 0 ? undefined : parts;
  }

  #makeRoom(nowNs: bigint): void {
    const { seconds, bytes } = this.#limits;
    const oldestNs = nowNs - BigInt(Math.round(seconds * 1e9));
    // Our own clock may have been set back.
    const old = (group: Group) => group.lastNs < oldestNs || group.firstNs > nowNs + setBackNs;
    while (this.#groups.length > 1 && (this.#bytes > bytes || old(this.#groups[0]!))) this.#drop(0);
    // A stream that has no second keyframe within the room: nothing of it can be kept before the next one comes.
    const only = this.#groups[0];
    if (this.#bytes > bytes && only !== undefined) {
      this.#bytes -= only.bytes;
      only.bytes = 0;
      only.packets.length = 0;
    }
  }

  #drop(index: number): void {
    const [group] = this.#groups.splice(index, 1);
    this.#bytes -= group?.bytes ?? 0;
  }
}

function goesOn(a: Group, b: Group): boolean {
  return (
    a.connection === b.connection &&
    a.codec === b.codec &&
    a.parameters === b.parameters &&
    // A group that had no room is a hole.
    a.packets.length > 0 &&
    b.firstNs > a.firstNs
  );
}
