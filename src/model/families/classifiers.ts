import type { Head } from '../head.ts';
import { type Family, type FamilyNetwork, imagenet, shapeText } from './family.ts';

/** One value per label for the whole picture: 1 x C, or 1 x C x 1 x 1 where the pooling kept its axes. */
function perLabel(
  { outputs, classes }: FamilyNetwork,
  decoder: string,
  activation: 'softmax' | undefined,
): Head | string {
  const output = outputs[0];
  if (output === undefined || outputs.length > 1)
    return `The decoder ${decoder} reads one output, but the network has ${outputs.length}.`;
  const { name, dims } = output;
  const said = `Output "${name}" is ${shapeText(dims)}; the decoder ${decoder} needs 1 x C with C = ${classes} labels.`;
  const [batch = 0, values = 0, ...ones] = dims;
  if (dims.length < 2 || batch > 1 || ones.some((side) => side !== 1)) return said;
  if (values !== 0 && values !== classes)
    return `${said} It has ${values} values, which is not the number of labels, ${classes}.`;
  return {
    outputs: [{ tensors: [name], axis: 'first', values: classes }],
    scores: { output: 0, at: 0, ...(activation === undefined ? {} : { activation }) },
  };
}

/** torchvision, timm and the like: logits, ImageNet's mean and deviation. A box was cut out of the frame already, so nothing is cropped. */
export const logits: Family = {
  name: 'logits',
  title: 'classifiers that give logits (torchvision, timm)',
  layout: '1 x C',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch', ...imagenet },
  head: (network) => perLabel(network, 'logits', 'softmax'),
};

/** Ultralytics -cls: the softmax is in the network, /255. */
export const softmax: Family = {
  name: 'softmax',
  title: 'classifiers with their softmax inside (YOLO-cls)',
  layout: '1 x C',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
  head: (network) => perLabel(network, 'softmax', undefined),
};
