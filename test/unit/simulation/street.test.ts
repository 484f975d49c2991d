import { describe, expect, it } from 'vitest';
import { createStreet, type StreetTruth, streetLabels } from '../../../src/simulation/index.ts';
import { difference } from './pictures.ts';

const size = { width: 320, height: 180 };
const moving = (truth: readonly StreetTruth[], parked: ReadonlySet<number>): StreetTruth[] =>
  truth.filter((t) => ['car', 'truck', 'pedestrian'].includes(t.label) && !parked.has(t.id));

describe('a simulated street', () => {
  it('gives the same pictures and truth for the same seed', () => {
    const [one, two] = [createStreet({ seed: 5, ...size }), createStreet({ seed: 5, ...size })];
    for (const timeS of [0, 0.4, 3.21]) {
      const a = one.render(timeS);
      const b = two.render(timeS);
      expect(Buffer.compare(a.pixels, b.pixels)).toBe(0);
      expect(a.truth).toEqual(b.truth);
    }
  });

  it('looks different for another seed', () => {
    const one = createStreet({ seed: 5, ...size }).render(1).pixels;
    const two = createStreet({ seed: 6, ...size }).render(1).pixels;
    expect(difference(one, two)).toBeGreaterThan(15);
  });

  it('starts again from its seed when time goes back', () => {
    const street = createStreet({ seed: 9, ...size });
    const first = street.render(0.5);
    const pixels = first.pixels.slice();
    street.render(20);
    const again = street.render(0.5);
    expect(again.truth).toEqual(first.truth);
    expect(Buffer.compare(again.pixels, pixels)).toBe(0);
  });

  it('paints into the buffer it is given', () => {
    const into = new Uint8Array(size.width * size.height * 3);
    expect(createStreet({ seed: 1, ...size }).render(0, into).pixels).toBe(into);
  });

  it('keeps every box inside the picture, with an area and a fraction from 0.3 to 1', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const street = createStreet({ seed, ...size });
      for (let i = 0; i < 8; i++)
        for (const { box, visibleFraction, label } of street.render(i * 2).truth) {
          expect(streetLabels).toContain(label);
          expect(box.x1).toBeGreaterThanOrEqual(0);
          expect(box.y1).toBeGreaterThanOrEqual(0);
          expect(box.x2).toBeLessThanOrEqual(size.width);
          expect(box.y2).toBeLessThanOrEqual(size.height);
          expect(box.x2 - box.x1).toBeGreaterThan(1);
          expect(box.y2 - box.y1).toBeGreaterThan(1);
          expect(visibleFraction).toBeGreaterThanOrEqual(0.3);
          expect(visibleFraction).toBeLessThanOrEqual(1);
        }
    }
  });

  it('shows every class somewhere', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 6; seed++)
      for (const { label } of createStreet({ seed, ...size }).render(5).truth) seen.add(label);
    expect([...seen].sort()).toEqual([...streetLabels].sort());
  });

  it('moves objects smoothly and keeps their ids and labels', () => {
    for (const seed of [4, 8]) {
      const street = createStreet({ seed, ...size });
      const labels = new Map<number, string>();
      let before = new Map<number, StreetTruth>();
      let matched = 0;
      let travelled = 0;
      for (let frame = 0; frame < 60; frame++) {
        const { truth } = street.render(frame / 15);
        const ids = truth.map((t) => t.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const now of truth) {
          expect(labels.get(now.id) ?? now.label).toBe(now.label);
          labels.set(now.id, now.label);
          const was = before.get(now.id);
          const whole = (t: StreetTruth): boolean =>
            t.visibleFraction > 0.97 &&
            t.box.x1 > 1 &&
            t.box.x2 < size.width - 1 &&
            t.box.y2 < size.height - 1;
          if (was === undefined || !whole(was) || !whole(now)) continue;
          const step = Math.hypot(
            (now.box.x1 + now.box.x2 - was.box.x1 - was.box.x2) / 2,
            now.box.y2 - was.box.y2,
          );
          // 14 m/s is 0.93 m per frame; within that, nearer things move farther over the picture.
          expect(step).toBeLessThan(3 + (0.93 * 1.2 * size.width) / now.distanceM);
          matched++;
          travelled += step;
        }
        before = new Map(truth.map((t) => [t.id, t]));
      }
      expect(matched).toBeGreaterThan(100);
      expect(travelled).toBeGreaterThan(50);
    }
  });

  it('is empty without traffic and full in rush hour', () => {
    const quiet = createStreet({ seed: 12, ...size, conditions: { traffic: 0 } });
    const busy = createStreet({ seed: 12, ...size, conditions: { traffic: 3 } });
    const parked = new Set(quiet.render(0).truth.map((t) => t.id));
    expect(moving(quiet.render(30).truth, parked)).toEqual([]);
    expect(moving(busy.render(30).truth, parked).length).toBeGreaterThan(6);
  });

  it('empties while it runs when traffic is turned off, and fills again', () => {
    const street = createStreet({ seed: 12, ...size });
    const still = new Set(
      createStreet({ seed: 12, ...size, conditions: { traffic: 0 } })
        .render(0)
        .truth.map((t) => t.id),
    );
    expect(moving(street.render(0).truth, still).length).toBeGreaterThan(0);
    street.setConditions({ traffic: 0 });
    expect(moving(street.render(180).truth, still)).toEqual([]);
    street.setConditions({ traffic: 2 });
    expect(moving(street.render(260).truth, still).length).toBeGreaterThan(0);
  });

  it('has frames that resemble their neighbours more than those half a minute away', () => {
    const street = createStreet({ seed: 3, ...size });
    const now = street.render(10).pixels.slice();
    const next = street.render(10.07).pixels.slice();
    const later = street.render(40).pixels.slice();
    expect(difference(now, next)).toBeLessThan(difference(now, later));
  });
});
