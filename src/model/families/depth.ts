import type { Head } from '../head.ts';
import { type Family, type FamilyNetwork, imagenet, isMapOf, named, shapeText } from './family.ts';

/** Whose networks have one thing to say. */
const labels = ['depth'];

/** The head of a map of depths, or as a sentence why it is none. `known`: names of the output that exporters of these networks give. */
function depthHead(
  name: string,
  depth: Pick<NonNullable<Head['depth']>, 'gives' | 'value'>,
  known: readonly string[],
): Family['head'] {
  return (network) => {
    const output = mapIn(network, name, known);
    if (typeof output === 'string') return output;
    return {
      outputs: [{ tensors: [output.name], axis: 'none', values: 1 }],
      map: true,
      depth: { output: 0, at: 0, ...depth },
    };
  };
}

function mapIn({ asked, classes, ...network }: FamilyNetwork, name: string, known: readonly string[]) {
  const [only] = network.outputs;
  // Whatever gives one value for each place has this shape: text detectors and cut-outs too.
  const output = asked && network.outputs.length === 1 ? only : named(network.outputs, ...known);
  if (output === undefined || only === undefined)
    return `The decoder ${name} reads an output named ${known.join(', ')}.`;
  if (classes !== 1) return `A network for depth has the one label "depth", and ${classes} were given.`;
  const { dims } = output;
  const [rows = 0, columns = 0] = dims.slice(-2);
  const single = dims.length === 3 || (dims.length === 4 && dims[1] === 1);
  return single && dims[0]! <= 1 && isMapOf(rows, columns, network)
    ? output
    : `"${output.name}" is ${shapeText(dims)}, which is no map of depths for one picture.`;
}

const relativeNames = ['depth', 'predicted_depth', 'inverse_depth'];

/** MiDaS, DPT and Depth Anything: a value that is larger where it is nearer, in no unit. */
export const depthRelative: Family = {
  name: 'depth-relative',
  title: 'relative depth (MiDaS, DPT, Depth Anything)',
  layout: '1 x H x W or 1 x 1 x H x W',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch', ...imagenet },
  labels,
  head: depthHead('depth-relative', { gives: 'disparity' }, relativeNames),
};

/** The same with metres: Depth Anything's metric networks, ZoeDepth, Metric3D. They look like the relative ones. */
export const depthMetric: Family = {
  ...depthRelative,
  name: 'depth-metric',
  title: 'metric depth (Depth Anything Metric, ZoeDepth)',
  onlyAsked: true,
  head: depthHead('depth-metric', { gives: 'metres' }, relativeNames),
};

/** Monodepth2's networks, between 0.1 and 100 of a unit that training chose (`disp_to_depth`): 1 / (0.01 + 9.99 x sigmoid). */
export const monodepth: Family = {
  name: 'monodepth',
  title: 'disparity of Monodepth2, Lite-Mono',
  layout: 'disp_0 1 x 1 x H x W',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
  labels,
  head: depthHead('monodepth', { gives: 'disparity', value: { scale: 9.99, bias: 0.01 } }, [
    'disp',
    'disp_0',
    'disparity',
    'disparities',
  ]),
};
