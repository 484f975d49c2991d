import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultReid } from '../../../../src/perception/graph/node-settings.ts';
import type { Detection } from '../../../../src/perception/index.ts';
import { IdentityGallery, type Look, type Looks, Tracker } from '../../../../src/perception/tracker/index.ts';

const settings = defaultReid;

function person(x: number, y = 100): Detection {
  return { classId: 0, label: 'person', score: 0.9, box: { x1: x, y1: y, x2: x + 40, y2: y + 100 } };
}

/** Looks of different persons are at right angles; `noise` turns one a little. */
function look(who: number, noise = 0, model = 'm'): Look {
  const values = new Float32Array(8);
  values[who] = 1;
  values[(who + 1) % 8] = noise;
  return { values, model };
}

type Seen = readonly (readonly [Detection, Look | undefined])[];

/** Ids and identities of each frame. */
function play(tracker: Tracker, frames: readonly Seen[], looks = true, startNs = 0n) {
  return frames.map((seen, i) => {
    const of = new Map(seen.flatMap(([found, its]) => (its === undefined ? [] : [[found, its] as const])));
    const stamp = startNs + BigInt(i) * 100_000_000n;
    const given: Looks | undefined = looks ? { settings, of } : undefined;
    return tracker.update(
      seen.map(([found]) => found),
      stamp,
      given,
    );
  });
}

const ids = (frames: ReturnType<typeof play>) =>
  frames.map((found) => found.map(({ trackId }) => trackId ?? 0));

describe('A tracker that sees how things look', () => {
  const gone: Seen[] = Array.from({ length: 25 }, () => []);

  it('finds who was away for longer than tracks are kept, wherever he comes back', () => {
    const before: Seen[] = [0, 1, 2].map((i) => [[person(100 + i), look(1)]]);
    const after: Seen[] = [0, 1].map((i) => [[person(500 + i), look(1, 0.2)]]);
    expect(ids(play(new Tracker(), [...before, ...gone, ...after])).slice(-2)).toEqual([[1], [1]]);
    expect(ids(play(new Tracker(), [...before, ...gone, ...after], false)).slice(-2)).toEqual([[0], [2]]);
  });

  it.each([
    ['somebody else', look(3)],
    ['what another model says', look(1, 0, 'other')],
    ['somebody without a look', undefined],
  ])('takes %s for new', (_, other) => {
    const before: Seen[] = [0, 1, 2].map((i) => [[person(100 + i), look(1)]]);
    const after: Seen[] = [0, 1].map((i) => [[person(100 + i), other]]);
    expect(ids(play(new Tracker(), [...before, ...gone, ...after])).at(-1)).toEqual([2]);
  });

  it('forgets who is gone for too long', () => {
    const before: Seen[] = [0, 1, 2].map((i) => [[person(100 + i), look(1)]]);
    const long: Seen[] = Array.from({ length: 10 * (settings.keepSeconds + 1) }, () => []);
    const after: Seen[] = [0, 1].map((i) => [[person(100 + i), look(1)]]);
    expect(ids(play(new Tracker(), [...before, ...long, ...after])).at(-1)).toEqual([2]);
  });

  it('keeps two apart who change places between two frames, as overlap alone does not', () => {
    const frames = (looks: boolean) => {
      const at = (a: number, b: number): Seen => [
        [person(a), look(1)],
        [person(b), look(2)],
      ];
      return ids(play(new Tracker(), [at(100, 116), at(100, 116), at(100, 116), at(116, 100)], looks)).at(-1);
    };
    expect(frames(true)).toEqual([1, 2]);
    expect(frames(false)).toEqual([2, 1]);
  });

  it('does not learn the looks of one who is hidden by another', () => {
    // He walks behind the other one, whose clothes are then in his box.
    const walk: Seen[] = [100, 110, 120, 130, 140, 150, 155, 160].map((x) => [
      [person(x), look(x < 150 ? 1 : 2)],
      [person(170), look(2)],
    ]);
    const after: Seen[] = [0, 1].map((i) => [[person(600 + i), look(1)]]);
    const seen = ids(play(new Tracker(), [...walk, ...gone, ...after]));
    expect(seen.at(-1)).toEqual([seen[2]![0]]);
  });

  it('gives no id and no identity twice in a frame, and each to one label, whatever comes', () => {
    const frame = fc.array(
      fc.record({
        x: fc.integer({ min: 0, max: 400 }),
        who: fc.integer({ min: 0, max: 5 }),
        noise: fc.double({ min: 0, max: 2, noNaN: true }),
        label: fc.constantFrom('person', 'car'),
        kind: fc.constantFrom('look', 'look', 'look', 'none', 'zero', 'nan', 'other'),
        score: fc.constantFrom(0.9, 0.5, 0.15),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(frame, fc.integer({ min: 0, max: 4000 })), { maxLength: 25 }), (run) => {
        const gallery = new IdentityGallery();
        const trackers = [new Tracker({}, gallery), new Tracker({}, gallery)];
        const labels = new Map<string, string>();
        let stamp = 0n;
        for (const [i, [seen, pause]] of run.entries()) {
          stamp += BigInt(pause) * 1_000_000n;
          const found = seen.map(
            (one): Detection => ({ ...person(one.x), label: one.label, score: one.score }),
          );
          const of = new Map(
            seen.flatMap(({ kind, who, noise }, at) => {
              if (kind === 'none') return [];
              const own = look(who, noise, kind === 'other' ? 'n' : 'm');
              if (kind === 'zero') own.values.fill(0);
              if (kind === 'nan') own.values[0] = Number.NaN;
              return [[found[at]!, own] as const];
            }),
          );
          const tracked = trackers[i % 2]!.update(found, stamp, { settings, of });
          for (const key of ['trackId', 'identity'] as const) {
            const given = tracked.flatMap((one) => one[key] ?? []);
            expect(new Set(given).size).toBe(given.length);
          }
          for (const { trackId, label } of tracked) {
            if (trackId === undefined) continue;
            const name = `${i % 2}/${trackId}`;
            expect(labels.get(name) ?? label).toBe(label);
            labels.set(name, label);
          }
        }
      }),
      { numRuns: 300, seed: 97 },
    );
  });

  it('says the same without looks as before there were any', () => {
    const frames: Seen[] = Array.from({ length: 30 }, (_, i) => [
      [person(100 + 9 * i), undefined],
      [person(500 - 9 * i, 130), undefined],
    ]);
    expect(ids(play(new Tracker(), frames, true))).toEqual(ids(play(new Tracker(), frames, false)));
  });
});

