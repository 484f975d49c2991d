import type { Family } from './family.ts';

/** Where import puts the module in a bundle. */
export const decoderModulePath = 'decoder.mjs';

/** Any network: its outputs go to a module that its user brings. */
export const tensor: Family = {
  name: 'tensor',
  title: 'any network, read by a module of yours (`--module`)',
  layout: 'any',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'center' },
  labels: ['tensor'],
  onlyAsked: true,
  head: ({ outputs }) => {
    if (outputs.length === 0) return 'The network has no output.';
    if (outputs.length > 8)
      return `A module reads 8 outputs at most, and the network has ${outputs.length}: name them with --output.`;
    return {
      outputs: outputs.map(({ name }) => ({ tensors: [name], axis: 'none' as const, values: 1 })),
      raw: { module: decoderModulePath },
    };
  },
};
