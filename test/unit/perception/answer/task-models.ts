import { type Random, seededRandom } from '../../../../src/drift/random.ts';
import type { ModelTask } from '../../../../src/model/index.ts';
import {
  type Answer,
  answerOf,
  answerOfTensors,
  type Detection,
  type DetectionSettings,
  type PerceptionResult,
  Postprocessor,
  type RawTensor,
  type TrackedDetection,
} from '../../../../src/perception/index.ts';
import { headOf } from '../../../fixtures/head.ts';

/*
 * Models of every task that answer to a made-up place: what they usually give changes from second to second, and each fails in
 * ways of its own.
 */

export type TaskFault = string | undefined;

interface TaskModel {
  /** Per second of the stream; `cars`: what a model of boxes finds. */
  answer(atMs: number, cars: readonly TrackedDetection[], fault: TaskFault): readonly TrackedDetection[];
}

export const size = { width: 640, height: 360 };
const whole = { x1: 0, y1: 0, x2: size.width, y2: size.height };
const [columns, rows] = [64, 36];
const cells = { columns, rows, x: 0, y: 0, cellWidth: size.width / columns, cellHeight: size.height / rows };

/** A state that stays for some seconds. */
class Dwell<T> {
  readonly #random: Random;
  readonly #of: () => T;
  #untilMs = 0;
  #value: T | undefined;
  changes = 0;

  constructor(random: Random, of: () => T) {
    this.#random = random;
    this.#of = of;
  }

  at(atMs: number): T {
    if (this.#value === undefined || atMs >= this.#untilMs) {
      this.#value = this.#of();
      this.#untilMs = atMs + 1000 + 6000 * this.#random.next();
      this.changes++;
    }
    return this.#value;
  }
}

const classes = ['empty', 'loaded', 'blocked', 'broken'];
const logits = { output: headOf('logits', classes.length), input: { width: 64, height: 64 } };

/** The scores of a classifier, through the decoder of classifiers. */
export function classified(
  values: readonly number[],
  settings: DetectionSettings,
  frame: { readonly width: number; readonly height: number } = size,
): readonly Detection[] {
  const outputs = [{ name: 'output', dims: [1, classes.length], data: Float32Array.from(values) }];
  const scale = { scaleX: 64 / frame.width, scaleY: 64 / frame.height };
  const geometry = { offsetX: 0, offsetY: 0, ...scale, resizedWidth: 64, resizedHeight: 64 };
  return postprocessor.run(outputs, geometry, frame, settings).detections;
}

const postprocessor = new Postprocessor(logits as ConstructorParameters<typeof Postprocessor>[0], classes);
const found: DetectionSettings = { scoreThreshold: 0.1, iouThreshold: 0.45, maxDetections: 300, classes: [] };

/** The classes that it sees change every few seconds. */
export class Classifier {
  readonly #random: Random;
  readonly #seen: Dwell<number>;

  constructor(random: Random) {
    this.#random = random;
    this.#seen = new Dwell(random, () => {
      const draw = random.next();
      return draw < 0.5 ? 0 : draw < 0.8 ? 1 : 2;
    });
  }

  logits(atMs: number, fault: TaskFault): number[] {
    const random = this.#random;
    const seen = this.#seen.at(atMs);
    const named = fault === 'stuck' ? 2 : fault === 'stuck at the usual' ? 0 : fault === 'unseen' ? 3 : seen;
    const sure = fault === 'unsure' ? 1.2 : 3.5;
    return classes.map((_, i) => (i === named ? sure : 0) + 0.4 * random.normal());
  }

  answer(atMs: number, _: unknown, fault: TaskFault): readonly TrackedDetection[] {
    return classified(this.logits(atMs, fault), found).map((one) => ({
      ...one,
      trackId: this.#seen.changes,
    }));
  }
}

function maskOf(values: Uint8Array) {
  return { ...cells, values };
}

const shuffled = (points: readonly { x: number; y: number }[]) =>
  points.map((_, i) => points[(i * 7) % points.length]!);

/** Seventeen points from head to feet, as parts of a box. */
const figure = Array.from({ length: 17 }, (_, i) => ({
  x: 0.5 + 0.3 * (i % 2 ? 1 : -1) * (i / 17),
  y: 0.05 + 0.055 * i,
}));

