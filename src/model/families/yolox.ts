import type { Head } from '../head.ts';
import {
  type Convention,
  cellCount,
  defaultStrides,
  type Family,
  type FamilyNetwork,
  inOneOutput,
} from './family.ts';

const layout = '1 x N x (5 + C), N = grid cells of all strides';
/** Megvii YOLOX from 0.1.1 on, `preproc`. */
const input: Convention = { colorOrder: 'bgr', scale: 1, fit: 'top-left' };

function read(network: FamilyNetwork, decoder: string, head: (name: string, strides: number[]) => Head) {
  return inOneOutput(layout, decoder, network, ({ name, dims: [, rows = 0, columns = 0] }) => {
    const { classes, width, height } = network;
    const strides = [...(network.strides ?? defaultStrides)];
    const values = 5 + classes;
    const cells = cellCount(network, strides);
    if (columns !== 0 && columns !== values) {
      if (rows === 4 + classes)
        return `It looks like yolov8: ${rows} values per box (4 + ${classes} classes) along the second axis and no objectness.`;
      if (rows === values)
        return 'It looks like yolox with its last two axes swapped; transpose the output to 1 x N x (5 + C).';
      if (rows === cells && columns > 5)
        return `Its rows have ${columns} values, which fits ${columns - 5} classes, not ${classes}.`;
      return `Its rows have ${columns} values; ${values} are needed (box, objectness and ${classes} classes).`;
    }
    const grid = `${cells} grid cells (input ${width}x${height}, strides ${strides.join(', ')})`;
    if (rows !== 0 && rows !== cells) {
      if (rows === 3 * cells)
        return `It looks like yolov5: ${rows} rows are three anchors for each of ${grid}.`;
      return `It has ${rows} rows, but there are ${grid}; is the input size or a stride another one?`;
    }
    return head(name, strides);
  });
}

const base = (name: string, classes: number) => ({
  outputs: [{ tensors: [name], axis: 'last' as const, values: 5 + classes }],
  objectness: { output: 0, at: 4 },
  scores: { output: 0, at: 5 },
});

/**
 * YOLOX exported without `--decode_in_inference` (Megvii-BaseDetection/YOLOX tools/export_onnx.py): one row per grid cell,
 * strides in order, each grid row by row. centre = (xy + cell) * stride, size = exp(wh) * stride; objectness and classes are
 * after the sigmoid. score = objectness * class.
 */
export const yolox: Family = {
  name: 'yolox',
  title: 'YOLOX',
  layout,
  input,
  head: (network) =>
    read(network, 'yolox', (name, strides) => ({
      ...base(name, network.classes),
      boxes: {
        output: 0,
        at: 0,
        format: 'cxcywh',
        unit: 'cells',
        relative: true,
        size: { activation: 'exp' },
      },
      grid: { strides },
    })),
};

/** The same with `--decode_in_inference`: boxes are in input pixels already. */
export const yoloxDecoded: Family = {
  name: 'yolox-decoded',
  title: 'YOLOX with --decode_in_inference',
  layout,
  input,
  head: (network) =>
    read(network, 'yolox-decoded', (name) => ({
      ...base(name, network.classes),
      boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
    })),
};
