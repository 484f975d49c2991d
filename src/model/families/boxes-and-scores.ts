import type { Head, HeadScores } from '../head.ts';
import { rowsOfStride } from '../head.ts';
import {
  type Convention,
  type Family,
  type FamilyNetwork,
  type FamilyOutput,
  hasShape,
  imagenet,
  imagenetBytes,
  named,
  ultralytics,
} from './family.ts';

/*
 * Families that give the boxes of all their cells in one output and the scores in another one.
 */

type Pair = { readonly boxes: FamilyOutput; readonly scores: FamilyOutput };

/** N x 4 and N x `columns`; `ones`: how many axes of 1 stand between. */
function pairOf({ outputs }: FamilyNetwork, columns: number, ones = 0): Pair | string {
  const between = Array.from({ length: ones }, () => 1);
  if (outputs.length !== 2) return `It has ${outputs.length} outputs; boxes and scores are needed.`;
  const boxes =
    outputs.find(({ name, dims }) => /box|bbox|loc/i.test(name) && dims.at(-1) === 4) ??
    outputs.find(({ dims }) => dims.at(-1) === 4);
  const scores = outputs.find((output) => output !== boxes);
  if (boxes === undefined || scores === undefined) return 'None of its outputs has 4 values per row.';
  if (!hasShape(boxes.dims, 1, undefined, ...between, 4))
    return `"${boxes.name}" is not 1 x N ${ones === 0 ? '' : 'x 1 '}x 4.`;
  if (!hasShape(scores.dims, 1, boxes.dims[1], columns))
    return `"${scores.name}" is not 1 x N x ${columns} for the same N as "${boxes.name}".`;
  const [, rows = 0] = boxes.dims;
  if (rows !== 0 && rows <= 300) return `It has ${rows} boxes, as few as a DETR.`;
  return { boxes, scores };
}

function head(pair: Pair | string, columns: number, boxes: Partial<Head>, scores: Partial<HeadScores>) {
  if (typeof pair === 'string') return pair;
  return {
    outputs: [
      { tensors: [pair.boxes.name], axis: 'last', values: 4 },
      { tensors: [pair.scores.name], axis: 'last', values: columns },
    ],
    ...boxes,
    scores: { output: 1, at: 0, ...scores },
  } satisfies Head;
}

const corners = (unit: 'pixels' | 'fraction'): Partial<Head> => ({
  boxes: { output: 0, at: 0, format: 'xyxy', unit },
});

/** YOLO-NAS (Deci super-gradients, without NMS): corners in input pixels, scores after the sigmoid; validated on RGB. */
export const yolonas: Family = {
  name: 'yolo-nas',
  title: 'YOLO-NAS',
  layout: 'boxes 1 x N x 4 and scores 1 x N x C',
  input: ultralytics,
  head: (network) => head(pairOf(network, network.classes), network.classes, corners('pixels'), {}),
};

/** PP-YOLOE and PicoDet of PaddleDetection without NMS: corners in input pixels, scores 1 x C x N after the sigmoid. */
export const ppyoloe: Family = {
  name: 'pp-yoloe',
  title: 'PP-YOLOE, PicoDet with their boxes decoded',
  layout: 'boxes 1 x N x 4 and scores 1 x C x N',
  input: {
    ...{ colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
    ...imagenet,
  },
  head({ outputs, classes, furtherInputs }) {
    if (furtherInputs.length > 0) return `It has a further input, "${furtherInputs[0]}".`;
    const boxes = outputs.find(({ dims }) => dims.length === 3 && dims[2] === 4);
    const scores = outputs.find((output) => output !== boxes);
    if (outputs.length !== 2 || boxes === undefined || scores === undefined)
      return `It has ${outputs.length} outputs; boxes 1 x N x 4 and scores 1 x C x N are needed.`;
    const [, rows] = boxes.dims;
    if (!hasShape(scores.dims, 1, classes, rows) || (rows === classes && rows !== 0))
      return `"${scores.name}" is not 1 x ${classes} x N.`;
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'last', values: 4 },
        { tensors: [scores.name], axis: 'first', values: classes },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 1, at: 0 },
    };
  },
};