describe('Identities over the cameras of a device', () => {
  const walk = (x: number, who: number): Seen[] =>
    [0, 1, 2].map((i) => [[person(x + i), look(who, 0.1 * i)]]);

  it('are the same where two cameras see the same, at the same time or later', () => {
    const gallery = new IdentityGallery();
    const [front, back] = [new Tracker({}, gallery), new Tracker({}, gallery)];
    const identity = (frames: ReturnType<typeof play>) => frames.at(-1)?.map((found) => found.identity);
    expect(identity(play(front, walk(100, 1)))).toEqual([1]);
    expect(identity(play(back, walk(300, 2), true, 5_000_000_000n))).toEqual([2]);
    expect(identity(play(back, walk(20, 1), true, 9_000_000_000n))).toEqual([1]);
    expect(identity(play(front, walk(400, 2), true, 12_000_000_000n))).toEqual([2]);
  });

  it('are forgotten after their time, the one seen longest ago first where there are too many', () => {
    const gallery = new IdentityGallery();
    const first = gallery.identify(look(1), 0n, settings, new Set());
    expect(gallery.identify(look(1), 29_000_000_000n, settings, new Set())).toBe(first);
    expect(gallery.identify(look(1), 60_000_000_000n, settings, new Set())).not.toBe(first);
    for (let i = 0; i < 3000; i++)
      gallery.identify(
        look(1),
        60_000_000_000n,
        settings,
        new Set(Array.from({ length: i + 3 }, (_, k) => k)),
      );
    expect(gallery.size).toBe(2000);
  });

  it('are new where two known ones are equally near', () => {
    const gallery = new IdentityGallery();
    const near = { maxDistance: 0.6, keepSeconds: 30 };
    const [a, b] = [
      gallery.identify(look(1), 0n, settings, new Set()),
      gallery.identify(look(2), 0n, settings, new Set()),
    ];
    const between = { values: Float32Array.of(0, 1, 1, 0, 0, 0, 0, 0), model: 'm' };
    expect([a, b]).not.toContain(gallery.identify(between, 0n, near, new Set()));
  });
});
