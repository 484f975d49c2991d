import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { GroupSpool, mostUnwritten } from '../../../../src/agent/clips/group-spool.ts';
import { PacketRing } from '../../../../src/agent/clips/packet-ring.ts';
import type { PacketSpool } from '../../../../src/agent/clips/packet-spool.ts';
import { Stretch } from '../../../../src/agent/clips/stretch.ts';
import { type GoshawkError, LimitError } from '../../../../src/base/index.ts';
import type { StreamPacket } from '../../../../src/perception/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';

const second = 1_000_000_000n;

function packet(atMs: number, keyframe: boolean, over: Partial<StreamPacket> = {}): StreamPacket {
  const timeNs = BigInt(Math.round(atMs)) * 1_000_000n;
  return { codec: 'h264', bytes: new Uint8Array(100), timeNs, keyframe, parameters: 'a', ...over };
}

/** A stream whose clock began when ours was at `wallS`. */
function stretchAt(wallS: number): Stretch {
  const stretch = new Stretch();
  stretch.synchronize(0n, BigInt(wallS) * second);
  return stretch;
}

const fill = (ring: PacketRing, stretch: Stretch, fromMs: number, untilMs: number, parameters = 'a') => {
  for (let ms = fromMs; ms < untilMs; ms += 100)
    ring.push(packet(ms, ms % 1000 === 0, { parameters }), stretch);
};

