import fc from 'fast-check';
import type { Head, HeadBoxes, HeadOutput, Transform } from '../../../src/model/index.ts';
import { rowsOfStride } from '../../../src/model/index.ts';
import type { OutputTensor } from '../../../src/perception/index.ts';

/* Heads of every form that the record can have, each with outputs that fit it: both interpreters must read them alike. */

export interface HeadCase {
  readonly head: Head;
  readonly classes: number;
  readonly outputs: readonly OutputTensor[];
}

type Gen = fc.GeneratorValue;
type Size = { readonly width: number; readonly height: number };

/** What an output has at some place of a row. */
type Role = 'boxes' | 'scores' | 'objectness' | 'classes' | 'points' | 'angle';

interface Placed {
  readonly role: Role;
  readonly output: number;
  readonly at: number;
  readonly width: number;
}

const between = (g: Gen, min: number, max: number): number => g(fc.integer, { min, max });
const chance = (g: Gen): boolean => g(fc.boolean);
const oneOf = <T>(g: Gen, ...values: readonly T[]): T => values[between(g, 0, values.length - 1)]!;
const maybe = <T>(g: Gen, ...values: readonly T[]): T | undefined =>
  chance(g) ? oneOf(g, ...values) : undefined;
/** Without the fields that are not there. */
const only = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

export function headCase(g: Gen, input: Size): HeadCase {
  const classes = between(g, 1, 6);
  const grid = chance(g) ? gridOf(g) : undefined;
  const boxes = between(g, 0, 5) > 0 ? boxesOf(g, grid !== undefined) : undefined;
  const named = boxes !== undefined && chance(g);
  const points = boxes !== undefined && chance(g) ? pointsOf(g, grid !== undefined) : undefined;
  const activation = oneOf(g, undefined, 'sigmoid' as const, 'softmax' as const);
  const background =
    !named && activation === 'softmax' ? maybe(g, 'before' as const, 'after' as const) : undefined;
  const widths: [Role, number][] = [
    ['scores', (named ? 1 : classes) + (background === undefined ? 0 : 1)],
    ...(boxes === undefined ? [] : [['boxes', 4 * (boxes.bins ?? 1)] as [Role, number]]),
    ...(chance(g) ? [['objectness', 1] as [Role, number]] : []),
    ...(named ? [['classes', 1] as [Role, number]] : []),
    ...(points === undefined ? [] : [['points', points.count * points.values] as [Role, number]]),
    ...(boxes?.format === 'cxcywh' && chance(g) ? [['angle', 1] as [Role, number]] : []),
  ];
  // Rows that no box tells apart are one.
  const many = grid === undefined || (boxes === undefined && !named) ? undefined : grid;
  const { outputs, placed } = placesOf(g, widths, many?.strides.length ?? 1);
  const place = (role: Role) => placed.find((each) => each.role === role);
  const at = (role: Role) => only({ output: place(role)?.output ?? 0, at: place(role)?.at ?? 0 });
  const counted = named && chance(g);
  const scores = at('scores');
  const masked = boxes !== undefined && chance(g);
  const last: HeadOutput[] = [
    ...(counted ? [{ tensors: ['count'], axis: 'none' as const, values: 1 }] : []),
    ...(masked ? [{ tensors: ['prototypes'], axis: 'first' as const, values: between(g, 1, 4) }] : []),
  ];
  const head: Head = only({
    outputs: [...outputs, ...last],
    boxes: boxes === undefined ? undefined : { ...boxes, ...at('boxes') },
    scores: only({
      ...scores,
      at: scores.at + (background === 'before' ? 1 : 0),
      ...{ activation, background, power: maybe(g, 0.4, 1, 2) },
    }),
    objectness:
      place('objectness') &&
      only({ ...at('objectness'), activation: maybe(g, 'sigmoid' as const), power: maybe(g, 0.6, 2) }),
    classes: place('classes') && only({ ...at('classes'), first: maybe(g, 0, 1) }),
    count: counted ? { output: outputs.length } : undefined,
    angle: place('angle') && at('angle'),
    keypoints: points === undefined ? undefined : { ...points, ...at('points') },
    // Their values are those of the boxes: any will do.
    masks: masked ? { ...at('boxes'), prototypes: outputs.length + last.length - 1 } : undefined,
    grid: many,
    final: maybe(g, true, false),
  });
  const all = many?.strides.map((_, level) => rowsOfStride(many, level, input));
  const rows =
    all?.reduce((sum, count) => sum + count, 0) ?? (boxes === undefined && !named ? 1 : between(g, 1, 900));
  return { head, classes, outputs: tensorsFor(g, head, classes, placed, rows, all) };
}

