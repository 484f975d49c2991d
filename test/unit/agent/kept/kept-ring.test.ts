import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameEntry } from '../../../../src/agent/index.ts';
import { KeptRing } from '../../../../src/agent/kept/kept-ring.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

function entry(id: string, over: Partial<FrameEntry> = {}): FrameEntry {
  return { id, camera: 'front', timeMs: 0, reason: 'random', bytes: 100, ...over };
}

/** As hard frames are kept: those of alarms go last. */
const ringOf = (entries: readonly FrameEntry[]) => new KeptRing(entries, ({ reason }) => reason === 'alarm');

describe('The ring of what is kept', () => {
  it('gives ids that grow, also when the clock goes back and over a restart', () => {
    const ring = ringOf([]);
    const ids = [ring.newId(1_790_000_000_000), ring.newId(1_700_000_000_000), ring.newId(1_790_000_000_005)];
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
    const again = ringOf(ids.map((id) => entry(id)));
    expect(again.newId(0) > ids[2]!).toBe(true);
  });

  it('makes room from the oldest on, alarms last, and only among the frames of the camera', () => {
    const ring = ringOf([
      entry('1-0', { reason: 'alarm' }),
      entry('2-0', { camera: 'rear' }),
      entry('3-0'),
      entry('4-0'),
    ]);
    expect(ring.makeRoom('front', 100, { maxBytes: 400, days: 1 })).toEqual([]);
    expect(ring.makeRoom('front', 100, { maxBytes: 300, days: 1 })).toEqual(['3-0']);
    expect(ring.makeRoom('front', 300, { maxBytes: 300, days: 1 })).toEqual(['3-0', '4-0', '1-0']);
    expect(ring.makeRoom('front', 301, { maxBytes: 300, days: 1 })).toBeUndefined();
  });

  it('never holds more bytes of a camera than it may, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 80 }), (sizes) => {
        const ring = ringOf([]);
        for (const [i, bytes] of sizes.entries()) {
          const gone = ring.makeRoom('front', bytes, { maxBytes: 1000, days: 1 });
          for (const id of gone ?? []) ring.remove(id);
          if (gone !== undefined) ring.add(entry(ring.newId(i), { bytes }));
          expect(ring.of('front').bytes).toBeLessThanOrEqual(1000);
        }
      }),
    );
  });

  it('puts a picture from before an alarm in its place', () => {
    const ring = ringOf([entry('1-0'), entry('3-0')]);
    ring.add(entry('2-0'));
    expect(ring.page(undefined, undefined, 9).entries.map(({ id }) => id)).toEqual(['1-0', '2-0', '3-0']);
  });

  it('is read page by page', () => {
    const ring = ringOf(['1-0', '2-0', '3-0'].map((id) => entry(id)));
    expect(ring.page('front', undefined, 2)).toMatchObject({
      entries: [{ id: '1-0' }, { id: '2-0' }],
      more: true,
    });
    expect(ring.page('front', '2-0', 2)).toMatchObject({ entries: [{ id: '3-0' }], more: false });
    expect(ring.page('rear', undefined, 2)).toEqual({ entries: [], more: false });
  });

  it('drops old entries only after two looks an hour apart, so that a clock that jumps drops none', () => {
    const ring = ringOf([entry('1-0', { timeMs: 0 })]);
    expect(ring.outlived(40 * dayMs, 0, () => 30)).toEqual([]);
    expect(ring.outlived(40 * dayMs, 1000, () => 30)).toEqual([]);
    expect(ring.outlived(40 * dayMs, hourMs, () => 30)).toEqual(['1-0']);
    const jumped = ringOf([entry('1-0', { timeMs: 0 })]);
    expect(jumped.outlived(4000 * dayMs, 0, () => 30)).toEqual([]);
    expect(jumped.outlived(dayMs, hourMs, () => 30)).toEqual([]);
    expect(jumped.outlived(4000 * dayMs, 2 * hourMs, () => 30)).toEqual([]);
  });
});
