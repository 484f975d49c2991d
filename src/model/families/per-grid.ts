import { cellsOf, type Head, type HeadOutput } from '../head.ts';
import {
  cellCount,
  type Family,
  type FamilyNetwork,
  type FamilyOutput,
  imagenet,
  imagenetBytes,
  inOneOutput,
  ultralytics,
} from './family.ts';

/*
 * Families whose boxes are counted from the cells of their grids.
 */

const strides4 = [8, 16, 32, 64];

/** The strides whose cells are as many as these rows, the finest first, with the outputs that have them. */
function byStride(
  { width, height }: FamilyNetwork,
  outputs: readonly FamilyOutput[],
  rowsOf: (dims: readonly number[]) => number,
  perCell = 1,
): { readonly strides: number[]; readonly tensors: string[] } | undefined {
  const found = outputs.flatMap(({ name, dims }) => {
    const stride = [4, 8, 16, 32, 64, 128].find(
      (side) => cellsOf({ width, height }, side) * perCell === rowsOf(dims),
    );
    return stride === undefined ? [] : [{ name, stride }];
  });
  if (found.length === 0 || found.length !== outputs.length) return undefined;
  found.sort((a, b) => a.stride - b.stride);
  return { strides: found.map(({ stride }) => stride), tensors: found.map(({ name }) => name) };
}

const nanodetLayout = '1 x N x (C + 4 x bins)';

/**
 * NanoDet-Plus (RangiLyu/nanodet tools/export_onnx.py): class scores after the sigmoid, then for each side a distribution over
 * its distance in cells (DFL). BGR, ImageNet's mean and deviation in 0..255.
 */
export const nanodet: Family = {
  name: 'nanodet',
  title: 'NanoDet-Plus',
  layout: nanodetLayout,
  input: {
    ...{ colorOrder: 'bgr', scale: 1, fit: 'stretch' },
    ...imagenetBytes,
  },
  head: (network) =>
    inOneOutput(nanodetLayout, 'nanodet', network, ({ name, dims: [, rows = 0, columns = 0] }) => {
      const { classes } = network;
      const bins = (columns - classes) / 4;
      if (!Number.isInteger(bins) || bins < 4 || bins > 32)
        return `Its rows have ${columns} values; ${classes} scores and four times 4 to 32 bins are needed.`;
      const strides =
        network.strides ??
        [strides4, [8, 16, 32]].find((candidate) => cellCount(network, candidate) === rows);
      if (strides === undefined) return `Its ${rows} rows are no grid with strides 8, 16, 32 (and 64).`;
      return {
        outputs: [{ tensors: [name], axis: 'last', values: columns }],
        boxes: { output: 0, at: classes, format: 'ltrb', unit: 'cells', bins },
        scores: { output: 0, at: 0 },
        grid: { strides: [...strides] },
      };
    }),
};

/**
 * One pair of outputs per stride: scores 1 x N x C after the sigmoid, 1 x N x (4 x bins). The point of a cell is its middle.
 * `pairs`: how many.
 */
function pairsPerStride(network: FamilyNetwork, pairs: number): Head | string {
  const { outputs, classes } = network;
  // Some exports squeeze the axis of the pictures away.
  const unbatched = outputs[0]?.dims.length === 2;
  const flat = outputs.filter(({ dims }) => dims.length === (unbatched ? 2 : 3));
  const scores = flat.filter(({ dims }) => dims.at(-1) === classes);
  const boxes = flat.filter((output) => !scores.includes(output));
  const width = boxes[0]?.dims.at(-1) ?? 0;
  if (flat.length !== outputs.length || scores.length !== boxes.length || scores.length !== pairs)
    return `It has no ${pairs} pairs of outputs 1 x N x ${classes} and 1 x N x (4 x bins).`;
  if (width % 4 !== 0 || width < 16 || boxes.some(({ dims }) => dims.at(-1) !== width))
    return 'Its boxes are not distributions of one width.';
  const rows = (dims: readonly number[]) => dims.at(-2) ?? 0;
  const squeezed = unbatched ? { unbatched } : {};
  const scoresBy = byStride(network, scores, rows);
  const boxesBy = byStride(network, boxes, rows);
  if (scoresBy === undefined || boxesBy === undefined) return 'Their rows are not grids of the input.';
  return {
    outputs: [
      { tensors: scoresBy.tensors, axis: 'last', values: classes, ...squeezed },
      { tensors: boxesBy.tensors, axis: 'last', values: width, ...squeezed },
    ],
    boxes: { output: 1, at: 0, format: 'ltrb', unit: 'cells', bins: width / 4 },
    scores: { output: 0, at: 0 },
    grid: { strides: scoresBy.strides, offset: 0.5 },
  };
}

