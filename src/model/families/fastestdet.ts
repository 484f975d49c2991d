import { type Family, shapeText } from './family.ts';

const layout = '1 x (5 + C) x grid height x grid width';

/**
 * FastestDet (dog-qiuqiu/FastestDet, utils/tool.py handle_preds): planes objectness (after the sigmoid), dx, dy, w, h (raw) and
 * the class scores (after the softmax). centre = (tanh(d) + cell) * stride, size = sigmoid(raw) of the whole input;
 * score = objectness^0.6 * class^0.4. `cv2.resize`, BGR, /255.
 */
export const fastestdet: Family = {
  name: 'fastestdet',
  title: 'FastestDet',
  layout,
  input: { colorOrder: 'bgr', scale: 1 / 255, fit: 'stretch' },
  head({ outputs, classes, width, height }) {
    const output = outputs[0];
    if (output === undefined || outputs.length > 1)
      return `The decoder fastestdet reads one output, but the network has ${outputs.length}.`;
    const { dims, name } = output;
    const said = `Output "${name}" is ${shapeText(dims)}; the decoder fastestdet needs ${layout} with C = ${classes} labels.`;
    if (dims.length !== 4) return `${said} It has ${dims.length} axes where 4 are needed.`;
    const [batch = 0, planes = 0, rows = 0, columns = 0] = dims;
    const values = 5 + classes;
    if (batch > 1) return `${said} Its batch is ${batch}.`;
    if (planes !== 0 && planes !== values) {
      if (columns === values)
        return `${said} Its planes are the last axis; transpose the output to ${layout}.`;
      return planes > 5
        ? `${said} It has ${planes} planes, which fits ${planes - 5} classes, not ${classes}.`
        : `${said} It has ${planes} planes; ${values} are needed (objectness, box and ${classes} classes).`;
    }
    const stride = columns === 0 ? 16 : width / columns;
    if (!Number.isInteger(stride) || (rows !== 0 && rows * stride !== height))
      return `${said} Its grid of ${columns}x${rows} cells does not have the shape of the input, ${width}x${height}.`;
    return {
      outputs: [{ tensors: [name], axis: 'first', values }],
      boxes: {
        output: 0,
        at: 1,
        format: 'cxcywh',
        unit: 'cells',
        sizeUnit: 'fraction',
        relative: true,
        centre: { activation: 'tanh' },
        size: { activation: 'sigmoid' },
      },
      objectness: { output: 0, at: 0, power: 0.6 },
      scores: { output: 0, at: 5, power: 0.4 },
      grid: { strides: [stride] },
    };
  },
};