const models: Readonly<Record<string, (random: Random) => TaskModel>> = {
  classification: (random) => new Classifier(random),
  'semantic-segmentation': (random) => {
    const border = new Dwell(random, () => 12 + random.below(3));
    return {
      answer: (atMs, cars, fault) => {
        const top = border.at(atMs);
        const map = Uint8Array.from({ length: columns * rows }, (_, i) => (i < top * columns ? 0 : 1));
        for (const { box } of cars)
          for (let y = Math.floor(box.y1 / 10); y < box.y2 / 10; y++)
            map.fill(2, y * columns + Math.floor(box.x1 / 10), y * columns + Math.min(columns, box.x2 / 10));
        if (fault === 'fragments')
          for (let i = 0; i < map.length; i++) if (random.next() < 0.08) map[i] = random.below(3);
        if (fault === 'relabelled')
          for (let i = 0; i < map.length; i++) if (map[i] === 1 && i % columns < 30) map[i] = 0;
        return ['sky', 'road', 'car'].flatMap((label, classId) => {
          const values = map.map((id) => (id === classId ? 255 : 0));
          if (!values.includes(255)) return [];
          const score = Math.min(1, 0.9 + 0.02 * random.normal());
          return [{ classId, label, score, box: whole, mask: maskOf(values), trackId: classId }];
        });
      },
    };
  },
  'instance-segmentation': (random) => ({
    answer: (_, cars, fault) =>
      cars.map((car) => {
        const side = 24;
        const values = Uint8Array.from({ length: side * side }, (_, i) => {
          const [x, y] = [(i % side) / side - 0.5, Math.floor(i / side) / side - 0.5];
          const within = x * x + y * y < (fault === 'shrunken' ? 0.09 : 0.22 + 0.01 * random.normal());
          const torn = fault === 'torn' && random.next() < 0.25;
          return fault === 'hazy' ? (within ? 140 : 110) : within && !torn ? 240 : 10;
        });
        const { x1, y1, x2, y2 } = car.box;
        const [cellWidth, cellHeight] = [(x2 - x1) / side, (y2 - y1) / side];
        return { ...car, mask: { x: x1, y: y1, cellWidth, cellHeight, columns: side, rows: side, values } };
      }),
  }),
  pose: (random) => ({
    answer: (_, people, fault) =>
      people.map((person) => {
        const { x1, y1, x2, y2 } = person.box;
        const middle = { x: 0.5, y: 0.5 };
        const points =
          fault === 'collapsed' ? figure.map(() => middle) : fault === 'shuffled' ? shuffled(figure) : figure;
        const keypoints = points.map(({ x, y }) => ({
          x: x1 + (x + 0.02 * random.normal()) * (x2 - x1),
          y: y1 + (y + 0.02 * random.normal()) * (y2 - y1),
          score: Math.min(1, (fault === 'unsure' ? 0.55 : 0.85) + 0.1 * random.normal()),
        }));
        return { ...person, keypoints };
      }),
  }),
  obb: (random) => ({
    answer: (_, cars, fault) =>
      cars.map((car) => {
        const { x1, y1, x2, y2 } = car.box;
        const angle = (fault === 'turned' ? 0.8 : 0) + 0.1 * random.normal();
        const [width, height] = [x2 - x1, (y2 - y1) * (fault === 'square' ? (x2 - x1) / (y2 - y1) : 1)];
        return { ...car, rotated: { cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, width, height, angle } };
      }),
  }),
  depth: (random) => {
    const haze = new Dwell(random, () => 1 + 0.03 * random.normal());
    return {
      answer: (atMs, cars, fault) => {
        const scale = haze.at(atMs) * (fault === 'twice as far' ? 2 : 1);
        const values = Float32Array.from({ length: columns * rows }, (_, i) => {
          const down = Math.floor(i / columns) / rows;
          const far = fault === 'upside down' ? 4 + 40 * down : 4 + 40 * (1 - down);
          if (fault === 'holes' && random.next() < 0.15) return Number.NaN;
          return scale * (fault === 'flat' ? 20 : far) * (1 + 0.02 * random.normal());
        });
        for (const { box } of cars) values[Math.floor(box.y1 / 10) * columns + Math.floor(box.x1 / 10)] = 6;
        const depth = { ...cells, gives: 'metres' as const, values };
        return [{ classId: 0, label: 'depth', score: 1, box: whole, depth, trackId: 1 }];
      },
    };
  },
  text: (random) => {
    const letter = (from: string) => from[random.below(from.length)]!;
    const plate = new Dwell(random, () =>
      [...'AAA00'.repeat(1), ...'00'.slice(random.below(2))]
        .map((kind) => letter(kind === 'A' ? 'ABCDEFGHKLM' : '0123456789'))
        .join(''),
    );
    return {
      answer: (atMs, _, fault) => {
        const read = plate.at(atMs);
        if (fault === 'unread') return [];
        const garbage = Array.from({ length: read.length }, () => letter('AB01;:-_/xyz#')).join('');
        const label = fault === 'garbage' ? garbage : fault === 'cut' ? read.slice(0, 2) : read;
        const score = Math.min(1, (fault === 'unsure' ? 0.7 : 0.95) + 0.02 * random.normal());
        return [{ classId: 0, label, score, box: whole, trackId: plate.changes }];
      },
    };
  },
  tensor: (random) => ({
    answer: () => [{ classId: 0, label: 'data', score: 1, box: whole, trackId: 1, data: random.below(9) }],
  }),
};

/** The outputs of a network that a module reads. */
function tensorsOf(random: Random, fault: TaskFault): readonly RawTensor[] {
  return ['boxes', 'weights'].map((name, i) => ({
    ...{ name, type: 'float32', dims: [1, 8, 50] },
    data: Float32Array.from({ length: 400 }, () => {
      if (fault === 'constant') return 1;
      if (fault === 'not finite' && random.next() < 0.1) return Number.NaN;
      return (i + 1) * (fault === 'three times as large' ? 3 : 1) * (1 + random.normal());
    }),
  }));
}

/** Puts a model of another task before a camera: its findings and what its task says take the place of the boxes. */
export class TaskStream {
  readonly task: ModelTask;
  readonly #random: Random;
  readonly #model: TaskModel;

  constructor(task: ModelTask, seed: number) {
    this.task = task;
    this.#random = seededRandom(1000 + seed);
    this.#model = models[task]!(this.#random);
  }

  answered(result: PerceptionResult, atMs: number, fault?: TaskFault): PerceptionResult {
    const detections = this.#model.answer(atMs, result.detections, fault);
    const outputs = this.task === 'tensor' ? answerOfTensors(tensorsOf(this.#random, fault)) : undefined;
    const said: { detections: readonly Detection[]; answer?: Answer } = {
      detections,
      ...(outputs === undefined ? {} : { answer: outputs }),
    };
    const answer = answerOf({ task: this.task }, said, size)!;
    return { ...result, detections, candidates: detections.length, answer };
  }
}
