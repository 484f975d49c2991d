import type { OutputTensor } from '../../../src/perception/index.ts';
import { type Form, type Reading, tensorOf } from './form.ts';

interface Place {
  /** Which value of its row, and of how many. */
  readonly value: number;
  readonly values: number;
  /** Which row. */
  readonly row: number;
  readonly width: number;
  readonly height: number;
  readonly classes: number;
}

/** A value where such a network has one; `random`: 0..1. */
type Fill = (random: () => number, place: Place) => number;

const unit: Fill = (random) => random() ** 6;
const raw: Fill = (random) => random() * 6 - 3;
/** One of many is far above the others, as before a softmax. */
const sharp: Fill = (random) => random() ** 16 * 60 - 5;
const seldom: Fill = (random) => random() * 14 - 11;
const side = ({ value, width, height }: Place) => (value % 2 === 0 ? width : height);

/** Corners in parts of the picture, a few of them turned. */
const corners: Fill = (random, { value }) => (value < 2 ? random() * 0.6 : 0.4 + random() * 0.6);
const centred: Fill = (random, { value }) => (value < 2 ? random() : random() * 0.5);
const pixels =
  (fraction: Fill): Fill =>
  (random, place) =>
    fraction(random, place) * side(place);
/** The first values of a row by one, the rest by another. */
const rows =
  (boxes: Fill, rest: Fill): Fill =>
  (random, place) =>
    place.value < 4 ? boxes(random, place) : rest(random, place);
const classNumber =
  (first: number): Fill =>
  (random, { classes }) =>
    first + Math.floor(random() * classes);

/** Centre and size of a box whose centre lies in the picture, so that none is lost. */
const inside: Fill = (random, place) => (0.1 + (place.value < 2 ? 0.8 : 0.4) * random()) * side(place);
/** As YOLO-OBB gives it: -45 to 135 degrees. */
const angle: Fill = (random) => (random() - 0.25) * Math.PI;

/** Per formula of oracle.py and role of a tensor in it. */
const fills: Readonly<Record<string, Readonly<Record<string, Fill>>>> = {
  yolov5: { rows: rows(pixels(centred), (random) => random() ** 2) },
  yolov8: { rows: rows(pixels(centred), unit) },
  'end-to-end': {
    rows: (random, place) => {
      if (place.value === 5) return classNumber(0)(random, place);
      return rows(pixels(corners), unit)(random, place);
    },
  },
  yolox: {
    rows: rows(
      (random) => random() * 3 - 1,
      (random) => random() ** 2,
    ),
  },
  'yolov5-raw': { planes: raw },
  fastestdet: { planes: (random, { value }) => (value > 0 && value < 5 ? random() * 6 - 3 : random() ** 3) },
  torchvision: { boxes: pixels(corners), labels: classNumber(0), scores: (random) => random() },
  'yolov7-nms': {
    rows: (random, place) => {
      const { value } = place;
      if (value === 0) return 0;
      if (value === 5) return classNumber(0)(random, place);
      return value === 6 ? random() : pixels(corners)(random, { ...place, value: value - 1 });
    },
  },
  'paddle-nms': {
    rows: (random, place) => {
      const { value } = place;
      if (value === 0) return classNumber(0)(random, place);
      return value === 1 ? random() : pixels(corners)(random, { ...place, value: value - 2 });
    },
  },
  'yolov8-raw': { planes: (random, { value }) => (value < 64 ? random() * 6 - 3 : random() * 14 - 11) },
  'yolov8-rknn': { boxes: raw, scores: unit },
  'yolov8-apart': { boxes: raw, scores: seldom },
  'nanodet-m': { scores: unit, boxes: raw },
  picodet: { scores: unit, boxes: raw },
  'nanodet-plus': { rows: (random, place) => (place.value < place.classes ? unit : raw)(random, place) },
  yunet: { cls: (random) => random(), obj: (random) => random() ** 2, bbox: raw },
  scrfd: { scores: unit, boxes: (random) => random() * 6 - 1 },
  corners: { boxes: pixels(corners), scores: unit },
  'pp-yoloe': { boxes: pixels(corners), scores: unit },
  'pp-yoloe-joined': {
    rows: (random, place) => (place.value < 4 ? pixels(corners) : unit)(random, place),
  },
  yolov4: { boxes: corners, scores: unit },
  ultraface: { boxes: corners, scores: (random) => random() },
  'ultraface-raw': { boxes: raw, scores: (random) => random() },
  tensorflow: {
    ...{ boxes: corners, scores: (random) => random(), classes: classNumber(1) },
    count: () => 63,
  },
  'efficient-nms': {
    ...{ boxes: pixels(corners), scores: (random) => random(), classes: classNumber(0) },
    count: () => 41,
  },
  mmdetection: { dets: rows(pixels(corners), (random) => random()), labels: classNumber(0) },
  'detr-final': { labels: classNumber(0), boxes: pixels(corners), scores: (random) => random() },
  rtdetr: { logits: seldom, boxes: centred },
  detr: { logits: sharp, boxes: centred },
  'rtdetr-ultralytics': { rows: rows(centred, unit) },
  logits: { scores: sharp },
  softmax: { scores: (random) => random() },
  embedding: { vector: (random) => random() * 6 - 3 },
  // The blank is the likeliest at two of three steps.
  ctc: {
    steps: (random, { value, row }) => {
      const likely = row % 3 === 0 ? 1 + ((row * 37) % 90) : 0;
      return value === likely ? 0.6 + 0.4 * random() : 0.001 * random();
    },
  },
  // A bar in each cell of 64 places, each in another direction.
  db: {
    map: (random, { value, row }) => {
      const [cellX, cellY] = [Math.floor(value / 64), Math.floor(row / 64)];
      const angle = (cellX * 7 + cellY * 3) * 0.37;
      const [dx, dy] = [(value % 64) - 32, (row % 64) - 32];
      const u = Math.abs(dx * Math.cos(angle) + dy * Math.sin(angle));
      const v = Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle));
      return u < 20 && v < 5 ? 0.5 + 0.05 * ((cellX + cellY) % 8) + 0.1 * random() : 0.2 * random();
    },
  },
  depth: { map: (random) => random() * 40 },
  monodepth2: { map: (random) => random() },
  movenet: { points: (random) => 0.3 + 0.7 * random() },
  'movenet-multi': {
    rows: (random, { value }) =>
      value === 51 || value === 52 ? 0.1 : value > 52 ? 0.4 + 0.5 * random() : random(),
  },
  rtmpose: { x: (random) => random() ** 4, y: (random) => random() ** 4 },
  'yolo-obb': {
    rows: (random, place) => {
      if (place.value < 4) return inside(random, place);
      return place.value < 4 + place.classes ? unit(random, place) : angle(random, place);
    },
  },
  'yolo-obb-final': {
    rows: (random, place) => {
      if (place.value < 4) return inside(random, place);
      if (place.value === 5) return classNumber(0)(random, place);
      return (place.value === 4 ? unit : angle)(random, place);
    },
  },
  'yolo-pose': {
    rows: (random, place) => {
      if (place.value < 4) return inside(random, place);
      return place.value < 4 + place.classes ? unit(random, place) : random() * 700;
    },
  },
};