/** A map of whole lines, with classes that only its places between the samples have, and now and then values that are no numbers. */
export function mapCase(g: Gen): HeadCase {
  const classes = between(g, 1, 12);
  const named = chance(g);
  const [lines, columns] = [between(g, 1, 90), between(g, 1, 90)];
  const axis = named || classes === 1 ? oneOf(g, 'none', 'last', 'first') : oneOf(g, 'last', 'first');
  // With values before and behind that nobody reads.
  const at = axis === 'none' ? 0 : between(g, 0, 1);
  const values = axis === 'none' ? 1 : at + (named ? 1 : classes) + between(g, 0, 1);
  const unbatched = chance(g) ? { unbatched: true } : {};
  const output: HeadOutput = { tensors: ['map'], axis, values, ...unbatched };
  const head: Head = only({
    outputs: [output],
    scores: only({ output: 0, at, activation: maybe(g, 'sigmoid' as const, 'softmax' as const) }),
    classes: named ? only({ output: 0, at, first: maybe(g, 0, 1) }) : undefined,
    map: true as const,
  });
  const dims = [
    ...(unbatched.unbatched ? [] : [1]),
    // As PaddleSeg writes it.
    ...(axis === 'none' && unbatched.unbatched !== true && chance(g) ? [1] : []),
    ...(axis === 'first' ? [values] : []),
    ...[lines, columns],
    ...(axis === 'last' ? [values] : []),
  ];
  const random = seeded(g(fc.integer));
  const sick = chance(g) ? 0.02 : 0;
  const coarse = chance(g);
  // Two classes have nearly all places.
  const favoured = (k: number) => (k < 2 ? 3 : 0);
  const places = lines * columns;
  const data = new Float32Array(places * values);
  for (let row = 0; row < places; row++)
    for (let k = 0; k < values; k++) {
      let value = named
        ? Math.floor(random() * (random() < 0.9 ? 2 : classes + 1.2)) + (head.classes?.first ?? 0)
        : random() * 6 - 3 + favoured(k - at);
      if (coarse) value = Math.round(value * 8) / 8;
      if (random() < sick)
        value = oneOfWith(random, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38);
      data[axis === 'first' ? k * places + row : row * values + k] = value;
    }
  return { head, classes, outputs: [{ name: 'map', dims, data }] };
}

/** The points of one figure, as rows along both axes or by themselves. */
export function figureCase(g: Gen): HeadCase {
  const random = seeded(g(fc.integer));
  const count = between(g, 1, 6);
  const sick = between(g, 0, 3) === 0;
  const tensor = (name: string, dims: readonly number[]): OutputTensor => ({
    ...{ name, dims },
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () =>
      sick && random() < 0.1 ? oneOfWith(random, Number.NaN, Number.POSITIVE_INFINITY) : random() * 1.1,
    ),
  });
  if (chance(g)) {
    const [width, height] = [between(g, 2, 400), between(g, 2, 300)];
    const output = (name: string, values: number): HeadOutput => ({ tensors: [name], axis: 'last', values });
    return {
      head: { outputs: [output('x', width), output('y', height)], simcc: { x: 0, y: 1 } },
      ...{ classes: 1, outputs: [tensor('x', [1, count, width]), tensor('y', [1, count, height])] },
    };
  }
  const at = between(g, 0, 2);
  const values = at + 3 * count + between(g, 0, 1);
  const head: Head = {
    outputs: [{ tensors: ['points'], axis: 'all', values }],
    keypoints: only({
      ...{ output: 0, at, count, values: 3 as const },
      ...{
        unit: oneOf(g, 'pixels' as const, 'fraction' as const),
        order: maybe(g, 'xy' as const, 'yx' as const),
      },
    }),
  };
  return {
    head,
    classes: 1,
    outputs: [tensor('points', oneOf(g, [1, 1, values], [1, values], [1, values, 1]))],
  };
}

