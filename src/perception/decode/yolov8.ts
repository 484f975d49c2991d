import type { Candidates } from './candidates.ts';
import { cellCount, type DecodeContext, type Decoder, defaultStrides, eachClass } from './decoder.ts';

/**
 * YOLOv8 and YOLO11 as Ultralytics exports them (`nms=False`): 1 x (4 + C) x N, columns cx, cy, w, h in input pixels and
 * the class scores after the sigmoid; there is no objectness.
 */
export const yolov8: Decoder = {
  layout: '1 x (4 + C) x N',

  check(shape, classCount, { input }) {
    if (shape.length !== 3) return undefined;
    const [, columns = 0, rows = 0] = shape;
    const width = 4 + classCount;
    if (columns === 0 || columns === width) return undefined;
    if (rows === 5 + classCount) {
      return columns === cellCount(input, defaultStrides)
        ? `It looks like yolox: ${columns} grid cells with ${rows} values (4 + objectness + ${classCount} classes) each.`
        : `It looks like yolov5: ${rows} values per box (4 + objectness + ${classCount} classes) along the last axis.`;
    }
    if (rows === width) {
      return 'It looks like yolov8 with its last two axes swapped; transpose the output to 1 x (4 + C) x N.';
    }
    if (columns > 4 && columns < rows) {
      return `Its second axis has ${columns} values, which fits ${columns - 4} classes, not ${classCount}.`;
    }
    return `Its second axis has ${columns} values; ${width} are needed (box and ${classCount} classes).`;
  },

  decode({ data, dims }, context, into) {
    const n = dims[2] ?? 0;
    if (context.multiLabel) {
      for (let i = 0; i < n; i++) {
        eachClass(data, 4 * n + i, n, 1, context, (classId, score) =>
          into.addCentred(classId, score, data[i]!, data[n + i]!, data[2 * n + i]!, data[3 * n + i]!),
        );
      }
    } else {
      decodeBest(data, n, context, into);
    }
  },
};

let best = new Float32Array(0);
let bestId = new Int32Array(0);

/** The classes lie n values apart, so each class is read from end to end: box by box would miss the cache every time. */
function decodeBest(data: Float32Array, n: number, context: DecodeContext, into: Candidates): void {
  if (best.length < n) {
    best = new Float32Array(n);
    bestId = new Int32Array(n);
  }
  for (let i = 0; i < n; i++) {
    best[i] = data[4 * n + i]!;
    bestId[i] = 0;
  }
  for (let c = 1; c < context.classCount; c++) {
    const base = (4 + c) * n;
    for (let i = 0; i < n; i++) {
      const value = data[base + i]!;
      const top = best[i]!;
      // A NaN wins and stays, so that it is counted; see bestClass.
      if (!(value <= top) && !Number.isNaN(top)) {
        best[i] = value;
        bestId[i] = c;
      }
    }
  }
  const { scoreThreshold, wanted } = context;
  for (let i = 0; i < n; i++) {
    if (best[i]! < scoreThreshold) continue;
    const classId = bestId[i]!;
    if (wanted !== undefined && wanted[classId] !== 1) continue;
    into.addCentred(classId, best[i]!, data[i]!, data[n + i]!, data[2 * n + i]!, data[3 * n + i]!);
  }
}
