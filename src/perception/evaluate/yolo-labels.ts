import { InputError } from '../../base/index.ts';
import type { Box } from '../detection.ts';
import { bitmapOfRings } from '../mask/bitmap.ts';
import type { TruthBox } from './evaluate.ts';
import type { TruthPoint } from './keypoint-similarity.ts';

interface Line {
  readonly classId: number;
  /** 0..1 of the picture's sides. */
  readonly values: readonly number[];
}

/** What a line may hold beside its class and what it is read for. */
export type TruthForm = 'boxes' | 'outlines' | 'corners' | 'points';

/**
 * Ground truth in YOLO's text form, 0..1 of the picture's sides: `class cx cy w h`; of instance segmentation also `class x y x y
 * ...`, an outline, which of rotated boxes are their four corners; of poses also `class cx cy w h` and `x y v` for each point. Boxes, outlines and points come back in pixels,
 * clipped to the picture. `form`: what the model gives; a line with a box alone is a box. `name` is used in messages. An empty text
 * is a picture without objects.
 */
export function parseYoloLabels(
  text: string,
  width: number,
  height: number,
  name: string,
  classCount = Number.POSITIVE_INFINITY,
  form: TruthForm = 'boxes',
): TruthBox[] {
  return linesOf(text, name, classCount, form).map(({ classId, values }) => {
    if ((form === 'outlines' || form === 'corners') && values.length > 4)
      return outlined(classId, values, width, height, form);
    const box = boxOf(values, width, height);
    return values.length > 4
      ? { classId, box, points: pointsOf(values.slice(4), width, height) }
      : { classId, box };
  });
}

function boxOf([cx = 0, cy = 0, w = 0, h = 0]: readonly number[], width: number, height: number): Box {
  return {
    x1: clip(cx - w / 2, width),
    y1: clip(cy - h / 2, height),
    x2: clip(cx + w / 2, width),
    y2: clip(cy + h / 2, height),
  };
}

function outlined(
  classId: number,
  values: readonly number[],
  width: number,
  height: number,
  form: 'outlines' | 'corners',
): TruthBox {
  const ring = values.map((value, i) => clip(value, i % 2 === 0 ? width : height));
  const [xs, ys] = [0, 1].map((axis) => ring.filter((_, i) => i % 2 === axis)) as [number[], number[]];
  return {
    classId,
    box: { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) },
    ...(form === 'corners' ? { corners: ring } : { bitmap: bitmapOfRings([ring], { width, height }) }),
  };
}

/** Points that nobody marked (v = 0) are not compared. */
function pointsOf(values: readonly number[], width: number, height: number): TruthPoint[] {
  return Array.from({ length: values.length / 3 }, (_, k) => {
    const [x = 0, y = 0, v = 0] = values.slice(3 * k);
    return { x: clip(x, width), y: clip(y, height), marked: v > 0 };
  });
}

function clip(value: number, end: number): number {
  return Math.min(end, Math.max(0, value * end));
}

const forms: Readonly<
  Record<
    TruthForm,
    { readonly words: string; readonly fits: (count: number) => boolean; readonly remedy: string }
  >
> = {
  boxes: {
    words: '"class cx cy w h"',
    fits: (count) => count === 4,
    remedy: 'Export the labels in YOLO detection form; segmentation outlines and rotated boxes are not read.',
  },
  outlines: {
    words: '"class x y x y x y ..." or "class cx cy w h"',
    fits: (count) => count === 4 || (count >= 6 && count % 2 === 0),
    remedy:
      'Export the labels in YOLO segmentation form: an outline of three points at least for each object.',
  },
  corners: {
    words: '"class x1 y1 x2 y2 x3 y3 x4 y4" or "class cx cy w h"',
    fits: (count) => count === 4 || count === 8,
    remedy: 'Export the labels in YOLO OBB form: the four corners of each object.',
  },
  points: {
    words: '"class cx cy w h x y v ..." or "class cx cy w h"',
    fits: (count) => count === 4 || (count > 4 && (count - 4) % 3 === 0),
    remedy: 'Export the labels in YOLO pose form: a box, and x, y and v (0: not marked) of each point.',
  },
};

function linesOf(text: string, name: string, classCount: number, form: TruthForm): Line[] {
  const { words, fits, remedy } = forms[form];
  const lines: Line[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '') continue;
    const [classId = -1, ...values] = fields.map(Number);
    if (!fits(values.length) || ![classId, ...values].every(Number.isFinite) || !isCount(classId)) {
      throw new InputError(
        'labels-line',
        `${name}, line ${index + 1}: "${line.trim().slice(0, 80)}" is not ${words}.`,
        remedy,
      );
    }
    if (classId >= classCount) {
      throw new InputError(
        'labels-class',
        `${name}, line ${index + 1}: class ${classId}, but the model has ${classCount} labels (0 to ${classCount - 1}).`,
        'Use the ground truth that belongs to the labels of the model.',
      );
    }
    const places = form === 'points' ? values.filter((_, i) => i < 4 || (i - 4) % 3 < 2) : values;
    if (Math.max(...places) > 1.001 || Math.min(...places) < 0) {
      throw new InputError(
        'labels-line',
        `${name}, line ${index + 1}: centre, size and places must be from 0 to 1, as shares of the picture's sides.`,
        'Divide pixels by the width and the height of the picture.',
      );
    }
    lines.push({ classId, values });
  }
  return lines;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