/**
 * PP-YOLOE with `exclude_post_process`: corners in input pixels, then the scores after the sigmoid, in one output. A YOLOv8 with
 * swapped axes has the same shape; Paddle's names of values tell them apart, or the user does.
 */
export const ppyoloeJoined: Family = {
  name: 'pp-yoloe-joined',
  title: 'PP-YOLOE with `exclude_post_process`',
  layout: '1 x N x (4 + C), corners',
  input: ppyoloe.input,
  head({ outputs, classes, furtherInputs, asked }) {
    const [output] = outputs;
    if (furtherInputs.length > 0) return `It has a further input, "${furtherInputs[0]}".`;
    if (outputs.length !== 1 || output === undefined || !hasShape(output.dims, 1, undefined, 4 + classes))
      return `It has no single output 1 x N x ${4 + classes}.`;
    const [, rows = 0] = output.dims;
    if (rows !== 0 && rows <= 300) return `It has ${rows} boxes, as few as final ones.`;
    if (!asked && !paddleNames.test(output.name)) return `"${output.name}" is no name that Paddle gives.`;
    return {
      outputs: [{ tensors: [output.name], axis: 'last', values: 4 + classes }],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 0, at: 4 },
    };
  },
};

/** `concat_14.tmp_0`, `tmp_17`, `save_infer_model/scale_0.tmp_0`, `fetch_name_0`, `p2o.Concat.29`. */
const paddleNames = /(^|[./])tmp_\d+$|^save_infer_model|^fetch_name_\d+$|^p2o\./;

/** YOLOv4 (Tianxiaomo/pytorch-YOLOv4): corners as parts of the picture, confidences after the sigmoid. */
export const yolov4: Family = {
  name: 'yolov4',
  title: 'YOLOv4 (pytorch-YOLOv4)',
  layout: 'boxes 1 x N x 1 x 4 and confs 1 x N x C',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' },
  head: (network) => head(pairOf(network, network.classes, 1), network.classes, corners('fraction'), {}),
};

/** Linzaer's Ultra-Light-Fast-Generic-Face-Detector and SSDs of its kind: (pixel - 127) / 128, a score for the background first. */
const ultraface: Convention = {
  ...{ colorOrder: 'rgb', scale: 1, fit: 'stretch' },
  mean: [127, 127, 127],
  std: [128, 128, 128],
};

/** Boxes decoded, the softmax done: corners as parts of the picture. */
export const ssd: Family = {
  name: 'ssd',
  title: 'UltraFace, SSD with its boxes decoded',
  layout: 'boxes 1 x N x 4 and scores 1 x N x (1 + C), the background first',
  input: ultraface,
  head: (network) =>
    head(pairOf(network, network.classes + 1), network.classes + 1, corners('fraction'), { at: 1 }),
};

/** The sides of UltraFace's anchors in pixels, per stride (vision/ssd/config/fd_config.py); none is larger than the picture. */
const ultrafaceSides = { 8: [10, 16, 24], 16: [32, 48], 32: [64, 96], 64: [128, 192, 256] };

/** The boxes still to be decoded: offsets in tenths of an anchor's sides, sizes as exp(0.2 * v). */
export const ultrafaceRaw: Family = {
  name: 'ultraface-raw',
  title: 'UltraFace without its boxes decoded',
  layout: ssd.layout,
  input: ultraface,
  head(network) {
    const pair = pairOf(network, network.classes + 1);
    if (typeof pair === 'string') return pair;
    const grid: NonNullable<Head['grid']> = {
      strides: Object.keys(ultrafaceSides).map(Number),
      offset: 0.5,
      anchors: Object.values(ultrafaceSides).map((sides) =>
        sides.map((side): [number, number] => [
          Math.min(side, network.width),
          Math.min(side, network.height),
        ]),
      ),
    };
    const rows = grid.strides.reduce((sum, _, level) => sum + rowsOfStride(grid, level, network), 0);
    if (pair.boxes.dims[1] !== rows)
      return `It has ${pair.boxes.dims[1]} boxes, and its anchors are ${rows}.`;
    return head(
      pair,
      network.classes + 1,
      {
        boxes: {
          ...{ output: 0, at: 0, format: 'cxcywh', unit: 'anchor', relative: true },
          centre: { scale: 0.1 },
          size: { gain: 0.2, activation: 'exp' },
        },
        grid,
      },
      { at: 1 },
    );
  },
};

