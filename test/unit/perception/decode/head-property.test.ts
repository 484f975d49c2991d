import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { type Head, problemOfHead, rowsOfStride, tensorsOf } from '../../../../src/model/index.ts';
import { Candidates, HeadDecoder } from '../../../../src/perception/decode/index.ts';
import type { OutputTensor } from '../../../../src/perception/index.ts';

const index = fc.integer({ min: 0, max: 6 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const activation = fc.constantFrom('sigmoid' as const, 'tanh' as const, 'exp' as const);
const unit = fc.constantFrom('pixels' as const, 'fraction' as const, 'cells' as const, 'anchor' as const);
const transform = fc.record(
  { gain: fc.double(), activation, scale: fc.double(), bias: fc.double(), power: fc.constantFrom(0.5, 2) },
  { requiredKeys: [] },
);
const where = fc.record({ output: fc.integer({ min: 0, max: 3 }), at: index });

const heads: fc.Arbitrary<Head> = fc
  .record({
    outputs: fc.array(
      fc.record({
        tensors: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 }),
        axis: fc.constantFrom('last' as const, 'first' as const, 'none' as const),
        values: fc.integer({ min: 1, max: 9 }),
        unbatched: optional(fc.boolean()),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    boxes: optional(
      fc.record({
        ...{ output: fc.integer({ min: 0, max: 3 }), at: index, unit },
        format: fc.constantFrom('cxcywh' as const, 'xyxy' as const, 'yxyx' as const, 'ltrb' as const),
        ...{ sizeUnit: optional(unit), relative: optional(fc.boolean()) },
        bins: optional(fc.integer({ min: 2, max: 3 })),
        ...{ centre: optional(transform), size: optional(transform) },
      }),
    ),
    scores: fc.record({
      ...{ output: fc.integer({ min: 0, max: 3 }), at: index },
      activation: optional(fc.constantFrom('sigmoid' as const, 'softmax' as const)),
      background: optional(fc.constantFrom('before' as const, 'after' as const)),
      power: optional(fc.constantFrom(0.5, 2)),
    }),
    objectness: optional(where),
    classes: optional(fc.record({ ...{ output: index, at: index }, first: optional(index) })),
    count: optional(fc.record({ output: index })),
    grid: optional(
      fc.record({
        strides: fc.array(fc.constantFrom(8, 16, 64), { minLength: 1, maxLength: 3 }),
        offset: optional(fc.constantFrom(0, 0.5)),
        anchors: optional(
          fc.array(fc.array(fc.constant<[number, number]>([8, 16]), { minLength: 1, maxLength: 2 }), {
            maxLength: 3,
          }),
        ),
        order: optional(fc.constantFrom('cells' as const, 'anchors' as const)),
      }),
    ),
    final: optional(fc.boolean()),
  })
  .map(withoutUndefined);

/** What a network might give for such a head: mostly of the right shape, sometimes of any. */
const sizes = fc.record({ width: fc.constantFrom(8, 16, 20), height: fc.constantFrom(8, 24) });
const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
const wrong = fc.record({
  ...{ tensor: fc.integer({ min: 0, max: 20 }), dims: shapes },
  how: fc.constantFrom('missing' as const, 'shape' as const, 'short' as const),
});

describe('HeadDecoder, for any head and any outputs,', () => {
  it('never reads beyond a tensor, and throws only InputErrors', () => {
    const seen = { read: 0, refused: 0, boxes: 0 };
    fc.assert(
      fc.property(
        heads,
        sizes,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.option(wrong, { nil: undefined, freq: 2 }),
        fc.boolean(),
        fc.integer({ min: 1 }),
        (random, size, classes, rows, broken, multiLabel, seed) => {
          // Every other head is made right in itself: random ones point beyond their outputs nearly always.
          const head = seed % 2 === 0 ? random : mended(random, classes);
          const outputs = outputsOf(head, size, rows, seed);
          if (broken !== undefined) damage(outputs, broken);
          const into = new Candidates();
          try {
            const decoder = new HeadDecoder(head, size, classes);
            seen.boxes += decoder.run(outputs, { scoreThreshold: 0.3, multiLabel }, into);
            seen.read += 1;
            expect(problemOfHead(head, classes)).toBeUndefined();
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            seen.refused += 1;
          }
          for (let i = 0; i < into.count; i++) {
            expect(into.classes[i]).toBeGreaterThanOrEqual(0);
            expect(into.classes[i]).toBeLessThan(classes);
            expect(Number.isFinite(into.scores[i])).toBe(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
    // Else the property would say little.
    expect(seen.read).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.boxes).toBeGreaterThan(100);
  });
});

/** The same head with what it reads inside of its outputs, or one value beyond them. */
function mended(head: Head, classes: number): Head {
  const count = head.outputs.length;
  const own = head.scores!;
  const background = own.activation === 'softmax' ? own.background : undefined;
  const bins = head.boxes?.bins;
  const values = Math.max(classes + 1, 4 * (bins ?? 1)) + 1;
  const reader = <T extends { output: number; at?: number }>(of: T, width: number, least = 0): T => ({
    ...of,
    output: of.output % count,
    at: least + ((of.at ?? 0) % (values - width - least + 2)),
  });
  const found = head.boxes ?? { output: 0, at: 0, format: 'xyxy' as const, unit: 'pixels' as const };
  const inPixels = { output: found.output, at: found.at, format: 'xyxy' as const, unit: 'pixels' as const };
  const boxes =
    head.grid === undefined
      ? head.boxes && reader({ ...inPixels, bins }, 4 * (bins ?? 1))
      : reader(found, 4 * (bins ?? 1));
  const namesClasses = background === undefined && head.classes !== undefined;
  const strides = head.grid?.strides ?? [];
  const scores = reader(
    { ...own, background },
    namesClasses ? 1 : classes + (background === 'after' ? 1 : 0),
    background === 'before' ? 1 : 0,
  );
  return withoutUndefined({
    ...head,
    ...{ boxes, scores, count: undefined },
    objectness: head.objectness && reader(head.objectness, 1),
    classes: namesClasses ? reader(head.classes!, 1) : undefined,
    grid: head.grid && { ...head.grid, anchors: strides.map((stride) => [[stride, stride]]) },
    outputs: head.outputs.map(({ axis, tensors, unbatched }, at) => ({
      ...{ unbatched, values },
      axis: axis === 'none' ? 'last' : axis,
      // A name for each output, so that shapes agree.
      tensors: tensors.length === strides.length ? strides.map((_, level) => `t${at}-${level}`) : [`t${at}`],
    })),
  });
}

/** Of the shape that the head asks for; any other read of their values throws. */
function outputsOf(head: Head, size: { width: number; height: number }, rows: number, seed: number) {
  let state = seed | 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  const { grid } = head;
  const levels = grid?.strides.map((_, level) => {
    const { anchors } = grid;
    if (anchors !== undefined && anchors[level] === undefined) return 1;
    return rowsOfStride(grid, level, size);
  });
  const all = levels?.reduce((sum, count) => sum + count, 0) ?? (head.boxes === undefined ? 1 : rows);
  return tensorsOf(head).map((name): OutputTensor => {
    const output = head.outputs.find(({ tensors }) => tensors.includes(name))!;
    const level = output.tensors.length > 1 ? output.tensors.indexOf(name) : undefined;
    const count = level === undefined ? all : (levels?.[level] ?? all);
    const { axis, values, unbatched } = output;
    const own = axis === 'none' ? [count] : axis === 'last' ? [count, values] : [values, count];
    const dims = unbatched === true ? own : [1, ...own];
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () =>
      random() < 0.02 ? Number.NaN : random() < 0.02 ? 1e30 : random() * 8 - 2,
    );
    return { name, dims, data: guarded(data) };
  });
}

function damage(
  outputs: OutputTensor[],
  { tensor, dims, how }: { tensor: number; dims: readonly number[]; how: 'missing' | 'shape' | 'short' },
): void {
  const at = tensor % outputs.length;
  const { data } = outputs[at]!;
  if (how === 'missing') outputs.splice(at, 1);
  else if (how === 'shape') outputs[at] = { ...outputs[at]!, dims };
  else outputs[at] = { ...outputs[at]!, data: guarded(Float32Array.from(data).slice(1)) };
}

/** Throws what is no InputError where an index is beyond it: a typed array would give undefined. */
function guarded(data: Float32Array): Float32Array {
  return new Proxy(data, {
    get(target, key) {
      if (typeof key === 'string' && /^-?[\d.]+$|^NaN$/.test(key) && !(key in target))
        throw new RangeError(`${key} of ${target.length}`);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function withoutUndefined(value: object): Head {
  const keep = (item: unknown): unknown =>
    Array.isArray(item)
      ? item.map(keep)
      : item !== null && typeof item === 'object'
        ? Object.fromEntries(
            Object.entries(item).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, keep(inner)]])),
          )
        : item;
  return keep(value) as Head;
}
