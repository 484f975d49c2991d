import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type StampedTransform, TfBuffer, type Transform } from '../../../../src/ros2/index.ts';

/* The tree of frames against plain 4 x 4 matrices: any tree, any two frames of it. */

type Matrix = readonly (readonly number[])[];

function matrixOf({ translation: t, rotation: { x, y, z, w } }: Transform): Matrix {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), t.x],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), t.y],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y), t.z],
    [0, 0, 0, 1],
  ];
}

function times(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    [0, 1, 2, 3].map((c) => row.reduce((sum, value, k) => sum + value * (b[k]?.[c] ?? 0), 0)),
  );
}

const place = fc.double({ min: -10, max: 10, noNaN: true });
const turn = fc
  .tuple(place, place, place, place)
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q) => {
    const [x = 0, y = 0, z = 0, w = 0] = q.map((value) => value / Math.hypot(...q));
    return { x, y, z, w };
  });
const transform = fc.record({ translation: fc.record({ x: place, y: place, z: place }), rotation: turn });
/** Frame i + 1 hangs on one before it. */
const trees = fc.array(fc.record({ on: fc.nat(), transform, moves: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

it('Any two frames of any tree: source and target to the root by matrices, and the same by the buffer', () => {
  fc.assert(
    fc.property(trees, fc.nat(), fc.nat(), (tree, from, to) => {
      const buffer = new TfBuffer();
      const toRoot: Matrix[] = [
        matrixOf({ translation: { x: 0, y: 0, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } }),
      ];
      for (const [i, { on, transform: told, moves }] of tree.entries()) {
        const parent = on % (i + 1);
        const link: StampedTransform = { ...told, stampNs: 5n, parent: `f${parent}`, child: `f${i + 1}` };
        expect(buffer.add(link, !moves)).toBeUndefined();
        toRoot.push(times(toRoot[parent]!, matrixOf(told)));
      }
      const [source, target] = [from % toRoot.length, to % toRoot.length];
      const found = buffer.lookup(`f${target}`, `f${source}`, 5n);
      if (!('transform' in found)) throw new Error('not found');
      // target to root, after source to target, is source to root.
      const there = times(toRoot[target]!, matrixOf(found.transform));
      for (const [r, row] of there.entries())
        for (const [c, value] of row.entries()) expect(value).toBeCloseTo(toRoot[source]![r]![c]!, 6);
    }),
  );
});

it('Between two stamps it goes by its share: there and back, and the rotation stays one', () => {
  fc.assert(
    fc.property(transform, transform, fc.integer({ min: 0, max: 1000 }), (a, b, at) => {
      const buffer = new TfBuffer();
      buffer.add({ ...a, stampNs: 0n, parent: 'a', child: 'b' }, false);
      buffer.add({ ...b, stampNs: 1000n, parent: 'a', child: 'b' }, false);
      const found = buffer.lookup('a', 'b', BigInt(at));
      if (!('transform' in found)) throw new Error('not found');
      const { translation, rotation: q } = found.transform;
      expect(translation.x).toBeCloseTo(
        a.translation.x + ((b.translation.x - a.translation.x) * at) / 1000,
        9,
      );
      expect(Math.hypot(q.x, q.y, q.z, q.w)).toBeCloseTo(1, 12);
      const cosine = (p: Transform['rotation']) => Math.abs(p.x * q.x + p.y * q.y + p.z * q.z + p.w * q.w);
      const whole = Math.acos(
        Math.min(
          1,
          Math.abs(
            a.rotation.x * b.rotation.x +
              a.rotation.y * b.rotation.y +
              a.rotation.z * b.rotation.z +
              a.rotation.w * b.rotation.w,
          ),
        ),
      );
      // Half the angle of a turn is the arc between two quaternions: the share of it that is gone.
      expect(cosine(a.rotation)).toBeCloseTo(Math.cos((whole * at) / 1000), 6);
      expect(cosine(b.rotation)).toBeCloseTo(Math.cos(whole * (1 - at / 1000)), 6);
    }),
  );
});
