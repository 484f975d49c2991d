import type { Head } from '../head.ts';
import { type Family, type FamilyNetwork, imagenet, isMapOf, shapeText } from './family.ts';

/** The one output, as a sentence what it is where it is no map; `axes`: how many it may have. */
function mapOf({ outputs }: FamilyNetwork, name: string, ...axes: readonly number[]) {
  const [output] = outputs;
  if (output === undefined || outputs.length > 1)
    return `The decoder ${name} reads one output, but the network has ${outputs.length}.`;
  const { dims } = output;
  if (!axes.includes(dims.length) || dims[0]! > 1)
    return `Output "${output.name}" is ${shapeText(dims)}, which is no map for one picture.`;
  return output;
}

const perClass = (name: string, axis: 'first' | 'last', classes: number): Head => ({
  outputs: [{ tensors: [name], axis, values: classes }],
  scores: { output: 0, at: 0, activation: 'softmax' },
  map: true,
});

/** DeepLab and FCN of torchvision, SegFormer, BiSeNet, PP-LiteSeg without argmax: logits 1 x C x H x W, ImageNet's mean and deviation. */
export const semantic: Family = {
  name: 'semantic',
  title: 'semantic segmentation (DeepLab, SegFormer, PP-LiteSeg, BiSeNet)',
  layout: '1 x C x H x W',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch', ...imagenet },
  head(network) {
    const output = mapOf(network, 'semantic', 4);
    if (typeof output === 'string') return output;
    const [, planes = 0, rows = 0, columns = 0] = output.dims;
    const { classes } = network;
    if (planes !== classes || classes < 2)
      return `"${output.name}" has ${planes} planes, and ${classes} labels were given.`;
    if (!isMapOf(rows, columns, network)) return `"${output.name}" is ${columns}x${rows}: too few places.`;
    return perClass(output.name, 'first', classes);
  },
};

/** TensorFlow's DeepLab: logits 1 x H x W x C, pixels from -1 to 1. */
export const semanticNhwc: Family = {
  name: 'semantic-nhwc',
  title: 'semantic segmentation of TensorFlow (DeepLab)',
  layout: '1 x H x W x C',
  input: {
    ...{ colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  },
  head(network) {
    const output = mapOf(network, 'semantic-nhwc', 4);
    if (typeof output === 'string') return output;
    const [, rows = 0, columns = 0, planes = 0] = output.dims;
    const { classes } = network;
    if (planes !== classes || classes < 2)
      return `"${output.name}" has ${planes} values for each place, and ${classes} labels were given.`;
    if (!isMapOf(rows, columns, network)) return `"${output.name}" is ${columns}x${rows}: too few places.`;
    return perClass(output.name, 'last', classes);
  },
};

/** PaddleSeg and MMSegmentation with their argmax inside: the class of each place. */
export const semanticArgmax: Family = {
  name: 'semantic-argmax',
  title: 'semantic segmentation with argmax inside (PaddleSeg, MMSegmentation)',
  layout: '1 x H x W or 1 x 1 x H x W',
  input: {
    ...{ colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  },
  head(network) {
    const output = mapOf(network, 'semantic-argmax', 3, 4);
    if (typeof output === 'string') return output;
    const { dims, integers } = output;
    if (integers !== true) return `"${output.name}" holds no whole numbers.`;
    const [rows = 0, columns = 0] = dims.slice(-2);
    if ((dims.length === 4 && dims[1] !== 1) || !isMapOf(rows, columns, network))
      return `"${output.name}" is ${shapeText(dims)}, which is no map for one picture.`;
    return {
      outputs: [{ tensors: [output.name], axis: 'none', values: 1 }],
      scores: { output: 0, at: 0 },
      classes: { output: 0, at: 0 },
      map: true,
    };
  },
};
