import { InputError } from '../../base/index.ts';
import { bitmapOfRings } from '../mask/bitmap.ts';
import type { TruthBox } from './evaluate.ts';

interface Line {
  readonly classId: number;
  /** 0..1 of the picture's sides. */
  readonly values: readonly number[];
}

/**
 * Ground truth in YOLO's text form: one box per line, `class cx cy w h`, 0..1 of the picture's sides. Boxes come back in
 * pixels, clipped to the picture. `name` is used in messages. An empty text is a picture without objects.
 */
export function parseYoloLabels(
  text: string,
  width: number,
  height: number,
  name: string,
  classCount = Number.POSITIVE_INFINITY,
): TruthBox[] {
  const form = {
    words: '"class cx cy w h"',
    fits: (values: number) => values === 4,
    remedy: 'Export the labels in YOLO detection form; segmentation outlines and rotated boxes are not read.',
  };
  return linesOf(text, name, classCount, form).map(({ classId, values: [cx = 0, cy = 0, w = 0, h = 0] }) => ({
    classId,
    box: {
      x1: clip(cx - w / 2, width),
      y1: clip(cy - h / 2, height),
      x2: clip(cx + w / 2, width),
      y2: clip(cy + h / 2, height),
    },
  }));
}

/** The same of instance segmentation: one outline per line, `class x y x y ...`. */
export function parseYoloOutlines(
  text: string,
  width: number,
  height: number,
  name: string,
  classCount = Number.POSITIVE_INFINITY,
): TruthBox[] {
  const form = {
    words: '"class x y x y x y ..."',
    fits: (values: number) => values >= 6 && values % 2 === 0,
    remedy:
      'Export the labels in YOLO segmentation form: an outline of three points at least for each object.',
  };
  return linesOf(text, name, classCount, form).map(({ classId, values }) => {
    const ring = values.map((value, i) => clip(value, i % 2 === 0 ? width : height));
    const [xs, ys] = [0, 1].map((axis) => ring.filter((_, i) => i % 2 === axis)) as [number[], number[]];
    return {
      classId,
      box: { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) },
      bitmap: bitmapOfRings([ring], { width, height }),
    };
  });
}

function clip(value: number, end: number): number {
  return Math.min(end, Math.max(0, value * end));
}

function linesOf(
  text: string,
  name: string,
  classCount: number,
  form: {
    readonly words: string;
    readonly fits: (values: number) => boolean;
    readonly remedy: string;
  },
): Line[] {
  const lines: Line[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '') continue;
    const [classId = -1, ...values] = fields.map(Number);
    if (!form.fits(values.length) || ![classId, ...values].every(Number.isFinite) || !isCount(classId)) {
      throw new InputError(
        'labels-line',
        `${name}, line ${index + 1}: "${line.trim().slice(0, 80)}" is not ${form.words}.`,
        form.remedy,
      );
    }
    if (classId >= classCount) {
      throw new InputError(
        'labels-class',
        `${name}, line ${index + 1}: class ${classId}, but the model has ${classCount} labels (0 to ${classCount - 1}).`,
        'Use the ground truth that belongs to the labels of the model.',
      );
    }
    if (Math.max(...values) > 1.001 || Math.min(...values) < 0) {
      throw new InputError(
        'labels-line',
        `${name}, line ${index + 1}: every value must lie in 0..1, as a part of the picture's sides.`,
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
