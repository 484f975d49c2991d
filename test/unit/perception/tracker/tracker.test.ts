import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../../../../src/perception/index.ts';
import { Tracker } from '../../../../src/perception/index.ts';

const ms = 1_000_000n;

function box(label: string, cx: number, cy: number, score = 0.9, w = 40, h = 60): Detection {
  return {
    classId: 0,
    label,
    score,
    box: { x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2 },
  };
}

/** Feeds scenes to a tracker; `at(t)` gives the detections at t seconds. Returns ids per frame, 0 for none. */
function play(
  tracker: Tracker,
  stamps: readonly number[],
  at: (seconds: number, frame: number) => Detection[],
  offsetNs = 1_000_000_000_000n,
): number[][] {
  return stamps.map((seconds, frame) =>
    tracker
      .update(at(seconds, frame), offsetNs + BigInt(Math.round(seconds * 1e9)))
      .map(({ trackId }) => trackId ?? 0),
  );
}

const steady = (frames: number, fps: number) => Array.from({ length: frames }, (_, i) => i / fps);

describe('Tracker', () => {
  it('gives an id to an object that is seen twice and keeps it', () => {
    const ids = play(new Tracker(), steady(20, 10), (t) => [box('car', 100 + 80 * t, 100)]);
    expect(ids[0]).toEqual([0]);
    expect(new Set(ids.slice(1).flat())).toEqual(new Set([1]));
  });

  it('gives no id to a flash of noise', () => {
    const tracker = new Tracker();
    const ids = play(tracker, steady(10, 10), (_, i) => (i === 4 ? [box('car', 300, 300)] : []));
    expect(ids.flat()).toEqual([0]);
    expect(tracker.size).toBe(0);
  });

  it('keeps two objects apart that pass through each other', () => {
    const ids = play(new Tracker(), steady(40, 20), (t) => [
      box('person', 100 + 150 * t, 200),
      box('person', 400 - 150 * t, 215),
    ]);
    const left = new Set(ids.slice(2).map((pair) => pair[0]));
    const right = new Set(ids.slice(2).map((pair) => pair[1]));
    expect(left.size).toBe(1);
    expect(right.size).toBe(1);
    expect([...left][0]).not.toBe([...right][0]);
  });

  it('finds an object again after it was hidden for less than the buffer, where it went on to', () => {
    const hidden = (t: number) => t > 1 && t < 1.7;
    const ids = play(new Tracker(), steady(60, 20), (t) => (hidden(t) ? [] : [box('car', 50 + 60 * t, 100)]));
    expect(new Set(ids.slice(1).flat())).toEqual(new Set([1]));
  });

  it('forgets an object by time and not by frames: the same gap at two frame rates', () => {
    for (const fps of [5, 50]) {
      const ids = play(new Tracker({ lostMs: 500 }), steady(4 * fps, fps), (t) =>
        t > 1 && t < 2.5 ? [] : [box('car', 100, 100)],
      );
      expect(new Set(ids.flat())).toEqual(new Set([0, 1, 2]));
    }
  });

  it('follows an object through weak detections but starts none from them', () => {
    const weak = play(new Tracker(), steady(20, 10), () => [box('car', 100, 100, 0.15)]);
    expect(weak.flat()).toEqual([]);
    const ids = play(new Tracker(), steady(20, 10), (t, i) => [
      box('car', 100 + 20 * t, 100, i > 5 && i < 12 ? 0.15 : 0.8),
    ]);
    expect(ids.slice(1)).toEqual(ids.slice(1).map(() => [1]));
  });

  it('does not mix classes, and matches them by name whatever their number is', () => {
    const tracker = new Tracker();
    const ids = play(tracker, steady(10, 10), (_, i) => [
      { ...box('car', 100, 100), classId: i < 5 ? 2 : 7 }, // another model numbers its classes otherwise
      box('truck', 102, 100),
    ]);
    expect(ids.slice(1)).toEqual(ids.slice(1).map(() => [1, 2]));
  });

  it('bears a frame rate that varies from 4 to 60 frames per second', () => {
    let t = 0;
    const stamps = Array.from({ length: 60 }, (_, i) => {
      t += [1 / 60, 1 / 15, 1 / 4, 1 / 30][i % 4]!;
      return t;
    });
    const ids = play(new Tracker(), stamps, (time) => [
      box('car', 50 + 60 * time, 100),
      box('car', 50 + 60 * time, 300),
    ]);
    expect(ids.slice(1)).toEqual(ids.slice(1).map(() => [1, 2]));
  });

  it('keeps its tracks when the clock of the camera is set back by an hour', () => {
    const stamps = steady(40, 10).map((t, i) => (i < 20 ? t : t - 3600));
    const ids = play(new Tracker(), stamps, (_, i) => [box('car', 100 + 5 * i, 100)], 10_000_000_000_000n);
    expect(ids.slice(1)).toEqual(ids.slice(1).map(() => [1]));
  });

  it('forgets lost objects also when the stamps stand still', () => {
    const tracker = new Tracker({ lostMs: 300 });
    for (let i = 0; i < 5; i++) tracker.update([box('car', 100, 100)], 5n * ms);
    expect(tracker.size).toBe(1);
    for (let i = 0; i < 12; i++) tracker.update([], 5n * ms);
    expect(tracker.size).toBe(0);
  });

  it('does not give an old id to what stands there after a long gap', () => {
    const ids = play(new Tracker(), [0, 0.1, 0.2, 600, 600.1], () => [box('car', 100, 100)]);
    expect(ids).toEqual([[0], [1], [1], [0], [2]]);
  });

  it('gives each id to at most one detection of a frame, never a second time, and keeps its class', () => {
    const detection = fc.record({
      label: fc.constantFrom('car', 'person'),
      x: fc.integer({ min: 0, max: 200 }),
      y: fc.integer({ min: 0, max: 200 }),
      score: fc.integer({ min: 0, max: 10 }).map((v) => v / 10),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(detection, { maxLength: 8 }), fc.integer({ min: -5000, max: 2000 })), {
          maxLength: 40,
        }),
        (frames) => {
          const tracker = new Tracker();
          const labels = new Map<number, string>();
          let stamp = 1_000_000n * ms;
          let highest = 0;
          for (const [scene, step] of frames) {
            stamp += BigInt(step) * ms;
            const input = scene.map(({ label, x, y, score }) => box(label, x, y, score));
            const output = tracker.update(input, stamp);
            const ids = output.flatMap(({ trackId }) => (trackId === undefined ? [] : [trackId]));
            expect(new Set(ids).size).toBe(ids.length);
            for (const { trackId, label, box: place, score } of output) {
              expect(input.some((one) => one.box === place && one.score === score)).toBe(true);
              if (trackId === undefined) {
                expect(score).toBeGreaterThanOrEqual(0.25);
                continue;
              }
              expect(labels.get(trackId) ?? label).toBe(label);
              // New ids only grow.
              if (!labels.has(trackId)) expect(trackId).toBeGreaterThan(highest);
              labels.set(trackId, label);
            }
            highest = Math.max(highest, ...ids);
            for (const one of input)
              if (one.score >= 0.25) expect(output.some(({ box: place }) => place === one.box)).toBe(true);
          }
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  });
});
