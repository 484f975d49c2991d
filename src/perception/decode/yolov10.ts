import { cellCount, type Decoder, defaultStrides } from './decoder.ts';

const width = 6;

/**
 * YOLOv10 and YOLO26 as Ultralytics exports them, and its other families with NMS inside (`nms=True`): 1 x N x 6, rows x1,
 * y1, x2, y2 in input pixels, score, class. The network chose N boxes itself; those without an object have a low score.
 */
export const yolov10: Decoder = {
  layout: '1 x N x 6',
  finalBoxes: true,

  check(shape, classCount, { input }) {
    if (shape.length !== 3) return undefined;
    const [, rows = 0, columns = 0] = shape;
    if (columns === 0 || columns === width) {
      const cells = cellCount(input, defaultStrides);
      if (classCount === 1 && rows > 0 && rows === 3 * cells) {
        return `It looks like yolov5: ${rows} rows are three anchors for each of ${cells} grid cells.`;
      }
      if (classCount === 1 && rows > 0 && rows === cells) {
        return `It looks like yolox: ${rows} rows are as many as there are grid cells.`;
      }
      return undefined;
    }
    if (rows === 4 + classCount) {
      return `It looks like yolov8: ${rows} values per box (4 + ${classCount} classes) along the second axis and no objectness.`;
    }
    if (columns === 5 + classCount) {
      return `It looks like yolov5: ${columns} values per box (4 + objectness + ${classCount} classes) along the last axis.`;
    }
    return `Its rows have ${columns} values; ${width} are needed (corners, score and class).`;
  },

  decode({ data, dims }, context, into) {
    const rows = dims[1] ?? 0;
    const { classCount, scoreThreshold, wanted } = context;
    for (let i = 0, o = 0; i < rows; i++, o += width) {
      if (data[o + 4]! < scoreThreshold) continue;
      const value = data[o + 5]!;
      // A NaN is no class either.
      if (!(value >= -0.5 && value < classCount - 0.5)) {
        into.invalid += 1;
        continue;
      }
      const classId = Math.floor(value + 0.5);
      if (wanted !== undefined && wanted[classId] !== 1) continue;
      into.add(classId, data[o + 4]!, data[o]!, data[o + 1]!, data[o + 2]!, data[o + 3]!);
    }
  },
};
