import { cellCount, type Decoder, defaultStrides, eachClass } from './decoder.ts';

/**
 * YOLOX exported without `--decode_in_inference` (Megvii-BaseDetection/YOLOX tools/export_onnx.py): 1 x N x (5 + C), one
 * row per grid cell, strides in order, each grid row by row. centre = (xy + cell) * stride, size = exp(wh) * stride;
 * objectness and classes are after the sigmoid. score = objectness * class.
 */
export const yolox: Decoder = {
  layout: '1 x N x (5 + C), N = grid cells of all strides',

  check(shape, classCount, { input, strides }) {
    if (shape.length !== 3) return undefined;
    const [, rows = 0, columns = 0] = shape;
    const width = 5 + classCount;
    const cells = cellCount(input, strides);
    if (columns !== 0 && columns !== width) {
      if (rows === 4 + classCount) {
        return `It looks like yolov8: ${rows} values per box (4 + ${classCount} classes) along the second axis and no objectness.`;
      }
      if (rows === width) {
        return 'It looks like yolox with its last two axes swapped; transpose the output to 1 x N x (5 + C).';
      }
      if (rows === cells && columns > 5) {
        return `Its rows have ${columns} values, which fits ${columns - 5} classes, not ${classCount}.`;
      }
      return `Its rows have ${columns} values; ${width} are needed (box, objectness and ${classCount} classes).`;
    }
    if (rows === 0 || rows === cells) return undefined;
    const grid = `${cells} grid cells (input ${input.width}x${input.height}, strides ${strides.join(', ')})`;
    if (rows === 3 * cells)
      return `It looks like yolov5: ${rows} rows are three anchors for each of ${grid}.`;
    return `It has ${rows} rows, but there are ${grid}; is the input size or a stride another one?`;
  },

  decode({ data }, context, into) {
    const { input, output, scoreThreshold } = context;
    const width = 5 + context.classCount;
    let o = 0;
    for (const stride of output.strides ?? defaultStrides) {
      const columns = Math.floor(input.width / stride);
      const rows = Math.floor(input.height / stride);
      for (let gy = 0; gy < rows; gy++) {
        for (let gx = 0; gx < columns; gx++, o += width) {
          const objectness = data[o + 4]!;
          if (objectness < scoreThreshold) continue;
          const at = o;
          eachClass(data, at + 5, 1, objectness, context, (classId, score) =>
            into.addCentred(
              classId,
              score,
              (data[at]! + gx) * stride,
              (data[at + 1]! + gy) * stride,
              Math.exp(data[at + 2]!) * stride,
              Math.exp(data[at + 3]!) * stride,
            ),
          );
        }
      }
    }
  },
};
