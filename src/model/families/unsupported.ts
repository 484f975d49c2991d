import { known, type NetworkInfo } from '../contracts.ts';
import { cellCount, defaultStrides } from './family.ts';

/** What a network that no decoder reads most likely is: a family that is not read, or one that is read in another form. */
export interface UnsupportedFamily {
  /** As its users call it. */
  readonly name: string;
  /** By what it was known. */
  readonly sign: string;
  readonly remedy: string;
}

interface Output {
  readonly name: string;
  /** 0: not known before the run. */
  readonly dims: readonly number[];
}

interface Seen {
  readonly inputs: readonly string[];
  readonly outputs: readonly Output[];
  readonly task: string | undefined;
  readonly classes: number;
  /** Cells of the usual grids; 0 where the picture's size is not known. */
  readonly cells: number;
  readonly width: number;
  readonly height: number;
}

interface Rule extends Omit<UnsupportedFamily, 'sign'> {
  /** The sign, or undefined where it is another family. */
  readonly fits: (seen: Seen) => string | undefined;
}

const withDetect = 'Export it with its Detect layer, so that boxes come out decoded in one output.';

/** The sure ones first. A network that a family of the table reads is not asked about. */
const rules: readonly Rule[] = [
  {
    name: 'instance segmentation (YOLO-seg)',
    remedy:
      'Give the labels that it was trained with, and export it with both outputs: boxes with the values of their masks, and the prototypes.',
    fits: ({ task, outputs }) => {
      if (task === 'segment') return taskSign(task);
      const masks = outputs.find(({ dims }) => dims.length === 4 && dims[1] === 32);
      return outputs.length === 2 && masks !== undefined && outputs.some(({ dims }) => dims.length === 3)
        ? `the output "${masks.name}" with 32 masks beside the boxes`
        : undefined;
    },
  },
  {
    name: 'pose estimation (YOLO-pose)',
    remedy:
      'Give the labels that it was trained with, and export it with its Pose layer, so that boxes and points come out in one output.',
    fits: ({ task, outputs: [only, ...more], classes, cells }) => {
      if (task === 'pose') return taskSign(task);
      const [, planes = 0, boxes = 0] = only?.dims ?? [];
      return more.length === 0 && only?.dims.length === 3 && boxes === cells && planes === 4 + classes + 51
        ? `${planes} values per box: box, ${classes} classes and 17 keypoints of 3`
        : undefined;
    },
  },
  {
    name: 'oriented boxes (YOLO-OBB)',
    remedy: 'Give the labels that it was trained with, and export it with its OBB layer, in one output.',
    fits: ({ task }) => (task === 'obb' ? taskSign(task) : undefined),
  },
  {
    name: 'torchvision (Faster R-CNN, RetinaNet, SSD, FCOS)',
    remedy:
      'Export it with a picture that has an axis of pictures, torch.rand(1, 3, H, W), and with its boxes, labels and scores alone.',
    fits: ({ outputs }) =>
      outputs.length >= 3 &&
      outputs.some(({ dims }) => dims.length === 2 && dims[1] === 4) &&
      outputs.filter(({ dims }) => dims.length === 1).length === 2
        ? 'three outputs: boxes x 4, and a label and a score for each'
        : undefined,
  },
  {
    name: 'a DETR',
    remedy:
      'Give one label per score, in the order of training: networks trained on COCO with its own numbers have 91.',
    fits: ({ outputs, classes }) => {
      const pair = boxesAndScores(outputs);
      return pair !== undefined && pair.boxes <= 1000
        ? `${pair.boxes} queries with ${pair.scores} scores each, where ${classes} labels were given`
        : undefined;
    },
  },
  {
    name: 'an SSD, a RetinaNet or YOLO-NAS',
    remedy:
      'Give one label per score, in the order of training; boxes that are still to be decoded are not read.',
    fits: ({ outputs, classes }) => {
      const pair = boxesAndScores(outputs);
      return pair === undefined
        ? undefined
        : `${pair.boxes} boxes with ${pair.scores} scores each, where ${classes} labels were given`;
    },
  },
  {
    name: 'raw heads with anchors (YOLOv3, YOLOv4, YOLOv5, YOLOv7)',
    remedy: withDetect,
    fits: ({ outputs, classes }) => {
      const planes = 3 * (5 + classes);
      const raw = outputs.filter(
        ({ dims }) =>
          (dims.length === 4 && (dims[1] === planes || dims[3] === planes)) ||
          (dims.length === 5 && dims[4] === 5 + classes),
      );
      return raw.length > 0 && raw.length === outputs.length
        ? `${raw.length} outputs with three anchors for each cell`
        : undefined;
    },
  },
  {
    name: 'YuNet before 2023',
    remedy: 'Use a newer one, with the outputs cls_8, obj_8 and bbox_8: face_detection_yunet_2023mar.onnx.',
    fits: ({ outputs }) =>
      isNamed(outputs, 'loc', 'conf', 'iou') ? 'the outputs "loc", "conf" and "iou"' : undefined,
  },
  {
    name: 'raw heads, one output per grid (YOLOv6, YOLOv8, NanoDet, RTMDet, FCOS)',
    remedy: `Give the labels that it was trained with; otherwise: ${withDetect}`,
    fits: ({ outputs, width, height }) =>
      outputs.length >= 3 && outputs.every(({ dims }) => isOfGrid(dims, width, height))
        ? `${outputs.length} outputs, each for the cells of one grid`
        : undefined,
  },
  {
    name: 'text detection (DBNet, PP-OCR)',
    remedy:
      'Leave --labels out: it has the one label "text"; for another name of its output say --decoder db.',
    fits: ({ outputs: [only, ...more], width, height }) =>
      more.length === 0 &&
      isMap(only, 1, width, height) &&
      (/sigmoid|fetch|save_infer/.test(only?.name ?? '') || width === 0)
        ? `${mapSign(only, width, height)}, and one value for each place`
        : undefined,
  },
  {
    name: 'depth estimation (MiDaS, Depth Anything, Lite-Mono)',
    remedy:
      'If it is that, name --decoder depth-relative, depth-metric or monodepth: its output has no name that says so.',
    fits: ({ outputs, width, height }) => {
      const map = outputs.find((output) => isMap(output, 1, width, height));
      return map !== undefined && outputs.every((output) => isMap(output, 1, width, height))
        ? `${mapSign(map, width, height)}, and one value for each place`
        : undefined;
    },
  },
  {
    name: 'semantic segmentation (DeepLab, SegFormer, PP-LiteSeg)',
    remedy:
      'Give one label per class, in the order of training, and one for the background where it has one.',
    fits: ({ outputs: [only], classes, width, height }) =>
      isMap(only, undefined, width, height) || (classes > 1 && isMap(only, classes, width, height))
        ? mapSign(only, width, height)
        : undefined,
  },
  {
    name: 'text recognition (CRNN, PP-OCR)',
    remedy:
      'Give the dictionary that it was trained with as --labels, one character per line, without the blank.',
    fits: ({ outputs: [only, ...more], width, height }) => {
      const [, steps = 0, signs = 0] = only?.dims ?? [];
      const line = height > 0 && height <= 64 && (width === 0 || width >= 2 * height);
      return more.length === 0 && only?.dims.length === 3 && line
        ? `${steps || 'some'} steps with ${signs || 'some'} characters each, from lines of ${height} pixels`
        : undefined;
    },
  },
  {
    name: 'pose estimation (SimCC: RTMPose)',
    remedy: 'Leave --labels out: it has the one label "person".',
    fits: ({ outputs }) =>
      isNamed(outputs, 'simcc_x', 'simcc_y') ? 'the outputs "simcc_x" and "simcc_y"' : undefined,
  },
  {
    name: 'pose estimation (MoveNet)',
    remedy: 'Leave --labels out: it has the one label "person".',
    fits: ({ outputs: [only, ...more] }) =>
      more.length === 0 && only?.dims.slice(-2).join() === '17,3' && only.dims.length === 4
        ? '17 points of 3 values'
        : undefined,
  },
];

