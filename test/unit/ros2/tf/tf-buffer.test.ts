import { describe, expect, it } from 'vitest';
import { type StampedTransform, TfBuffer, type TfMissing } from '../../../../src/ros2/index.ts';
import { tfLimits } from '../../../../src/ros2/tf/tf-buffer.ts';

const second = 1_000_000_000n;
const ms = 1_000_000n;
const straight = { x: 0, y: 0, z: 0, w: 1 };
/** A quarter turn about z. */
const quarter = { x: 0, y: 0, z: Math.SQRT1_2, w: Math.SQRT1_2 };

function link(parent: string, child: string, x: number, atMs: number, rotation = straight): StampedTransform {
  return { parent, child, stampNs: BigInt(atMs) * ms, translation: { x, y: 0, z: 0 }, rotation };
}

/** A robot: map -> odom -> base at 1 s, 1.1 s and 1.2 s, and on base a fixed arm and camera; a tree of its own beside it. */
function robot(): TfBuffer {
  const buffer = new TfBuffer();
  for (const [at, x] of [
    [1000, 0],
    [1100, 1],
    [1200, 3],
  ] as const) {
    buffer.add(link('map', 'odom', 100, at), false);
    buffer.add(link('odom', 'base', x, at), false);
  }
  buffer.add(link('base', 'camera', 0.5, 0), true);
  buffer.add(link('base', 'arm', -1, 0, quarter), true);
  buffer.add(link('world', 'other', 7, 0), true);
  return buffer;
}

const xOf = (buffer: TfBuffer, to: string, from: string, atMs: number, toleranceMs = 0) => {
  const found = buffer.lookup(to, from, BigInt(atMs) * ms, BigInt(toleranceMs) * ms);
  return 'transform' in found ? Number(found.transform.translation.x.toFixed(9)) : found.missing;
};

describe('A transform between two frames', () => {
  it.each<[string, string, string, number, number]>([
    ['one link down to its parent, static: at any stamp', 'base', 'camera', 99_999, 0.5],
    ['and back', 'camera', 'base', 99_999, -0.5],
    [
      'over a common ancestor that is not the root, though the root is not known at that stamp',
      'arm',
      'camera',
      99_999,
      0,
    ],
    ['to itself, also of a frame that nobody knows', 'nowhere', 'nowhere', 5, 0],
    ['at a stamp that was told', 'odom', 'camera', 1100, 1.5],
    ['between two stamps', 'odom', 'camera', 1150, 2.5],
    ['at the oldest', 'odom', 'camera', 1000, 0.5],
    ['at the newest', 'map', 'camera', 1200, 103.5],
    ['whose names have a slash, as in ROS 1', '/odom', '/camera', 1100, 1.5],
  ])('%s', (_, to, from, at, x) => {
    expect(xOf(robot(), to, from, at)).toBe(x);
  });

  it('turns: what is ahead of the arm is beside the base', () => {
    const found = robot().lookup('base', 'arm', 0n);
    expect(found).toMatchObject({
      transform: {
        translation: { x: -1, y: 0, z: 0 },
        rotation: { z: expect.closeTo(Math.SQRT1_2, 12), w: expect.closeTo(Math.SQRT1_2, 12) },
      },
    });
    const back = robot().lookup('arm', 'base', 0n);
    expect(back).toMatchObject({
      transform: { translation: { x: expect.closeTo(0, 12), y: expect.closeTo(-1, 12) } },
    });
  });

  it('turns half way at half time, the short way round', () => {
    const buffer = new TfBuffer();
    buffer.add(link('a', 'b', 0, 1000), false);
    // The same turn as `quarter`, by its other quaternion.
    const other = { x: 0, y: 0, z: -quarter.z, w: -quarter.w };
    buffer.add(link('a', 'b', 0, 2000, other), false);
    const found = buffer.lookup('a', 'b', 1500n * ms);
    const eighth = { z: Math.sin(Math.PI / 8), w: Math.cos(Math.PI / 8) };
    expect(found).toMatchObject({
      transform: { rotation: { z: expect.closeTo(eighth.z, 12), w: expect.closeTo(eighth.w, 12) } },
    });
  });
});

