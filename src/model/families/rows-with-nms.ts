import type { Head } from '../head.ts';
import type { ConstantInput } from '../manifest.ts';
import { type Family, type FamilyNetwork, hasShape, imagenet, ultralytics } from './family.ts';

/** One output of as many rows as there are objects in the picture: where a row has its corners, class and score. */
function rowsOf(
  { outputs }: FamilyNetwork,
  values: number,
  at: { readonly boxes: number; readonly classes: number; readonly scores: number },
): Head | string {
  const rows = outputs.find(({ dims }) => hasShape(dims, undefined, values) && dims[1] === values);
  if (rows === undefined) return `It has no output N x ${values}.`;
  return {
    outputs: [{ tensors: [rows.name], axis: 'last', values, unbatched: true }],
    boxes: { output: 0, at: at.boxes, format: 'xyxy', unit: 'pixels' },
    scores: { output: 0, at: at.scores },
    classes: { output: 0, at: at.classes },
    final: true,
  };
}

/** `End2End` of YOLOv7 with its `ONNX_ORT`: number of the picture, corners in input pixels, class, score. */
export const yolov7Nms: Family = {
  name: 'yolov7-nms',
  title: 'YOLOv7 --end2end for ONNX Runtime',
  layout: 'N x 7',
  input: ultralytics,
  head(network) {
    if (network.outputs.length !== 1) return `It has ${network.outputs.length} outputs; one N x 7 is needed.`;
    return rowsOf(network, 7, { boxes: 1, classes: 5, scores: 6 });
  },
};

/** Height and width of the picture, and how often it was enlarged: the boxes come in input pixels where it was not. */
const paddleInputs = ['im_shape', 'scale_factor'];

/** PaddleDetection as paddle2onnx exports it (`multiclass_nms3`): class, score, corners; the number of rows beside it. */
export const paddleNms: Family = {
  name: 'paddle-nms',
  title: 'PaddleDetection with NMS inside (PP-YOLOE, PicoDet)',
  layout: 'N x 6',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch', ...imagenet },
  constants: ({ furtherInputs, width, height }) =>
    paddleInputs
      .filter((name) => furtherInputs.includes(name))
      .map(
        (tensor): ConstantInput => ({
          ...{ tensor, dtype: 'float32', shape: [1, 2] },
          values: tensor === 'im_shape' ? [height, width] : [1, 1],
        }),
      ),
  head(network) {
    const { outputs, furtherInputs } = network;
    if (!furtherInputs.includes('scale_factor')) return 'It has no input "scale_factor".';
    const further = furtherInputs.find((name) => !paddleInputs.includes(name));
    if (further !== undefined) return `It has a further input, "${further}".`;
    if (outputs.length > 2)
      return `It has ${outputs.length} outputs; rows N x 6 and their number are needed.`;
    return rowsOf(network, 6, { boxes: 2, classes: 0, scores: 1 });
  },
};
