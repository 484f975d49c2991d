import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../native/index.ts';
import type { Head } from '../../../src/model/index.ts';
import type { OutputTensor } from '../../../src/perception/index.ts';
import { nativeMissing, titled } from '../../conformance/native-build.ts';
import { headOf } from '../../fixtures/head.ts';
import { both, expectSame, frame, input } from './both-interpreters.ts';
import {
  depthCase,
  figureCase,
  type HeadCase,
  headCase,
  mapCase,
  regionsCase,
  textCase,
  vectorCase,
} from './random-head.ts';

const why = nativeMissing();

const asked = fc.record({
  scoreThreshold: fc.constantFrom(0.01, 0.05, 0.25, 0.5, 0.9, 0.9995),
  iouThreshold: fc.constantFrom(0.2, 0.45, 0.7),
  maxDetections: fc.constantFrom(1, 20, 300),
  multiLabel: fc.boolean(),
  some: fc.boolean(),
});

const settingsOfMaps = { scoreThreshold: 0.05, iouThreshold: 0.45, maxDetections: 300, multiLabel: false };

/** One number of the record, or of the shapes, is another one: what is read may lie beyond a tensor then. */
function broken(g: fc.GeneratorValue, { head, classes, outputs }: HeadCase): HeadCase {
  const step = g(fc.constantFrom, -1, 1, 3);
  const kind = g(fc.constantFrom, 'record' as const, 'shape' as const, 'classes' as const);
  if (kind === 'classes') return { head, outputs, classes: Math.max(1, classes + step) };
  if (kind === 'record') {
    const copy = structuredClone(head) as Head;
    const places = [copy.scores, copy.boxes, copy.objectness, copy.classes, copy.count]
      .filter((place) => place !== undefined)
      .flatMap((place) => Object.keys(place).map((key) => ({ place: place as object, key })))
      .concat(copy.outputs.map((output) => ({ place: output, key: 'values' })))
      .filter(({ key }) => ['output', 'at', 'values', 'bins'].includes(key));
    const { place, key } = places[g(fc.nat, { max: places.length - 1 })]!;
    const least = key === 'bins' ? 2 : key === 'values' ? 1 : 0;
    Object.assign(place, { [key]: Math.max(least, (place as Record<string, number>)[key]! + step) });
    return { head: copy, classes, outputs };
  }
  const index = g(fc.nat, { max: Math.max(0, outputs.length - 1) });
  const changed = outputs.map((output, i): OutputTensor => {
    if (i !== index) return output;
    const axis = g(fc.nat, { max: output.dims.length - 1 });
    const dims = output.dims.map((side, k) => (k === axis ? Math.max(1, side + step) : side));
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.7);
    return { ...output, dims, data };
  });
  return { head, classes, outputs: changed };
}