describe('What is not known is not guessed', () => {
  const missing: [string, string, string, number, TfMissing][] = [
    ['a frame that nobody told', 'odom', 'eye', 1100, { kind: 'unknown', frame: 'eye' }],
    ['a target that nobody told', 'moon', 'camera', 1100, { kind: 'unknown', frame: 'moon' }],
    ['two trees', 'world', 'camera', 1100, { kind: 'unconnected', frame: 'camera', other: 'world' }],
    [
      'two trees, where the picture is too new as well',
      'world',
      'camera',
      1230,
      { kind: 'unconnected', frame: 'camera', other: 'world' },
    ],
    ['a stamp before all', 'odom', 'camera', 999, { kind: 'past', frame: 'base', byNs: ms }],
    ['a stamp after all', 'odom', 'camera', 1230, { kind: 'future', frame: 'base', byNs: 30n * ms }],
    ['the same seen from above', 'camera', 'odom', 1230, { kind: 'future', frame: 'base', byNs: 30n * ms }],
  ];
  it.each(missing)('%s', (_, to, from, at, why) => {
    expect(xOf(robot(), to, from, at)).toEqual(why);
  });

  it('a little after the newest is the newest, where the settings allow it', () => {
    expect(xOf(robot(), 'odom', 'camera', 1230, 30)).toBe(3.5);
    expect(xOf(robot(), 'odom', 'camera', 1231, 30)).toMatchObject({ kind: 'future' });
    expect(xOf(robot(), 'odom', 'camera', 999, 30)).toMatchObject({ kind: 'past' });
  });

  it('of one sample alone only its own stamp is known', () => {
    const buffer = new TfBuffer();
    buffer.add(link('a', 'b', 1, 1000), false);
    expect([999, 1000, 1001].map((at) => xOf(buffer, 'a', 'b', at))).toEqual([
      { kind: 'past', frame: 'b', byNs: ms },
      1,
      { kind: 'future', frame: 'b', byNs: ms },
    ]);
  });

  it('a loop is found', () => {
    const buffer = new TfBuffer();
    for (const [parent, child] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const)
      buffer.add(link(parent, child, 1, 0), true);
    buffer.add(link('elsewhere', 'far', 1, 0), true);
    expect(xOf(buffer, 'far', 'b', 5)).toMatchObject({ kind: 'loop' });
  });

  it('a chain without an end is cut off', () => {
    const buffer = new TfBuffer();
    for (let i = 0; i < 300; i += 1) buffer.add(link(`f${i}`, `f${i + 1}`, 1, 0), true);
    expect(xOf(buffer, 'f50', 'f300', 5)).toBe(250);
    expect(xOf(buffer, 'f0', 'f300', 5)).toMatchObject({ kind: 'loop' });
  });
});

describe('The history of a frame', () => {
  it('is ten seconds long', () => {
    const buffer = robot();
    buffer.add(link('odom', 'base', 5, 11_100), false);
    expect(xOf(buffer, 'odom', 'camera', 1100)).toBe(1.5);
    expect(xOf(buffer, 'odom', 'camera', 1099)).toEqual({ kind: 'past', frame: 'base', byNs: ms });
  });

  it('takes what comes out of order, and of one stamp the last word', () => {
    const buffer = robot();
    buffer.add(link('odom', 'base', 2, 1150), false);
    buffer.add(link('odom', 'base', 10, 1100), false);
    expect(xOf(buffer, 'odom', 'base', 1125)).toBe(6);
  });

  it('refuses a transform older than its history, and starts over when only older ones come', () => {
    const buffer = robot();
    buffer.add(link('odom', 'base', 5, 60_000), false);
    const old = (at: number) => buffer.add(link('odom', 'base', 9, at), false)?.kind;
    const before = Array.from({ length: 99 }, (_, i) => old(2000 + i));
    expect(new Set(before)).toEqual(new Set(['old']));
    expect(xOf(buffer, 'odom', 'base', 60_000)).toBe(5);
    expect(old(2100)).toBeUndefined();
    expect(xOf(buffer, 'odom', 'base', 2100)).toBe(9);
  });

  it('is forgotten where time jumped back; what is static stays', () => {
    const buffer = robot();
    buffer.clear();
    expect(xOf(buffer, 'odom', 'camera', 1100)).toEqual({ kind: 'unknown', frame: 'odom' });
    expect(xOf(buffer, 'base', 'camera', 1100)).toBe(0.5);
  });

  it('of a frame with another parent later: until then it is with the older one', () => {
    const buffer = robot();
    buffer.add(link('map', 'base', 50, 1300), false);
    expect(xOf(buffer, 'odom', 'base', 1250)).toBe(3);
    expect(xOf(buffer, 'map', 'base', 1300)).toBe(50);
  });

  it('becomes static or moving as it is told last', () => {
    const buffer = robot();
    buffer.add(link('base', 'camera', 2, 5000), false);
    expect(xOf(buffer, 'base', 'camera', 1100)).toMatchObject({ kind: 'past' });
    buffer.add(link('base', 'camera', 4, 0), true);
    expect(xOf(buffer, 'base', 'camera', 1100)).toBe(4);
  });
});

