import { type Decoder, eachClass, isCountOfFinalBoxes } from './decoder.ts';

/**
 * YOLOv5 exported with its Detect layer (ultralytics/yolov5 export.py): 1 x N x (5 + C), each row cx, cy, w, h in input
 * pixels, objectness, class scores, all after the sigmoid. score = objectness * class.
 */
export const yolov5: Decoder = {
  layout: '1 x N x (5 + C)',

  check(shape, classCount, context) {
    if (shape.length !== 3) return undefined;
    const [, rows = 0, columns = 0] = shape;
    const width = 5 + classCount;
    if (columns === 6 && isCountOfFinalBoxes(rows, context)) {
      return `It looks like yolov10: ${rows} rows of ${columns} values are final boxes (corners, score, class).`;
    }
    if (columns === 0 || columns === width) return undefined;
    if (rows === 4 + classCount) {
      return `It looks like yolov8: ${rows} values per box (4 + ${classCount} classes) along the second axis and no objectness.`;
    }
    if (rows === width) {
      return 'It looks like yolov5 with its last two axes swapped; transpose the output to 1 x N x (5 + C).';
    }
    if (columns === 4 + classCount) {
      return `It looks like yolov8 with its last two axes swapped: ${columns} values per box are 4 + ${classCount} classes without objectness.`;
    }
    if (columns > 5)
      return `Its rows have ${columns} values, which fits ${columns - 5} classes, not ${classCount}.`;
    return `Its rows have ${columns} values; ${width} are needed (box, objectness and ${classCount} classes).`;
  },

  decode({ data, dims }, context, into) {
    const rows = dims[1] ?? 0;
    const width = 5 + context.classCount;
    for (let i = 0, o = 0; i < rows; i++, o += width) {
      const objectness = data[o + 4]!;
      // A class score is at most 1, so the product can only be smaller.
      if (objectness < context.scoreThreshold) continue;
      eachClass(data, o + 5, 1, objectness, context, (classId, score) =>
        into.addCentred(classId, score, data[o]!, data[o + 1]!, data[o + 2]!, data[o + 3]!),
      );
    }
  },
};