describe('The ring of packets', () => {
  it('gives what was asked for, from the keyframe before it on', () => {
    const ring = new PacketRing({ seconds: 60, bytes: 1e6 });
    fill(ring, stretchAt(1000), 0, 10_000);
    const { parts } = ring.cut(1003n * second + 450_000_000n, 1005n * second + 250_000_000n);
    const [part, ...more] = parts;
    expect(more).toEqual([]);
    expect(part).toMatchObject({ startNs: 1003n * second, firstNs: 3n * second, lastNs: 5_200_000_000n });
    expect(part?.packets[0]?.keyframe).toBe(true);
    expect(part?.packets).toHaveLength(23);
  });

  it.each([
    ['the camera was connected to anew', (ring: PacketRing) => fill(ring, stretchAt(1008), 0, 3000)],
    ['it has another size', (ring: PacketRing, same: Stretch) => fill(ring, same, 5000, 8000, 'b')],
  ])('gives two parts where %s', (_, go) => {
    const ring = new PacketRing({ seconds: 60, bytes: 1e6 });
    const stretch = stretchAt(1000);
    fill(ring, stretch, 0, 5000);
    go(ring, stretch);
    expect(ring.cut(1000n * second, 1020n * second).parts).toHaveLength(2);
  });

  it('has no packets for a gap, and none without a time', () => {
    const ring = new PacketRing({ seconds: 60, bytes: 1e6 });
    fill(ring, stretchAt(1000), 0, 2000);
    fill(ring, new Stretch(), 0, 2000);
    expect(ring.cut(1005n * second, 1009n * second).parts).toEqual([]);
  });

  it('never holds more bytes than it may, begins with keyframes, and loses nothing of the last seconds that fit', () => {
    const frames = fc.array(fc.record({ size: fc.integer({ min: 1, max: 400 }), keyframe: fc.boolean() }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(frames, (sent) => {
        const ring = new PacketRing({ seconds: 5, bytes: 2_000 });
        const stretch = stretchAt(0);
        for (const [i, { size, keyframe }] of sent.entries()) {
          ring.push(packet(i * 100, keyframe, { bytes: new Uint8Array(size) }), stretch);
          expect(ring.bytes).toBeLessThanOrEqual(2_000);
        }
        const { parts } = ring.cut(0n, BigInt(sent.length) * second);
        for (const { packets } of parts) expect(packets[0]?.keyframe).toBe(true);
        const held = parts.flatMap(({ packets }) => packets);
        expect(held.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(ring.bytes);
        // What is held is the end of what was sent, unless the newest group alone was too large.
        const last = held.at(-1);
        const oldest = held[0];
        if (last?.timeNs === BigInt(sent.length - 1) * 100_000_000n)
          expect(held).toHaveLength(Number((last.timeNs - (oldest?.timeNs ?? 0n)) / 100_000_000n) + 1);
      }),
    );
  });
});

/** A disk of the ring in memory, which may be slow, full or damaged. */
class FakeSpool implements PacketSpool {
  readonly there = new Set<Uint8Array>();
  readonly #waiting: (() => void)[] = [];
  slow = false;
  full = false;
  damaged = false;
  open = async () => {};
  close = async () => {};

  async write(chunks: readonly Uint8Array[]) {
    if (this.slow) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    if (this.full) throw new LimitError('disk-full', 'No space left.', 'Make room.');
    const bytes = new Uint8Array(Buffer.concat(chunks));
    this.there.add(bytes);
    return {
      read: async () => {
        if (this.damaged) throw new LimitError('clip-ring-damaged', 'Others.', 'Check the disk.');
        return bytes;
      },
      drop: () => void this.there.delete(bytes),
    };
  }

  /** What waits is written. */
  hurry(): void {
    this.slow = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

describe('The ring of packets on a disk', () => {
  let spool: FakeSpool;
  let lost: GoshawkError[];
  let groups: GroupSpool;
  beforeEach(() => {
    spool = new FakeSpool();
    lost = [];
    groups = new GroupSpool('front', spool, (error) => void lost.push(error));
  });
  const whole = { fromNs: 0n, untilNs: 1_000n * second };
  const bytesOf = async (ring: PacketRing) => {
    const { parts, ready } = ring.cut(whole.fromNs, whole.untilNs);
    await ready;
    return parts.map(({ packets }) => packets.map(({ bytes }) => [...bytes]));
  };

  it('gives the same as one in memory, whatever was sent', async () => {
    const frames = fc.array(fc.record({ size: fc.integer({ min: 0, max: 400 }), keyframe: fc.boolean() }), {
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(frames, async (sent) => {
        const memory = new PacketRing({ seconds: 5, bytes: 2_000 });
        const disk = new PacketRing({ seconds: 5, bytes: 2_000 }, new GroupSpool('front', spool, () => {}));
        const stretch = stretchAt(0);
        for (const [i, { size, keyframe }] of sent.entries()) {
          const bytes = new Uint8Array(size).fill(i);
          for (const ring of [memory, disk]) ring.push(packet(i * 100, keyframe, { bytes }), stretch);
          if (i % 7 === 0) await settle();
          expect(disk.bytes).toBe(memory.bytes);
        }
        await settle();
        expect(await bytesOf(disk)).toEqual(await bytesOf(memory));
      }),
    );
  });

  it('has all but the newest group there, and drops what is too old', async () => {
    const ring = new PacketRing({ seconds: 5, bytes: 1e6 }, groups);
    const stretch = stretchAt(0);
    for (let ms = 0; ms < 60_000; ms += 100) {
      ring.push(packet(ms, ms % 1000 === 0), stretch);
      if (ms % 1000 === 0) await settle();
    }
    expect(spool.there.size).toBe(5);
    expect(groups.writtenBytes).toBe(59_000);
    expect(groups.unwritten).toBe(0);
    expect(lost).toEqual([]);
  });

  it('keeps what a slow disk has not taken yet in memory, so far as there is room, and then has a hole', async () => {
    const ring = new PacketRing({ seconds: 600, bytes: 1e9 }, groups);
    const stretch = stretchAt(0);
    const bytes = new Uint8Array(mostUnwritten / 4);
    spool.slow = true;
    for (let at = 0; at < 7; at++) ring.push(packet(at * 1000, true, { bytes }), stretch);
    expect(groups.unwritten).toBeLessThanOrEqual(mostUnwritten);
    expect(lost.map(({ code }) => code)).toContain('clip-ring-slow');
    spool.hurry();
    await settle();
    expect(groups.unwritten).toBe(0);
    ring.push(packet(7000, true, { bytes: new Uint8Array(5) }), stretch);
    await settle();
    const { parts, ready } = ring.cut(whole.fromNs, whole.untilNs);
    await ready;
    expect(parts).toHaveLength(2);
    for (const { packets } of parts) for (const one of packets) expect(one.bytes.length).toBeGreaterThan(0);
  });

  it('has a hole where the disk was full, says so, and goes on', async () => {
    const ring = new PacketRing({ seconds: 60, bytes: 1e6 }, groups);
    const stretch = stretchAt(0);
    for (let ms = 0; ms < 6000; ms += 100) {
      spool.full = ms > 2000 && ms <= 4000;
      ring.push(packet(ms, ms % 1000 === 0), stretch);
      await settle();
    }
    expect(lost.map(({ code }) => code)).toEqual(['disk-full', 'disk-full']);
    const { parts } = ring.cut(whole.fromNs, whole.untilNs);
    expect(parts.map(({ firstNs, lastNs }) => [firstNs / 1_000_000n, lastNs / 1_000_000n])).toEqual([
      [0n, 1900n],
      [4000n, 5900n],
    ]);
    expect(ring.bytes).toBe(4000);
  });

  it('drops what is written after it went out of the ring', async () => {
    const ring = new PacketRing({ seconds: 1, bytes: 1e6 }, groups);
    const stretch = stretchAt(0);
    spool.slow = true;
    for (let ms = 0; ms < 10_000; ms += 100) ring.push(packet(ms, ms % 1000 === 0), stretch);
    spool.hurry();
    await settle();
    expect(spool.there.size).toBe(1);
  });

  it('says of a cut that its bytes cannot be read', async () => {
    const ring = new PacketRing({ seconds: 60, bytes: 1e6 }, groups);
    fill(ring, stretchAt(0), 0, 3000);
    await settle();
    spool.damaged = true;
    await expect(ring.cut(whole.fromNs, whole.untilNs).ready).rejects.toMatchObject({
      code: 'clip-ring-damaged',
    });
  });
});