describe('A transform that is told', () => {
  const bad = Number.NaN;
  it.each<[string, Partial<StampedTransform>, string]>([
    ['without a parent', { parent: '' }, 'name'],
    ['whose child is a slash', { child: '/' }, 'name'],
    ['with a name too long', { child: 'x'.repeat(256) }, 'name'],
    ['of a frame in itself', { parent: '/b', child: 'b' }, 'self'],
    ['with a place that is no number', { translation: { x: bad, y: 0, z: 0 } }, 'numbers'],
    ['with a place without an end', { translation: { x: 0, y: Infinity, z: 0 } }, 'numbers'],
    ['with a turn that is no number', { rotation: { ...straight, x: bad } }, 'numbers'],
    ['with a turn of length 0', { rotation: { x: 0, y: 0, z: 0, w: 0 } }, 'numbers'],
    ['with a turn that is too long', { rotation: { ...straight, w: 1.006 } }, 'numbers'],
  ])('%s is left out', (_, over, kind) => {
    const buffer = new TfBuffer();
    expect(buffer.add({ ...link('a', 'b', 1, 0), ...over }, true)?.kind).toBe(kind);
    expect(xOf(buffer, 'a', 'b', 0)).toMatchObject({ kind: 'unknown' });
  });

  it('is made a true turn where its length is nearly 1', () => {
    const buffer = new TfBuffer();
    expect(buffer.add(link('a', 'b', 1, 0, { ...straight, w: 1.004 }), true)).toBeUndefined();
    expect(buffer.lookup('a', 'b', 0n)).toMatchObject({ transform: { rotation: { w: 1 } } });
  });

  it('beside another one with another parent is said to be one of two', () => {
    const buffer = new TfBuffer();
    expect(buffer.add(link('a', 'c', 1, 0), true)).toBeUndefined();
    expect(buffer.add(link('b', 'c', 1, 0), true)?.kind).toBe('parents');
    const turns = Array.from({ length: 8 }, (_, i) =>
      buffer.add(link(i % 2 === 0 ? 'a' : 'b', 'd', 1, 1000 + i), false),
    );
    expect(turns.map((problem) => problem?.kind)).toEqual([
      ...Array.from({ length: 6 }, () => undefined),
      ...['parents', 'parents'],
    ]);
    // By ten seconds: one that is handed over now and then has one parent at a time.
    const handed = Array.from({ length: 12 }, (_, i) =>
      buffer.add(link(i % 2 === 0 ? 'a' : 'b', 'box', 1, 1000 + i * 3000), false),
    );
    expect(handed).toEqual(handed.map(() => undefined));
    // Taken in hand and put down once.
    const moved = ['table', 'table', 'hand', 'hand', 'table'].map((parent, i) =>
      buffer.add(link(parent, 'cup', 1, 1000 + i), false),
    );
    expect(moved).toEqual(moved.map(() => undefined));
  });

  it('is one of a bounded number of frames', () => {
    const buffer = new TfBuffer();
    for (let i = 0; i < tfLimits.frames; i += 1) buffer.add(link('a', `f${i}`, 1, 0), i % 2 === 0);
    expect(buffer.add(link('a', 'more', 1, 0), false)?.kind).toBe('frames');
    expect(buffer.add(link('a', 'f3', 2, 1), false)).toBeUndefined();
  });

  it('is kept for less than ten seconds where the samples are too many: of one frame, and of all', () => {
    const many = (frames: number, samples: number) => {
      const buffer = new TfBuffer();
      for (let i = 0; i < samples; i += 1)
        for (let f = 0; f < frames; f += 1) buffer.add(link('a', `f${f}`, i, i), false);
      let kept = 0;
      for (let i = 0; i < samples; i += 1) if (typeof xOf(buffer, 'a', 'f0', i) === 'number') kept += 1;
      return kept;
    };
    expect(many(1, 5000)).toBe(tfLimits.samplesOfFrame);
    expect(many(64, 1100)).toBe(tfLimits.samples / 64);
  });

  it('gives way to frames that come later, though nothing more is told of it', () => {
    const buffer = new TfBuffer();
    for (let i = 0; i < 4096; i += 1) buffer.add(link('a', 'fast', i, i), false);
    expect(xOf(buffer, 'a', 'fast', 0)).toBe(0);
    for (let f = 1; f < 64; f += 1) buffer.add(link('a', `f${f}`, 0, 0), false);
    const first = 4096 - tfLimits.samples / 64;
    expect(xOf(buffer, 'a', 'fast', first)).toBe(first);
    expect(xOf(buffer, 'a', 'fast', first - 1)).toMatchObject({ kind: 'past' });
  });
});

