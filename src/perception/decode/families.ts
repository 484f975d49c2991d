import type { NetworkInfo } from '../../model/index.ts';
import { cellCount, defaultStrides } from './decoder.ts';

/** A family of networks that no decoder here reads. */
export interface Family {
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

interface Rule extends Omit<Family, 'sign'> {
  /** The sign, or undefined where it is another family. */
  readonly fits: (seen: Seen) => string | undefined;
}

const detectorOfOurs =
  'Use a network that detects boxes, of a family that `goshawk model import --help` names under --decoder.';
const withDetect = 'Export it with its Detect layer, so that boxes come out decoded in one output.';

/** The sure ones first. A family that has a decoder is in none of them. */
const rules: readonly Rule[] = [
  {
    name: 'instance segmentation (YOLO-seg)',
    remedy: 'Export the detection model of the same family; masks are not read.',
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
    remedy: 'Export the detection model of the same family; keypoints are not read.',
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
    remedy: 'Export the detection model of the same family; turned boxes are not read.',
    fits: ({ task }) => (task === 'obb' ? taskSign(task) : undefined),
  },
  {
    name: 'RT-DETR, D-FINE or another DETR with its postprocessing inside',
    remedy: detectorOfOurs,
    fits: ({ inputs, outputs }) =>
      inputs.includes('orig_target_sizes') ||
      (isNamed(outputs, 'labels', 'boxes', 'scores') && inputs.length === 2)
        ? 'the input "orig_target_sizes"'
        : undefined,
  },
  {
    name: 'TensorFlow object detection (SSD, EfficientDet)',
    remedy: detectorOfOurs,
    fits: ({ outputs }) =>
      outputs.some(({ name }) => /detection_boxes|num_detections/.test(name))
        ? 'the output "detection_boxes" or "num_detections"'
        : undefined,
  },
  {
    name: 'MMDetection with its postprocessing inside',
    remedy: detectorOfOurs,
    fits: ({ outputs }) =>
      isNamed(outputs, 'dets', 'labels') ? 'the outputs "dets" and "labels"' : undefined,
  },
  {
    name: 'torchvision (Faster R-CNN, RetinaNet, SSD, FCOS)',
    remedy: detectorOfOurs,
    fits: ({ outputs }) =>
      outputs.length === 3 &&
      outputs.some(({ dims }) => dims.length === 2 && dims[1] === 4) &&
      outputs.filter(({ dims }) => dims.length === 1).length === 2
        ? 'three outputs: boxes x 4, and a label and a score for each'
        : undefined,
  },
  {
    name: 'DETR or RT-DETR',
    remedy: detectorOfOurs,
    fits: ({ outputs }) => {
      const pair = boxesAndScores(outputs);
      return pair !== undefined && pair.boxes <= 1000
        ? `${pair.boxes} queries with 4 values and ${pair.scores} scores each, in two outputs`
        : undefined;
    },
  },
  {
    name: 'SSD, RetinaNet or YOLO-NAS',
    remedy: detectorOfOurs,
    fits: ({ outputs }) => {
      const pair = boxesAndScores(outputs);
      return pair === undefined
        ? undefined
        : `${pair.boxes} boxes of 4 values and ${pair.scores} scores each, in two outputs`;
    },
  },
  {
    name: 'RT-DETR',
    remedy:
      'Use another family: turning its output round does not help, since its boxes are parts of the picture and not pixels.',
    fits: ({ outputs: [only, ...more], classes, cells }) => {
      if (only === undefined || more.length > 0 || only.dims.length !== 3) return undefined;
      const [, a = 0, b = 0] = only.dims;
      const queries = b === 4 + classes ? a : a === 4 + classes ? b : 0;
      return queries >= 100 && queries <= 1000 && queries % 100 === 0 && queries !== cells
        ? `${queries} queries of 4 + ${classes} values, where a grid has ${cells} cells`
        : undefined;
    },
  },
  {
    name: 'YOLOv7 with NMS inside',
    remedy: 'Export it without --end2end and read it with --decoder yolov5.',
    fits: ({ outputs: [only, ...more] }) =>
      more.length === 0 && only?.dims.length === 2 && only.dims[1] === 7
        ? 'rows of 7 values: picture, corners, class, score'
        : undefined,
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
    name: 'raw heads, one output per grid (YOLOv6, YOLOv8, NanoDet, RTMDet, FCOS)',
    remedy: withDetect,
    fits: ({ outputs }) =>
      outputs.length >= 3 && outputs.every(({ dims }) => dims.length >= 3)
        ? `${outputs.length} outputs where one is read`
        : undefined,
  },
  {
    name: 'semantic segmentation or depth',
    remedy: detectorOfOurs,
    fits: ({ outputs: [only, ...more], width, height }) => {
      const [, , rows = 0, columns = 0] = only?.dims ?? [];
      const dense = only?.dims.length === 4 && rows * 8 >= height && columns * 8 >= width;
      return more.length === 0 && dense && rows > 0 && width > 0
        ? `an output for every ${width / columns} pixels`
        : undefined;
    },
  },
];

/**
 * The family of a network that no decoder reads, told by its inputs, its outputs and its exporter's notes; undefined where none
 * is known. `classCount`: labels that the user gave.
 */
export function unsupportedFamily(network: NetworkInfo, classCount: number): Family | undefined {
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
  const [height = 0, width = 0] = sides[1] === 3 ? sides.slice(2) : sides.slice(1);
  return { width, height };
}

function known(side: number | string): number {
  return typeof side === 'number' && side > 0 ? side : 0;
}

function taskSign(task: string): string {
  return `the task "${task}" in the file`;
}

function isNamed(outputs: readonly Output[], ...names: readonly string[]): boolean {
  return (
    outputs.length === names.length && names.every((name) => outputs.some((output) => output.name === name))
  );
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
