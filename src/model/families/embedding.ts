import { type Family, imagenet, shapeText } from './family.ts';

/** Networks that were trained so that pictures of the same are near to each other: re-identification, faces, products. */
export const embedding: Family = {
  name: 'embedding',
  title: 'embeddings (OSNet, FastReID, timm without its classifier)',
  layout: '1 x C',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch', ...imagenet },
  labels: ['embedding'],
  // A classifier looks the same.
  onlyAsked: true,
  head: ({ outputs: [output, ...more] }) => {
    if (output === undefined || more.length > 0)
      return `The decoder embedding reads one output, but the network has ${more.length + 1}.`;
    const { name, dims } = output;
    const [batch = 0, ...sides] = dims;
    const length = sides.reduce((product, side) => product * side, 1);
    if (dims.length < 2 || batch > 1 || length < 2 || length > 4096)
      return `Output "${name}" is ${shapeText(dims)}; the decoder embedding needs 1 x C, with C from 2 to 4096.`;
    return {
      outputs: [{ tensors: [name], axis: 'all', values: length }],
      vector: { output: 0, at: 0, length, normalise: 'l2' },
    };
  },
};