describe.skipIf(why !== undefined)(titled('native decode and NMS', why), () => {
  it('finds the same boxes as the TypeScript interpreter for every form of head', () => {
    let [found, points, cells, rotated] = [0, 0, 0, 0];
    fc.assert(
      fc.property(fc.gen(), asked, (g, settings) => {
        const [typescript, native] = both(headCase(g, input), settings);
        expectSame(typescript, native);
        if (native === 'refused') return;
        found += native.detections.length;
        points += native.points.length;
        cells += native.cells.length;
        rotated += native.rotated.length;
      }),
      { numRuns: 600, seed: 20_263 },
    );
    expect(Math.min(found, points, cells, rotated)).toBeGreaterThan(1000);
  });

  it('finds the same classes of a map as the TypeScript interpreter', () => {
    const seen = { regions: 0, cells: 0, axes: new Set<string>(), sick: 0, unbatched: 0 };
    fc.assert(
      fc.property(fc.gen(), asked, (g, settings) => {
        const made = mapCase(g);
        const [typescript, native] = both(made, settings);
        expectSame(typescript, native);
        if (native === 'refused') throw new Error('a map is refused');
        seen.regions += native.detections.length / 6;
        seen.cells += native.cells.length;
        seen.axes.add(made.head.outputs[0]!.axis);
        seen.unbatched += made.head.outputs[0]!.unbatched === true ? 1 : 0;
        seen.sick += made.outputs[0]!.data.some((value) => !Number.isFinite(value)) ? 1 : 0;
      }),
      { numRuns: 300, seed: 20_265 },
    );
    expect([...seen.axes].sort()).toEqual(['first', 'last', 'none']);
    expect(Math.min(seen.regions, seen.cells, 10 * seen.sick, 10 * seen.unbatched)).toBeGreaterThan(300);
  });

  it('finds the same depths as the TypeScript interpreter', () => {
    const seen = { values: 0, none: 0, cut: 0, axes: new Set<string>() };
    fc.assert(
      fc.property(fc.gen(), asked, (g, settings) => {
        const made = depthCase(g);
        const [typescript, native] = both(made, settings);
        expectSame(typescript, native);
        if (native === 'refused') throw new Error('a map of depths is refused');
        const [x = 0, y = 0, , , columns = 0, rows = 0, ...values] = native.depth;
        expect(values.length).toBe(columns * rows);
        // Of the pad above and below the picture nothing is left but a part of a cell.
        expect(Math.min(x, y)).toBeGreaterThan(-frame.height);
        seen.values += values.length;
        seen.none += values.filter(Number.isNaN).length;
        seen.cut += values.length < made.outputs[0]!.data.length / made.head.outputs[0]!.values ? 1 : 0;
        seen.axes.add(made.head.outputs[0]!.axis);
      }),
      { numRuns: 300, seed: 20_266 },
    );
    expect([...seen.axes].sort()).toEqual(['first', 'last', 'none']);
    expect(Math.min(seen.values, seen.none, 10 * seen.cut)).toBeGreaterThan(300);
  });

  it('gives the same vectors, texts and regions of maps as the TypeScript interpreter', () => {
    const seen = { vector: 0, text: 0, rotated: 0, sick: 0 };
    fc.assert(
      fc.property(fc.gen(), asked, (g, settings) => {
        const made = g(fc.constantFrom, vectorCase, textCase, regionsCase)(g, input);
        const [typescript, native] = both(made, settings);
        expectSame(typescript, native);
        if (native === 'refused') throw new Error(`${JSON.stringify(made.head)} is refused`);
        seen.vector += native.vector.length;
        seen.text += native.text.length;
        seen.rotated += native.rotated.length;
        seen.sick += native.invalid;
      }),
      { numRuns: 300, seed: 20_268 },
    );
    expect(Math.min(seen.vector, seen.text, seen.rotated, 10 * seen.sick)).toBeGreaterThan(200);
  });

  it('finds the same points of one figure as the TypeScript interpreter', () => {
    const seen = { found: 0, none: 0, sick: 0, simcc: 0 };
    fc.assert(
      fc.property(fc.gen(), asked, (g, settings) => {
        const made = figureCase(g);
        const [typescript, native] = both(made, settings);
        expectSame(typescript, native);
        if (native === 'refused') throw new Error('the points of a figure are refused');
        seen[native.detections.length > 0 ? 'found' : 'none'] += 1;
        seen.sick += native.invalid;
        seen.simcc += made.head.simcc === undefined ? 0 : 1;
      }),
      { numRuns: 300, seed: 20_267 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(5);
  });

  it('refuses points of a figure beside anything else', () => {
    const outputs = [{ name: 'points', dims: [1, 2, 3], data: new Float32Array(6).fill(0.5) }];
    const keypoints = { output: 0, at: 0, count: 2, values: 3 as const, unit: 'fraction' as const };
    const figure: Head = { outputs: [{ tensors: ['points'], axis: 'all', values: 6 }], keypoints };
    const rows: Head = { outputs: [{ tensors: ['points'], axis: 'last', values: 3 }], simcc: { x: 0, y: 0 } };
    const of = (head: Head) =>
      both({ head, classes: 1, outputs }, { ...settingsOfMaps, some: false }).map((answer) =>
        answer === 'refused' ? answer : 'read',
      );
    expect([of(figure), of(rows)].flat()).toEqual(['read', 'read', 'read', 'read']);
    const place = { output: 0, at: 0 };
    for (const head of [
      { ...figure, classes: place },
      { ...figure, grid: { strides: [8] } },
      { ...figure, keypoints: { ...keypoints, values: 2 } },
      { ...figure, keypoints: { ...keypoints, count: 3 } },
      { ...figure, outputs: [{ ...figure.outputs[0]!, values: 7 }] },
      { ...rows, scores: place },
      { ...rows, keypoints },
      { ...rows, simcc: { x: 0, y: 1 } },
      { ...rows, outputs: [{ tensors: ['points'], axis: 'first', values: 2 }] },
    ] as Head[])
      expect(of(head)).toEqual(['refused', 'refused']);
  });

  it('refuses a depth beside scores or classes, and scores of a map that nobody computes', () => {
    const outputs = [{ name: 'map', dims: [1, 2, 3, 5], data: new Float32Array(30).fill(0.5) }];
    const map: Head = {
      outputs: [{ tensors: ['map'], axis: 'first', values: 2 }],
      ...{ map: true, depth: { output: 0, at: 1, gives: 'metres' } },
    };
    const { depth, ...plain } = map;
    const of = (head: Head) =>
      both({ head, classes: 1, outputs }, { ...settingsOfMaps, some: false }).map((answer) =>
        answer === 'refused' ? answer : 'read',
      );
    expect(of(map)).toEqual(['read', 'read']);
    const scores = { output: 0, at: 0 };
    for (const head of [
      { ...map, scores },
      { ...map, classes: scores },
      { outputs: map.outputs, depth },
      { ...map, depth: { ...depth!, at: 2 } },
      plain,
      { ...plain, scores: { ...scores, power: 2 } },
      { ...plain, scores: { ...scores, at: 1, activation: 'softmax', background: 'before' } },
    ] as Head[])
      expect(of(head)).toEqual(['refused', 'refused']);
  });

  it('samples a large map, and finds a class between its samples', () => {
    const [lines, columns] = [150, 120];
    const data = new Float32Array(3 * lines * columns).map((_, i) => (i < lines * columns ? 2 : 0.5));
    // One place, of a class that no sample has.
    data[2 * lines * columns + 7 * columns + 3] = 4;
    const head: Head = {
      outputs: [{ tensors: ['map'], axis: 'first', values: 3 }],
      scores: { output: 0, at: 0, activation: 'softmax' },
      map: true,
    };
    const outputs = [{ name: 'map', dims: [1, 3, lines, columns], data }];
    const all = { ...settingsOfMaps, some: false };
    const [typescript, native] = both({ head, classes: 3, outputs }, all);
    expectSame(typescript, native);
    expect(native).toMatchObject({ candidates: 2, shapes: expect.objectContaining({ length: 12 }) });
    const [, wanted] = both(
      { head, classes: 3, outputs },
      { ...settingsOfMaps, some: true, maxDetections: 1 },
    );
    expect(wanted).toMatchObject({ cells: [255] });
  });

  it('refuses a map that has no lines and columns, or boxes', () => {
    const head: Head = {
      outputs: [{ tensors: ['map'], axis: 'first', values: 2 }],
      scores: { output: 0, at: 0, activation: 'softmax' },
      map: true,
    };
    const of = (changed: Head, dims: readonly number[]) => {
      const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.5);
      const outputs = [{ name: 'map', dims, data }];
      return both({ head: changed, classes: 2, outputs }, { ...settingsOfMaps, some: false });
    };
    const boxes = { output: 0, at: 0, format: 'xyxy', unit: 'pixels' } as const;
    const misfits: readonly (readonly [Head, readonly number[]])[] = [
      [head, [1, 2, 30]],
      [head, [1, 2, 3, 5, 2]],
      [{ ...head, outputs: [{ ...head.outputs[0]!, unbatched: true }] }, [2, 1, 3, 5]],
      [{ ...head, boxes }, [1, 2, 3, 5]],
      [{ ...head, objectness: { output: 0, at: 0 } }, [1, 2, 3, 5]],
      [{ ...head, grid: { strides: [8] } }, [1, 2, 9, 13]],
      [
        { ...head, outputs: [{ tensors: ['map'], axis: 'none', values: 1 }], classes: { output: 0, at: 0 } },
        [1, 2, 3, 5],
      ],
    ];
    for (const [changed, dims] of misfits) expect(of(changed, dims)).toEqual(['refused', 'refused']);
    const [typescript, native] = of(head, [1, 2, 3, 5]);
    expectSame(typescript, native);
    expect(native).toMatchObject({ candidates: 1 });
  });

  it('refuses what the TypeScript interpreter refuses, and reads the rest as it does', () => {
    const counts = { refused: 0, read: 0 };
    fc.assert(
      fc.property(fc.gen(), asked, (g, settings) => {
        const made =
          g(fc.nat, { max: 5 }) === 0 ? (g(fc.boolean) ? mapCase(g) : depthCase(g)) : headCase(g, input);
        const [typescript, native] = both(broken(g, made), settings);
        expectSame(typescript, native);
        counts[native === 'refused' ? 'refused' : 'read'] += 1;
      }),
      { numRuns: 600, seed: 20_264 },
    );
    expect(counts.refused).toBeGreaterThan(100);
    expect(counts.read).toBeGreaterThan(50);
  });

  const cells = 13 * 9 + 7 * 5 + 4 * 3;
  it.each([
    ['yolov5', [1, 900, 8]],
    ['yolov8', [1, 7, 900]],
    ['yolov10', [1, 300, 6]],
    ['yolox', [1, cells, 8]],
    ['fastestdet', [1, 8, 7, 10]],
    ['logits', [1, 3]],
    ['softmax', [1, 3]],
  ] as const)('reads a %s network as TypeScript does, and refuses another shape', (family, dims) => {
    const head = headOf(family, 3, { dims, width: input.width, height: input.height });
    const test = (sides: readonly number[]): HeadCase => {
      const data = new Float32Array(sides.reduce((a: number, b) => a * b, 1));
      for (let i = 0; i < data.length; i++) data[i] = Math.abs(Math.sin(i * 12.9898) * 43_758.5453) % 1;
      return { head, classes: 3, outputs: [{ name: 'output', dims: sides, data }] };
    };
    for (const multiLabel of [false, true]) {
      const settings = {
        scoreThreshold: 0.2,
        iouThreshold: 0.45,
        maxDetections: 300,
        multiLabel,
        some: false,
      };
      const [typescript, native] = both(test(dims), settings);
      expectSame(typescript, native);
      expect(native).toMatchObject({ candidates: expect.any(Number) });
      for (const axis of dims.keys()) {
        const rows =
          axis === (family === 'yolov8' ? 2 : 1) && ['yolov5', 'yolov8', 'yolov10'].includes(family);
        const answers = both(test(dims.map((side, k) => (k === axis ? side + 1 : side))), settings);
        if (rows) expectSame(...answers);
        else expect(answers).toEqual(['refused', 'refused']);
      }
    }
  });

  it('refuses data shorter than its dimensions', () => {
    const settings = { scoreThreshold: 0.5, iouThreshold: 0.5, maxDetections: 10, maxCandidates: 10 };
    const outputs = [{ name: 'output', dims: [1, 10, 7], data: new Float32Array(69) }];
    const call = () =>
      loadNative().postprocess(outputs, headOf('yolov5', 2), 2, input, frame, {
        ...settings,
        multiLabel: false,
      });
    expect(call).toThrow(/holds 69 values/);
  });

  it('refuses a record with a field that is none, by its name', () => {
    const settings = { scoreThreshold: 0.5, iouThreshold: 0.5, maxDetections: 10, maxCandidates: 10 };
    const outputs = [{ name: 'output', dims: [1, 1, 7], data: new Float32Array(7) }];
    const call = (change: object) => () =>
      loadNative().postprocess(outputs, { ...headOf('yolov5', 2), ...change }, 2, input, frame, {
        ...{ ...settings, multiLabel: false },
      });
    expect(call({ scores: { output: -1, at: 5 } })).toThrow(/"output" must be a whole number from 0/);
    expect(call({ scores: { output: 0, at: 5, activation: 'relu' } })).toThrow(/"activation" is "relu"/);
    expect(call({ outputs: 7 })).toThrow(/"outputs" must be an array/);
  });
});