/** TensorFlow's object detection API, its NMS inside: `detection_boxes` y1, x1, y2, x2 as parts, classes from 1. */
export const tensorflow: Family = {
  name: 'tf-detection',
  title: 'TensorFlow object detection (SSD, EfficientDet)',
  layout: 'detection_boxes 1 x N x 4, detection_scores 1 x N and detection_classes 1 x N',
  input: { colorOrder: 'rgb', scale: 1, fit: 'stretch' },
  head({ outputs }) {
    // Not `raw_detection_boxes`; graphs of TensorFlow 1 write `detection_boxes:0`.
    const of = (name: string) =>
      outputs.find((output) => new RegExp(`(^|[/:])${name}(:\\d+)?$`, 'i').test(output.name));
    const boxes = of('detection_boxes');
    const scores = of('detection_scores');
    const classes = of('detection_classes');
    const count = of('num_detections');
    if (boxes === undefined || scores === undefined || classes === undefined)
      return 'It has no outputs detection_boxes, detection_scores and detection_classes.';
    if (!hasShape(boxes.dims, 1, undefined, 4)) return `"${boxes.name}" is not 1 x N x 4.`;
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'last', values: 4 },
        { tensors: [scores.name], axis: 'none', values: 1 },
        { tensors: [classes.name], axis: 'none', values: 1 },
        ...(count === undefined ? [] : [{ tensors: [count.name], axis: 'none' as const, values: 1 }]),
      ],
      boxes: { output: 0, at: 0, format: 'yxyx', unit: 'fraction' },
      scores: { output: 1, at: 0 },
      classes: { output: 2, at: 0, first: 1 },
      ...(count === undefined ? {} : { count: { output: 3 } }),
      final: true,
    };
  },
};

/** TensorRT's EfficientNMS plugin: `num_dets`, `det_boxes`, `det_scores`, `det_classes`, in input pixels. */
export const efficientNms: Family = {
  name: 'efficient-nms',
  title: "TensorRT's EfficientNMS",
  layout: 'num_dets 1 x 1, det_boxes 1 x N x 4, det_scores 1 x N and det_classes 1 x N',
  input: ultralytics,
  head({ outputs }) {
    const count = named(outputs, 'num_dets', 'num_detections');
    const boxes = named(outputs, 'det_boxes', 'nmsed_boxes', 'bboxes');
    const scores = named(outputs, 'det_scores', 'nmsed_scores', 'scores');
    const classes = named(outputs, 'det_classes', 'nmsed_classes', 'labels');
    if (count === undefined || boxes === undefined || scores === undefined || classes === undefined)
      return 'It has no outputs num_dets, det_boxes, det_scores and det_classes.';
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'last', values: 4 },
        { tensors: [scores.name], axis: 'none', values: 1 },
        { tensors: [classes.name], axis: 'none', values: 1 },
        { tensors: [count.name], axis: 'none', values: 1 },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 1, at: 0 },
      classes: { output: 2, at: 0 },
      count: { output: 3 },
      final: true,
    };
  },
};

/** MMDetection and MMYOLO with their postprocessing: `dets` x1, y1, x2, y2, score; `labels`. Fed as RTMDet. */
export const mmdetection: Family = {
  name: 'mmdetection',
  title: 'MMDetection with postprocessing',
  layout: 'dets 1 x N x 5 and labels 1 x N',
  input: {
    ...{ colorOrder: 'bgr', scale: 1, fit: 'top-left' },
    ...imagenetBytes,
  },
  head({ outputs }) {
    const dets = named(outputs, 'dets');
    const labels = named(outputs, 'labels');
    if (dets === undefined || labels === undefined || outputs.length !== 2)
      return 'It has no outputs dets and labels.';
    if (!hasShape(dets.dims, 1, undefined, 5) || !hasShape(labels.dims, 1, dets.dims[1]))
      return '"dets" is not 1 x N x 5, or "labels" not 1 x N.';
    return {
      outputs: [
        { tensors: [dets.name], axis: 'last', values: 5 },
        { tensors: [labels.name], axis: 'none', values: 1 },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 0, at: 4 },
      classes: { output: 1, at: 0 },
      final: true,
    };
  },
};