/** Depths of the places of a map. */
export function depthCase(g: Gen): HeadCase {
  const { head, outputs } = mapCase(g);
  const [{ axis, values, ...output }] = head.outputs as [HeadOutput];
  const value = maybe<Transform>(
    g,
    { scale: 9.99, bias: 0.01 },
    { activation: 'sigmoid' },
    { activation: 'exp', gain: 0.5 },
  );
  return {
    head: {
      outputs: [{ ...output, axis, values }],
      map: true,
      depth: only({
        ...{ output: 0, at: between(g, 0, values - 1) },
        ...{ gives: oneOf(g, 'metres' as const, 'disparity' as const), value },
      }),
    },
    ...{ classes: 1, outputs },
  };
}

/** The vector of a picture, with values around it that nobody reads. */
export function vectorCase(g: Gen): HeadCase {
  const random = seeded(g(fc.integer));
  const length = between(g, 2, 600);
  const at = between(g, 0, 3);
  const values = at + length + between(g, 0, 2);
  const kind = oneOf(g, 'usual', 'usual', 'usual', 'zero', 'sick');
  const data = Float32Array.from({ length: values }, () => {
    if (kind === 'zero') return 0;
    return kind === 'sick' && random() < 0.01 ? Number.NaN : (random() - 0.5) * 40;
  });
  return {
    head: {
      outputs: [{ tensors: ['v'], axis: 'all', values }],
      vector: only({ output: 0, at, length, normalise: maybe(g, 'l2' as const) }),
    },
    ...{ classes: 1, outputs: [{ name: 'v', dims: oneOf(g, [1, values], [1, values, 1, 1]), data }] },
  };
}

/** Steps along a line, some of them blank, some twice the same, now and then no numbers. */
export function textCase(g: Gen): HeadCase {
  const random = seeded(g(fc.integer));
  const classes = between(g, 1, 90);
  const steps = between(g, 1, 60);
  const at = between(g, 0, 1);
  const values = at + classes + 1 + between(g, 0, 1);
  const activation = maybe(g, 'softmax' as const);
  const sick = between(g, 0, 3) === 0;
  const data = new Float32Array(steps * values);
  let last = 0;
  for (let step = 0; step < steps; step++) {
    if (random() < 0.7) last = Math.floor(random() * (classes + 1));
    for (let k = 0; k < values; k++) {
      let value = activation === undefined ? random() * 0.1 : random() * 2;
      if (k - at === last) value += activation === undefined ? 0.2 + 0.7 * random() : 4;
      if (sick && random() < 0.003) value = oneOfWith(random, Number.NaN, Number.POSITIVE_INFINITY);
      data[step * values + k] = value;
    }
  }
  return {
    head: {
      outputs: [{ tensors: ['t'], axis: 'last', values }],
      text: only({ output: 0, at, blank: oneOf(g, 'first' as const, 'last' as const), activation }),
    },
    ...{ classes, outputs: [{ name: 't', dims: [1, steps, values], data }] },
  };
}