/**
 * The family of a network that no decoder reads, told by its inputs, its outputs and its exporter's notes; undefined where none
 * is known. `classCount`: labels that the user gave.
 */
export function unsupportedFamily(network: NetworkInfo, classCount: number): UnsupportedFamily | undefined {
  const picture = network.inputs.find(({ shape }) => shape.length === 4);
  const { width, height } = sidesOf(picture?.shape ?? []);
  const seen: Seen = {
    inputs: network.inputs.map(({ name }) => name),
    outputs: network.outputs.map(({ name, shape }) => ({ name: name.toLowerCase(), dims: shape.map(known) })),
    task: network.task,
    classes: classCount,
    cells: cellCount({ width, height }, defaultStrides),
    width,
    height,
  };
  for (const { name, remedy, fits } of rules) {
    const sign = fits(seen);
    if (sign !== undefined) return { name, sign, remedy };
  }
  return undefined;
}

function sidesOf(shape: readonly (number | string)[]): { readonly width: number; readonly height: number } {
  const sides = shape.map(known);
  const [height = 0, width = 0] = sides[1] === 3 || sides[1] === 1 ? sides.slice(2) : sides.slice(1);
  return { width, height };
}

function taskSign(task: string): string {
  return `the task "${task}" in the file`;
}

function isNamed(outputs: readonly Output[], ...names: readonly string[]): boolean {
  return (
    outputs.length === names.length && names.every((name) => outputs.some((output) => output.name === name))
  );
}

