import { type Family, type FamilyNetwork, imagenet, shapeText } from './family.ts';

/** As PaddlePaddle's converters name outputs. */
const paddleMap = /sigmoid|fetch_name|save_infer_model|maps/i;

/**
 * Text detection by differentiable binarization. PP-OCR trains on BGR with the numbers that ImageNet has for RGB
 * (PaddleOCR configs/det, `NormalizeImage` behind `DecodeImage: img_mode: BGR`); `unclip_ratio` is 1.5, `thresh` 0.3.
 */
export const db: Family = {
  name: 'db',
  title: 'text detection (DBNet, PP-OCR det)',
  layout: '1 x 1 x H x W',
  input: { colorOrder: 'bgr', scale: 1 / 255, fit: 'center', ...imagenet },
  labels: ['text'],
  head: ({ outputs: [output, ...more], classes, width, height, asked }) => {
    if (output === undefined || more.length > 0)
      return `The decoder db reads one output, but the network has ${more.length + 1}.`;
    const { name, dims } = output;
    if (!asked && !paddleMap.test(name))
      return 'The decoder db reads an output that is named as PaddlePaddle does.';
    if (classes !== 1) return `A text detector has the one label "text", and ${classes} were given.`;
    const [batch = 0, planes = 0, rows = 0, columns = 0] = dims;
    const fits = (side: number, whole: number) => side === 0 || side === whole;
    if (dims.length !== 4 || batch > 1 || planes > 1 || !fits(rows, height) || !fits(columns, width))
      return `"${name}" is ${shapeText(dims)}, which is no map of ${width}x${height} for one picture.`;
    return {
      outputs: [{ tensors: [name], axis: 'none', values: 1 }],
      regions: { output: 0, at: 0, threshold: 0.3, grow: 1.5 },
    };
  },
};

/** A line of text is wide and low. */
function isLine({ width, height }: FamilyNetwork): boolean {
  return height <= 64 && width >= 2 * height;
}

/**
 * Text recognition: steps along the line, and for each the blank and the characters. PP-OCR: `(x / 255 - 0.5) / 0.5` of BGR, padded
 * at the right with what becomes 0 (PaddleOCR tools/infer/predict_rec.py, `resize_norm_img`).
 */
export const ctc: Family = {
  name: 'ctc',
  title: 'text recognition (PP-OCR rec, CRNN with a softmax inside)',
  layout: '1 x T x (1 + C), the blank first',
  input: {
    ...{ colorOrder: 'bgr', scale: 1 / 255, fit: 'top-left', pad: 127 },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  },
  head: (network) => {
    const { outputs, classes, asked } = network;
    const [output, ...more] = outputs;
    if (output === undefined || more.length > 0)
      return `The decoder ctc reads one output, but the network has ${outputs.length}.`;
    const { name, dims } = output;
    if (!asked && !isLine(network)) return 'The decoder ctc reads lines of text: wide and low pictures.';
    const [batch = 0, , values = 0] = dims;
    if (dims.length !== 3 || batch > 1 || (values !== 0 && values !== classes + 1))
      return `Output "${name}" is ${shapeText(dims)}; the decoder ctc needs 1 x T x (1 + C) with C = ${classes} characters.`;
    return {
      outputs: [{ tensors: [name], axis: 'last', values: classes + 1 }],
      text: { output: 0, at: 0, blank: 'first' },
    };
  },
};