/** A map of the input's size with bars that lie in any direction, and noise. */
export function regionsCase(g: Gen, { width, height }: Size): HeadCase {
  const random = seeded(g(fc.integer));
  const axis = oneOf(g, 'none' as const, 'first' as const, 'last' as const);
  const values = axis === 'none' ? 1 : 2;
  const at = axis === 'none' ? 0 : between(g, 0, 1);
  const noise = oneOf(g, 0, 0.02, 0.3);
  const map = Float64Array.from({ length: width * height }, () =>
    random() < noise ? random() : 0.05 * random(),
  );
  for (let bar = between(g, 0, 8); bar > 0; bar--) {
    const [cx, cy, angle] = [random() * width, random() * height, random() * Math.PI];
    const [long, high] = [2 + random() * 20, 1 + random() * 6];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [x - cx, y - cy];
        const u = Math.abs(dx * Math.cos(angle) + dy * Math.sin(angle));
        const v = Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle));
        if (u < long && v < high) map[y * width + x] = 0.4 + 0.6 * random();
      }
  }
  if (between(g, 0, 4) === 0) map[between(g, 0, map.length - 1)] = Number.NaN;
  const data = new Float32Array(map.length * values);
  for (const [place, value] of map.entries())
    data[axis === 'first' ? at * map.length + place : place * values + at] = value;
  const dims = [1, ...(axis === 'last' ? [] : [values]), height, width, ...(axis === 'last' ? [values] : [])];
  return {
    head: {
      outputs: [{ tensors: ['m'], axis, values }],
      regions: { output: 0, at, threshold: 0.3, grow: oneOf(g, 0, 1.5, 2) },
    },
    ...{ classes: 1, outputs: [{ name: 'm', dims, data }] },
  };
}

const oneOfWith = <T>(random: () => number, ...values: readonly T[]): T =>
  values[Math.floor(random() * values.length)]!;

function gridOf(g: Gen): NonNullable<Head['grid']> {
  const strides = oneOf(g, [8, 16, 32], [16], [32, 8], [8, 16, 32, 64], [200]);
  const anchors = chance(g)
    ? strides.map(() =>
        Array.from({ length: between(g, 1, 3) }, (): [number, number] => [
          between(g, 4, 40),
          between(g, 4, 40),
        ]),
      )
    : undefined;
  return only({
    strides,
    ...{ offset: maybe(g, 0, 0.5), anchors, order: maybe(g, 'cells' as const, 'anchors' as const) },
  });
}

function boxesOf(g: Gen, grid: boolean): Omit<HeadBoxes, 'output' | 'at'> {
  const unit = () =>
    oneOf(g, 'pixels' as const, 'fraction' as const, ...(grid ? (['cells', 'anchor'] as const) : []));
  const transform = (): Transform | undefined =>
    chance(g)
      ? only({
          gain: maybe(g, 0.5, 2),
          activation: maybe(g, 'sigmoid' as const, 'tanh' as const, 'exp' as const),
          ...{ scale: maybe(g, 2, 0.2), bias: maybe(g, -0.5, 0.1), power: maybe(g, 1, 2) },
        })
      : undefined;
  return only({
    format: oneOf(
      g,
      'cxcywh' as const,
      'xyxy' as const,
      'yxyx' as const,
      ...(grid ? (['ltrb'] as const) : []),
    ),
    ...{ unit: unit(), sizeUnit: chance(g) ? unit() : undefined },
    relative: grid && chance(g) ? true : undefined,
    bins: chance(g) ? between(g, 2, 8) : undefined,
    ...{ centre: transform(), size: transform() },
  });
}

function pointsOf(g: Gen, grid: boolean): Omit<NonNullable<Head['keypoints']>, 'output' | 'at'> {
  return only({
    ...{ count: between(g, 1, 4), values: oneOf(g, 2 as const, 3 as const) },
    unit: oneOf(g, 'pixels' as const, 'fraction' as const, ...(grid ? (['cells', 'anchor'] as const) : [])),
    relative: grid && chance(g) ? true : undefined,
    order: maybe(g, 'xy' as const, 'yx' as const),
  });
}

