import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketRing } from '../../../../src/agent/clips/packet-ring.ts';
import { Stretch } from '../../../../src/agent/clips/stretch.ts';
import type { StreamPacket } from '../../../../src/perception/index.ts';

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
    const [part, ...more] = ring.cut(1003n * second + 450_000_000n, 1005n * second + 250_000_000n);
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
    expect(ring.cut(1000n * second, 1020n * second)).toHaveLength(2);
  });

  it('has nothing of a time in which nothing came, and nothing whose time is not known', () => {
    const ring = new PacketRing({ seconds: 60, bytes: 1e6 });
    fill(ring, stretchAt(1000), 0, 2000);
    fill(ring, new Stretch(), 0, 2000);
    expect(ring.cut(1005n * second, 1009n * second)).toEqual([]);
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
        const parts = ring.cut(0n, BigInt(sent.length) * second);
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
