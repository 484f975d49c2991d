import { asGoshawkError, type GoshawkError } from '../../base/index.ts';
import type { StreamPacket } from '../../perception/index.ts';
import type { PacketSpool, SpooledBytes } from './packet-spool.ts';
import { ringSlow } from './problems.ts';

/** Memory for what a slow disk has not taken yet, with the group that still comes. */
export const mostUnwritten = 64_000_000;

/** A packet whose bytes may be elsewhere: of one that is, `bytes` is empty and `size` is not. */
export type HeldPacket = StreamPacket & { readonly size: number };

/** Packets of a group, in memory until the disk has them. */
export interface HeldGroup {
  packets: HeldPacket[];
  bytes: number;
  /** It is in the ring no more. */
  gone: boolean;
  spooled?: SpooledBytes;
}

const none = new Uint8Array(0);

/** Takes groups of a ring to a disk, and brings back what is asked for. What does not get there is a hole. */
export class GroupSpool {
  readonly #camera: string;
  readonly #spool: PacketSpool;
  readonly #onLost: (error: GoshawkError) => void;
  #unwritten = 0;
  #written = 0;

  constructor(camera: string, spool: PacketSpool, onLost: (error: GoshawkError) => void) {
    this.#camera = camera;
    this.#spool = spool;
    this.#onLost = onLost;
  }

  /** Of complete groups, still in memory. */
  get unwritten(): number {
    return this.#unwritten;
  }

  get writtenBytes(): number {
    return this.#written;
  }

  tellSlow(): void {
    this.#onLost(ringSlow(this.#camera));
  }

  /** `lose`: the ring empties the group. */
  async take(group: HeldGroup, lose: () => void): Promise<void> {
    const { bytes } = group;
    if (bytes === 0) return;
    if (this.#unwritten + bytes > mostUnwritten) {
      lose();
      this.tellSlow();
      return;
    }
    this.#unwritten += bytes;
    try {
      const spooled = await this.#spool.write(group.packets.map((packet) => packet.bytes));
      this.#written += bytes;
      if (group.gone) {
        spooled.drop();
        return;
      }
      group.spooled = spooled;
      group.packets = group.packets.map((packet) => ({ ...packet, bytes: none }));
    } catch (error) {
      lose();
      this.#onLost(asGoshawkError(error, 'clip-ring'));
    } finally {
      this.#unwritten -= bytes;
    }
  }
}

/** Copies of some packets of a group, the first of it on, and when their bytes are there. */
export function bringBack(
  { packets, spooled }: HeldGroup,
  wanted: (packet: HeldPacket) => boolean,
): { readonly packets: readonly StreamPacket[]; readonly ready: Promise<void> | undefined } {
  if (spooled === undefined) return { packets: packets.filter(wanted), ready: undefined };
  let offset = 0;
  const placed = packets.map((packet) => {
    const at = offset;
    offset += packet.size;
    return { at, packet, copy: { ...packet } as { -readonly [K in keyof HeldPacket]: HeldPacket[K] } };
  });
  const some = placed.filter(({ packet }) => wanted(packet));
  const ready = spooled.read().then((bytes) => {
    for (const { at, copy } of some) copy.bytes = bytes.subarray(at, at + copy.size);
  });
  return { packets: some.map(({ copy }) => copy), ready };
}
