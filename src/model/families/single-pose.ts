import { type Convention, type Family, inOneOutput, named, shapeText } from './family.ts';

/** These networks know one thing, and COCO's 17 points of it. */
const labels = ['person'];
const points = 17;

const oneLabel = (classes: number) =>
  `A network for poses of people has the one label "person", and ${classes} were given.`;

/** OpenMMLab's: RGB with ImageNet's mean and deviation, on a black pad. */
const mmpose: Convention = {
  ...{ colorOrder: 'rgb', scale: 1, fit: 'center', pad: 0 },
  ...{ mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
};

/** Behind the axis of the pictures. A side that is not known is none of these, or every network would be one. */
const isExactly = ([pictures, ...sides]: readonly number[], ...wanted: readonly number[]) =>
  pictures! <= 1 && sides.join() === wanted.join();

/** RTMPose and other SimCC heads of MMPose, on the crop of one person. How many points there are is theirs. */
export const rtmpose: Family = {
  name: 'rtmpose',
  title: 'RTMPose, SimCC (one person: feed it crops)',
  layout: 'simcc_x 1 x points x V and simcc_y 1 x points x V',
  input: mmpose,
  labels,
  head({ outputs, classes }) {
    const [x, y] = [named(outputs, 'simcc_x'), named(outputs, 'simcc_y')];
    if (x === undefined || y === undefined)
      return 'The decoder rtmpose reads the outputs simcc_x and simcc_y.';
    if (classes !== 1) return oneLabel(classes);
    const fits = [x, y].every(({ dims }) => dims.length === 3 && dims[0]! <= 1 && dims[2] !== 0);
    if (!fits || x.dims[1] !== y.dims[1])
      return `"${x.name}" is ${shapeText(x.dims)} and "${y.name}" ${shapeText(y.dims)}, which are no rows for the same points.`;
    return {
      outputs: [x, y].map(({ name, dims }) => ({ tensors: [name], axis: 'last' as const, values: dims[2]! })),
      simcc: { x: 0, y: 1 },
    };
  },
};

/** `tf.image.resize_with_pad`, pixels 0..255. */
const tensorflow: Convention = { colorOrder: 'rgb', scale: 1, fit: 'center', pad: 0 };

/** y, x and score of each point, in parts of the input. */
const movenetPoints = {
  ...{ output: 0, at: 0, count: points, values: 3 as const },
  ...{ unit: 'fraction' as const, order: 'yx' as const },
};

const singleLayout = '1 x 1 x 17 x 3';

/** MoveNet Lightning and Thunder, singlepose. */
export const movenet: Family = {
  name: 'movenet',
  title: 'MoveNet singlepose',
  layout: singleLayout,
  input: tensorflow,
  labels,
  head({ outputs, classes }) {
    const [output] = outputs;
    if (output === undefined || outputs.length > 1 || !isExactly(output.dims, 1, points, 3))
      return `The decoder movenet reads one output ${singleLayout}.`;
    if (classes !== 1) return oneLabel(classes);
    return {
      outputs: [{ tensors: [output.name], axis: 'all', values: 3 * points }],
      keypoints: movenetPoints,
    };
  },
};

const multiLayout = '1 x 6 x 56';

/** MoveNet multipose: 17 points, then ymin, xmin, ymax, xmax and score of up to six people. */
export const movenetMulti: Family = {
  name: 'movenet-multipose',
  title: 'MoveNet multipose',
  layout: multiLayout,
  input: tensorflow,
  labels,
  head: (network) =>
    inOneOutput('1 x N x 56', 'movenet-multipose', network, ({ name, dims }) => {
      if (!isExactly(dims, 6, 56)) return `It is not ${multiLayout}.`;
      if (network.classes !== 1) return oneLabel(network.classes);
      return {
        outputs: [{ tensors: [name], axis: 'last', values: 56 }],
        boxes: { output: 0, at: 51, format: 'yxyx', unit: 'fraction' },
        scores: { output: 0, at: 55 },
        keypoints: movenetPoints,
        final: true,
      };
    }),
};