describe('Frames that are gone', () => {
  it('give their share to those that live, after ten seconds of them', () => {
    const buffer = new TfBuffer();
    for (let f = 0; f < 1000; f += 1) buffer.add(link('a', `seen ${f}`, 0, 0), false);
    const known = (from: number) => xOf(buffer, 'a', 'base', from);
    for (let at = 0; at <= 10_000; at += 10) buffer.add(link('a', 'base', at, at), false);
    expect(xOf(buffer, 'a', 'seen 0', 0)).toBe(0);
    expect(known(9000)).toMatchObject({ kind: 'past' });
    for (let at = 10_010; at <= 31_000; at += 10) buffer.add(link('a', 'base', at, at), false);
    expect(xOf(buffer, 'a', 'seen 0', 0)).toMatchObject({ kind: 'unknown' });
    expect(known(21_500)).toBe(21_500);
  });

  it('are not those that are told in their own time, or seldom', () => {
    const buffer = new TfBuffer();
    for (let at = 0; at <= 61_000; at += 100) {
      buffer.add(link('a', 'ahead', at, at + 3_600_000), false);
      buffer.add(link('a', 'behind', at, at), false);
      if (at % 9000 === 0) buffer.add(link('a', 'seldom', at, at), false);
    }
    expect(xOf(buffer, 'a', 'behind', 59_000)).toBe(59_000);
    expect(xOf(buffer, 'a', 'ahead', 3_659_000)).toBe(59_000);
    expect(xOf(buffer, 'a', 'seldom', 54_000)).toBe(54_000);
    // One stamp of the next hour is no time that went by.
    buffer.add(link('a', 'ahead', 1, 7_200_000), false);
    expect(xOf(buffer, 'a', 'seldom', 54_000)).toBe(54_000);
  });

  it('give way where there is no room for another one', () => {
    const full = () => {
      const buffer = new TfBuffer();
      buffer.add(link('a', 'old', 1, 0), false);
      for (let f = 1; f < tfLimits.frames; f += 1) buffer.add(link('a', `f${f}`, 1, 10_001), false);
      return buffer;
    };
    const moving = full();
    expect(moving.add(link('a', 'more', 1, 10_000), false)?.kind).toBe('frames');
    expect(moving.add(link('a', 'more', 1, 10_001), false)).toBeUndefined();
    expect(xOf(moving, 'a', 'old', 0)).toMatchObject({ kind: 'unknown' });
    expect(moving.add(link('a', 'again', 1, 10_001), false)?.kind).toBe('frames');
    // A static one has no time of its own.
    const fixed = full();
    expect(fixed.add(link('a', 'more', 1, 0), true)).toBeUndefined();
    expect(fixed.add(link('a', 'again', 1, 0), true)?.kind).toBe('frames');
  });
});

it('A stamp of the picture is looked up in nanoseconds, however late the century', () => {
  const buffer = new TfBuffer();
  const now = 1_800_000_000n * second;
  for (const [at, x] of [
    [0n, 0],
    [3n, 3],
  ] as const)
    buffer.add({ ...link('a', 'b', x, 0), stampNs: now + at }, false);
  expect(buffer.lookup('a', 'b', now + 1n)).toMatchObject({
    transform: { translation: { x: expect.closeTo(1, 12) } },
  });
});