/** Formulas whose values of a row are far apart: the axis of the values comes first. */
const valuesFirst = new Set([
  'yolov8-raw/planes',
  'yolov8/rows',
  'fastestdet/planes',
  'pp-yoloe/scores',
  'logits/scores',
  'softmax/scores',
  'yolo-pose/rows',
  'yolo-obb/rows',
]);

/** What the network of this form might say, the same each time; outputs that the formula does not read are there too. */
export function randomOutputs(
  form: Form,
  reading: Reading,
  size: { readonly width: number; readonly height: number; readonly classes: number },
  seed: number,
): OutputTensor[] {
  const random = generator(seed);
  const { formula, tensors } = reading.oracle;
  const roles = new Map(
    Object.entries(tensors).flatMap(([role, names]) => names.map((name) => [name, role] as const)),
  );
  return form.outputs.map(tensorOf).map(({ name }) => {
    const role = roles.get(name) ?? '';
    const dims = shapeOf(form, reading, name);
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
    const fill = fills[formula]![role] ?? raw;
    const first = valuesFirst.has(`${formula}/${role}`);
    const values = first ? dims[1]! : (dims.at(-1) ?? 1);
    const step = first ? data.length / values : 1;
    // One object for all: there are millions of values.
    const place = { ...size, values, value: 0, row: 0 };
    for (let i = 0; i < data.length; i++) {
      place.value = Math.floor(i / step) % values;
      place.row = first ? i % step : Math.floor(i / values);
      data[i] = fill(random, place);
    }
    return { name, dims, data };
  });
}

function shapeOf(form: Form, { really, open }: Reading, name: string): readonly number[] {
  const declared = form.outputs.map(tensorOf).find((tensor) => tensor.name === name);
  if (declared === undefined) throw new Error(`${form.name} has no output "${name}"`);
  return (
    really?.[name] ?? declared.sides.map((side) => (typeof side === 'number' ? side : (open?.[side] ?? 1)))
  );
}

function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}