/** PaddleDetection's PicoDet without postprocessing, with strides 8 to 64. */
export const picodet: Family = {
  name: 'picodet',
  title: 'PicoDet without postprocessing',
  layout: 'per stride: scores 1 x N x C and boxes 1 x N x (4 x bins)',
  input: {
    ...{ colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
    ...imagenet,
  },
  head: (network) => pairsPerStride(network, 4),
};

/** The first NanoDet (nanodet-m), with strides 8 to 32; its configurations keep the aspect (`keep_ratio`). */
export const nanodetM: Family = {
  name: 'nanodet-m',
  title: 'NanoDet-m',
  layout: picodet.layout,
  input: { ...nanodet.input, fit: 'center' },
  head: (network) => pairsPerStride(network, 3),
};

/** Eyes, nose and corners of the mouth, counted in cells from the point of the cell. */
const facePoints = (output: number): NonNullable<Head['keypoints']> => ({
  ...{ output, at: 0, count: 5, values: 2, unit: 'cells', relative: true },
});

/**
 * YuNet (ShiqiYu/libfacedetection, OpenCV's FaceDetectorYN): per stride class, objectness, box (and five points). centre =
 * (cell + xy) * stride, size = exp(wh) * stride, score = sqrt(class * objectness). BGR 0..255.
 */
export const yunet: Family = {
  name: 'yunet',
  title: 'YuNet (faces)',
  layout: 'cls_8, obj_8, bbox_8, and the same for 16 and 32',
  input: { colorOrder: 'bgr', scale: 1, fit: 'top-left' },
  head({ outputs, classes }) {
    const strides = [8, 16, 32];
    const tensors = (name: string) => strides.map((stride) => `${name}_${stride}`);
    const wanted = ['cls', 'obj', 'bbox'].map(tensors);
    const missing = wanted.flat().find((name) => !outputs.some((output) => output.name === name));
    if (missing !== undefined) return `It has no output "${missing}".`;
    if (classes !== 1) return `It knows one class, the face, and ${classes} labels were given.`;
    const hasPoints = tensors('kps').every((name) => outputs.some((output) => output.name === name));
    const points: HeadOutput | undefined = hasPoints
      ? { tensors: tensors('kps'), axis: 'last', values: 10 }
      : undefined;
    return {
      outputs: [
        { tensors: wanted[0]!, axis: 'last', values: 1 },
        { tensors: wanted[1]!, axis: 'last', values: 1 },
        { tensors: wanted[2]!, axis: 'last', values: 4 },
        ...(points === undefined ? [] : [points]),
      ],
      boxes: {
        output: 2,
        at: 0,
        format: 'cxcywh',
        unit: 'cells',
        relative: true,
        size: { activation: 'exp' },
      },
      scores: { output: 0, at: 0, power: 0.5 },
      objectness: { output: 1, at: 0, power: 0.5 },
      ...(points === undefined ? {} : { keypoints: facePoints(3) }),
      grid: { strides },
    };
  },
};

/**
 * SCRFD (InsightFace): per stride and for two anchors of each cell a score after the sigmoid, distances in cells (and five points).
 * RGB, (pixel - 127.5) / 128.
 */
export const scrfd: Family = {
  name: 'scrfd',
  title: 'SCRFD (faces)',
  layout: 'per stride: scores N x 1 and distances N x 4',
  input: {
    ...{ colorOrder: 'rgb', scale: 1, fit: 'top-left' },
    mean: [127.5, 127.5, 127.5],
    std: [128, 128, 128],
  },
  head(network) {
    const { outputs, classes } = network;
    const unbatched = outputs[0]?.dims.length === 2;
    const of = (values: number) =>
      byStride(
        network,
        outputs.filter(({ dims }) => dims.at(-1) === values),
        (dims) => dims.at(-2) ?? 0,
        2,
      );
    const [scores, boxes, points] = [of(1), of(4), of(10)];
    if (scores === undefined || boxes === undefined || scores.strides.length !== boxes.strides.length)
      return 'It has no pairs of outputs N x 1 and N x 4 with two rows for each cell of a stride.';
    if (outputs.some(({ dims }) => ![1, 4, 10].includes(dims.at(-1) ?? 0)))
      return 'It has other outputs than scores, distances and five points.';
    if (classes !== 1) return `It knows one class, the face, and ${classes} labels were given.`;
    const squeezed = unbatched ? { unbatched } : {};
    return {
      outputs: [
        { tensors: scores.tensors, axis: 'last', values: 1, ...squeezed },
        { tensors: boxes.tensors, axis: 'last', values: 4, ...squeezed },
        ...(points === undefined
          ? []
          : [{ tensors: points.tensors, axis: 'last' as const, values: 10, ...squeezed }]),
      ],
      boxes: { output: 1, at: 0, format: 'ltrb', unit: 'cells' },
      scores: { output: 0, at: 0 },
      ...(points === undefined ? {} : { keypoints: facePoints(2) }),
      grid: {
        strides: scores.strides,
        anchors: scores.strides.map((stride) => [
          [2 * stride, 2 * stride],
          [4 * stride, 4 * stride],
        ]),
      },
    };
  },
};

/** The anchors of yolov5{n,s,m,l,x}.yaml, per stride. */
const yolov5Anchors: [number, number][][] = [
  [
    [10, 13],
    [16, 30],
    [33, 23],
  ],
  [
    [30, 61],
    [62, 45],
    [59, 119],
  ],
  [
    [116, 90],
    [156, 198],
    [373, 326],
  ],
];

/**
 * YOLOv5 and YOLOv7-tiny without their Detect layer (`--train`): one output per stride, 1 x 3 x H x W x (5 + C), before the sigmoid.
 * centre = (2 * sigmoid(xy) - 0.5 + cell) * stride, size = (2 * sigmoid(wh))^2 * anchor, with the anchors of the released networks.
 */
export const yolov5Raw: Family = {
  name: 'yolov5-raw',
  title: 'YOLOv5 without its Detect layer',
  layout: 'per stride: 1 x 3 x H x W x (5 + C)',
  input: ultralytics,
  head(network) {
    const { outputs, classes } = network;
    const values = 5 + classes;
    if (outputs.length !== 3 || outputs.some(({ dims }) => dims.length !== 5 || dims[1] !== 3))
      return 'It has no three outputs 1 x 3 x H x W x (5 + C).';
    if (outputs.some(({ dims }) => dims[4] !== values))
      return `Its rows have ${outputs[0]?.dims[4]} values; ${values} are needed for ${classes} labels.`;
    const found = byStride(network, outputs, (dims) => (dims[2] ?? 0) * (dims[3] ?? 0) * 3, 3);
    if (found === undefined) return 'Their rows are not grids of the input.';
    return {
      outputs: [{ tensors: found.tensors, axis: 'last', values }],
      boxes: {
        output: 0,
        at: 0,
        format: 'cxcywh',
        unit: 'cells',
        sizeUnit: 'anchor',
        relative: true,
        centre: { activation: 'sigmoid', scale: 2, bias: -0.5 },
        size: { activation: 'sigmoid', scale: 2, power: 2 },
      },
      objectness: { output: 0, at: 4, activation: 'sigmoid' },
      scores: { output: 0, at: 5, activation: 'sigmoid' },
      grid: { strides: found.strides, anchors: yolov5Anchors, order: 'anchors' },
    };
  },
};