/** Values for each cell of a grid: 1 x V x H x W, 1 x H x W x V, or 1 x cells x V. Sides that are not known fit. */
function isOfGrid(dims: readonly number[], width: number, height: number): boolean {
  if (width === 0 || height === 0) return dims.length >= 3;
  return [4, 8, 16, 32, 64, 128].some((stride) => {
    const [columns, rows] = [Math.ceil(width / stride), Math.ceil(height / stride)];
    const are = (...wanted: readonly number[]) =>
      wanted.every((side, at) => dims[at + 1] === 0 || dims[at + 1] === side);
    if (dims.length === 3) return are(columns * rows);
    if (dims.length !== 4) return false;
    return are(rows, columns) || are(dims[1]!, rows, columns);
  });
}

/** Two outputs for the same boxes: 1 x N x 4 and 1 x N x K. */
function boxesAndScores(
  outputs: readonly Output[],
): { readonly boxes: number; readonly scores: number } | undefined {
  if (outputs.length !== 2 || outputs.some(({ dims }) => dims.length !== 3)) return undefined;
  const box = outputs.find(({ dims }) => dims[2] === 4);
  const score = outputs.find((output) => output !== box);
  const boxes = box?.dims[1] ?? 0;
  if (boxes === 0 || score?.dims[1] !== boxes) return undefined;
  return { boxes, scores: score.dims[2] ?? 0 };
}

/** One value, or `planes` values, for each place of a picture: 1 x P x H x W, 1 x H x W x P or 1 x H x W. */
function isMap(
  output: Output | undefined,
  planes: number | undefined,
  width: number,
  height: number,
): boolean {
  const dims = output?.dims ?? [];
  const places = (rows: number, columns: number) =>
    isLarge(rows) && isLarge(columns) && hasAspect(rows, columns, width, height);
  if (dims.length === 3)
    return planes === 1 && (dims[1] === 0) === (dims[2] === 0) && places(dims[1]!, dims[2]!);
  if (dims.length !== 4) return false;
  const [, a = 0, b = 0, c = 0] = dims;
  const first = (planes === undefined ? a < b && a < c : a === planes) && places(b, c);
  const last = (planes === undefined ? c < a && c < b : c === planes) && places(a, b);
  return first || last;
}

/** Of the picture's, within a tenth; sides of 0 are not known. */
function hasAspect(rows: number, columns: number, width: number, height: number): boolean {
  if (rows === 0 || columns === 0 || width === 0 || height === 0) return true;
  return Math.abs((rows * width) / (columns * height) - 1) < 0.1;
}

const isLarge = (side: number) => side === 0 || side > 24;

function mapSign(output: Output | undefined, width: number, height: number): string {
  const sides = (output?.dims ?? []).slice(1).map((side) => side || '?');
  return `an output of ${sides.join(' x ')} for a picture of ${width || '?'}x${height || '?'}`;
}
