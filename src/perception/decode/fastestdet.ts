import { bestClass, type Decoder } from './decoder.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * FastestDet (dog-qiuqiu/FastestDet, utils/tool.py handle_preds): 1 x (5 + C) x gridHeight x gridWidth, planes objectness
 * (after the sigmoid), dx, dy, w, h (raw) and the class scores (after the softmax).
 * centre = (tanh(d) + cell) / grid, size = sigmoid(raw), both of the whole input; score = objectness^0.6 * class^0.4.
 */
export const fastestdet: Decoder = {
  axes: 4,
  layout: '1 x (5 + C) x grid height x grid width',

  check(shape, classCount, { input }) {
    if (shape.length !== 4) return undefined;
    const [, planes = 0, rows = 0, columns = 0] = shape;
    const needed = 5 + classCount;
    if (planes !== 0 && planes !== needed) {
      if (columns === needed) {
        return 'Its planes are the last axis; transpose the output to 1 x (5 + C) x grid height x grid width.';
      }
      return planes > 5
        ? `It has ${planes} planes, which fits ${planes - 5} classes, not ${classCount}.`
        : `It has ${planes} planes; ${needed} are needed (objectness, box and ${classCount} classes).`;
    }
    if (rows > 0 && columns > 0 && rows * input.width !== columns * input.height) {
      return `Its grid of ${columns}x${rows} cells does not have the shape of the input, ${input.width}x${input.height}.`;
    }
    return undefined;
  },

  decode({ data, dims }, context, into) {
    const rows = dims[2] ?? 0;
    const columns = dims[3] ?? 0;
    const plane = rows * columns;
    const { input, classCount, scoreThreshold, multiLabel, wanted } = context;
    for (let i = 0; i < plane; i++) {
      const objectness = data[i]! ** 0.6;
      if (objectness < scoreThreshold) continue;
      const start = 5 * plane + i;
      const first = multiLabel ? 0 : bestClass(data, start, plane, classCount);
      const last = multiLabel ? classCount - 1 : first;
      for (let c = first; c <= last; c++) {
        const score = objectness * data[start + c * plane]! ** 0.4;
        if (score < scoreThreshold || (wanted !== undefined && wanted[c] !== 1)) continue;
        into.addCentred(
          c,
          score,
          ((Math.tanh(data[plane + i]!) + (i % columns)) / columns) * input.width,
          ((Math.tanh(data[2 * plane + i]!) + Math.floor(i / columns)) / rows) * input.height,
          sigmoid(data[3 * plane + i]!) * input.width,
          sigmoid(data[4 * plane + i]!) * input.height,
        );
      }
    }
  },
};