/** Spreads the roles over up to three outputs, with values between them that nobody reads. */
function placesOf(g: Gen, widths: readonly [Role, number][], levels: number) {
  const used: number[] = [0, 0, 0];
  const kept = between(g, 1, 3);
  const placed = widths.map(([role, width]): Placed => {
    const output = between(g, 0, kept - 1);
    const at = used[output]! + (between(g, 0, 3) === 0 ? 1 : 0);
    used[output] = at + width;
    return { role, output, at, width };
  });
  const indexes = used.flatMap((values, index) => (values === 0 ? [] : [index]));
  const outputs = indexes.map((index): HeadOutput => {
    const values = used[index]! + (between(g, 0, 3) === 0 ? 2 : 0);
    const own = levels > 1 && chance(g);
    return {
      tensors: own ? Array.from({ length: levels }, (_, level) => `o${index}.${level}`) : [`o${index}`],
      axis: values === 1 && chance(g) ? 'none' : oneOf(g, 'last', 'first'),
      values,
      ...(between(g, 0, 4) === 0 ? { unbatched: true } : {}),
    };
  });
  return { outputs, placed: placed.map((each) => ({ ...each, output: indexes.indexOf(each.output) })) };
}

function tensorsFor(
  g: Gen,
  head: Head,
  classes: number,
  placed: readonly Placed[],
  rows: number,
  levels: readonly number[] | undefined,
): OutputTensor[] {
  const random = seeded(g(fc.integer));
  const sick = between(g, 0, 3) === 0;
  const coarse = chance(g);
  // Now and then zeros, to the limits of the activations.
  const spread = oneOf(g, 0.5, 1, 1, 20);
  return head.outputs.flatMap((output, index) =>
    output.tensors.flatMap((name, level): OutputTensor[] => {
      if (head.count?.output === index) {
        const count = oneOf(g, 0, 2.5, rows - 1, rows + 3, -1, Number.NaN);
        return [{ name, dims: oneOf(g, [1], [1, 1]), data: Float32Array.of(count) }];
      }
      if (head.masks?.prototypes === index) {
        const sides = [between(g, 1, 12), between(g, 1, 12)];
        const data = Float32Array.from(
          { length: output.values * sides[0]! * sides[1]! },
          () => random() * 2 - 1,
        );
        return [{ name, dims: [1, output.values, ...sides], data }];
      }
      const own = output.tensors.length > 1 ? levels![level]! : rows;
      // A tensor without a row is none: such a head is refused, which another test looks at.
      if (own === 0) return [];
      const { values, axis } = output;
      const data = new Float32Array(own * values);
      for (let row = 0; row < own; row++)
        for (let k = 0; k < values; k++) {
          const role = placed.find(
            (each) => each.output === index && k >= each.at && k < each.at + each.width,
          );
          let value = rawValue(head, classes, role?.role, random) * (role?.role === 'classes' ? 1 : spread);
          if (coarse && role?.role !== 'boxes') value = Math.round(value * 8) / 8;
          if (sick && random() < 0.02)
            value = oneOfWith(random, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38);
          data[axis === 'first' ? k * own + row : row * values + k] = value;
        }
      const sides = own % 2 === 0 && chance(g) ? [own / 2, 2] : [own];
      return [
        {
          name,
          dims: [
            ...(output.unbatched === true ? [] : [1]),
            ...(axis === 'first' ? [values] : []),
            ...sides,
            ...(axis === 'last' ? [values] : []),
          ],
          data,
        },
      ];
    }),
  );
}

function rawValue(head: Head, classes: number, role: Role | undefined, random: () => number): number {
  const value = random();
  if (role === 'classes') return Math.floor(value * (classes + 0.2)) + (head.classes?.first ?? 0);
  if (role === 'scores') return head.scores?.activation === undefined ? value * 1.2 - 0.1 : value * 12 - 6;
  if (role === 'objectness')
    return head.objectness?.activation === undefined ? value * 1.4 - 0.3 : value * 8 - 3;
  const { unit, bins, format } = head.boxes ?? {};
  if (bins !== undefined || format === 'ltrb') return value * 6 - 1;
  return unit === 'pixels' ? value * 90 : value * 3 - 1;
}

function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}
