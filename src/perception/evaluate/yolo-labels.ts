import { InputError } from '../../base/index.ts';
import type { TruthBox } from './evaluate.ts';

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
  const boxes: TruthBox[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '') continue;
    const values = fields.map(Number);
    const [classId = -1, cx = -1, cy = -1, w = -1, h = -1] = values;
    if (fields.length !== 5 || !values.every(Number.isFinite) || !Number.isInteger(classId) || classId < 0) {
      throw new InputError(
        'labels-line',
        `${name}, line ${index + 1}: "${line.trim().slice(0, 80)}" is not "class cx cy w h".`,
        'Export the labels in YOLO detection form; segmentation outlines and rotated boxes are not read.',
      );
    }
    if (classId >= classCount) {
      throw new InputError(
        'labels-class',
        `${name}, line ${index + 1}: class ${classId}, but the model has ${classCount} labels (0 to ${classCount - 1}).`,
        'Use the ground truth that belongs to the labels of the model.',
      );
    }
    if (Math.max(cx, cy, w, h) > 1.001 || Math.min(cx, cy, w, h) < 0) {
      throw new InputError(
        'labels-line',
        `${name}, line ${index + 1}: centre and size must lie in 0..1, as parts of the picture's sides.`,
        'Divide pixels by the width and the height of the picture.',
      );
    }
    const clip = (value: number, end: number) => Math.min(end, Math.max(0, value * end));
    boxes.push({
      classId,
      box: {
        x1: clip(cx - w / 2, width),
        y1: clip(cy - h / 2, height),
        x2: clip(cx + w / 2, width),
        y2: clip(cy + h / 2, height),
      },
    });
  }
  return boxes;
}
