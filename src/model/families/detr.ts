import type { Head, HeadScores } from '../head.ts';
import {
  type Convention,
  cellCount,
  defaultStrides,
  type Family,
  type FamilyNetwork,
  hasShape,
  imagenet,
  inOneOutput,
  named,
} from './family.ts';

const layout = 'logits 1 x N x C and boxes 1 x N x 4';
const plain: Convention = { colorOrder: 'rgb', scale: 1 / 255, fit: 'stretch' };

/** Two outputs for the same queries: 1 x N x 4 and 1 x N x `columns`. */
function queries(
  { outputs, classes, furtherInputs }: FamilyNetwork,
  columns: number,
): { readonly boxes: string; readonly logits: string } | string {
  if (outputs.length !== 2) return `It has ${outputs.length} outputs; ${layout} are needed.`;
  if (furtherInputs.length > 0) return `It has a further input, "${furtherInputs[0]}".`;
  const boxes =
    named(outputs, 'pred_boxes', 'boxes', 'dets') ??
    outputs.find(({ dims }) => hasShape(dims, 1, undefined, 4) && dims[2] === 4);
  const logits = outputs.find((output) => output !== boxes);
  if (boxes === undefined || logits === undefined || !hasShape(boxes.dims, 1, undefined, 4))
    return `Neither of its outputs is 1 x N x 4.`;
  const [, rows = 0, found = 0] = logits.dims;
  if (!hasShape(logits.dims, 1, boxes.dims[1], undefined))
    return `"${logits.name}" does not belong to the same N as "${boxes.name}".`;
  if (rows > 1000) return `It has ${rows} boxes; a DETR has 1000 queries at most.`;
  if (found !== 0 && found !== columns)
    return `"${logits.name}" has ${found} values for each of ${rows} queries, and ${columns} are needed for ${classes} labels.`;
  return { boxes: boxes.name, logits: logits.name };
}

function head(network: FamilyNetwork, columns: number, scores: Partial<HeadScores>): Head | string {
  const found = queries(network, columns);
  if (typeof found === 'string') return found;
  return {
    outputs: [
      { tensors: [found.boxes], axis: 'last', values: 4 },
      { tensors: [found.logits], axis: 'last', values: columns },
    ],
    boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'fraction' },
    scores: { output: 1, at: 0, ...scores },
    final: true,
  };
}

/**
 * RT-DETR, D-FINE and DEIM without their postprocessor (lyuwenyu/RT-DETR, Peterande/D-FINE, ShihuaHuang95/DEIM; Hugging Face's
 * `logits`, `pred_boxes`): a sigmoid for each class, cx, cy, w, h as parts of the picture. The picture is stretched, /255.
 */
export const rtdetr: Family = {
  name: 'rtdetr',
  title: 'RT-DETR, D-FINE, DEIM without postprocessor',
  layout,
  input: plain,
  head: (network) =>
    isRfdetr(network)
      ? 'Its outputs are named as those of RF-DETR, "dets" and "labels".'
      : head(network, network.classes, { activation: 'sigmoid' }),
};

const isRfdetr = ({ outputs }: FamilyNetwork): boolean =>
  named(outputs, 'dets') !== undefined && named(outputs, 'labels') !== undefined;

/** RF-DETR (roboflow/rf-detr `export()`): `dets`, `labels`; fed as LW-DETR, with ImageNet's mean and deviation. */
export const rfdetr: Family = {
  name: 'rfdetr',
  title: 'RF-DETR, LW-DETR, Deformable DETR',
  layout,
  input: { ...plain, ...imagenet },
  head: (network) => head(network, network.classes, { activation: 'sigmoid' }),
};

/** DETR (facebookresearch/detr): a softmax with one more value, for nothing, after the classes. */
export const detr: Family = {
  name: 'detr',
  title: 'DETR, YOLOS',
  layout: 'logits 1 x N x (C + 1) and boxes 1 x N x 4',
  input: { ...plain, ...imagenet },
  head: (network) => head(network, network.classes + 1, { activation: 'softmax', background: 'after' }),
};

/** RT-DETR of Ultralytics: one output, boxes as parts of the picture, then the scores after their sigmoid. */
export const rtdetrUltralytics: Family = {
  name: 'rtdetr-ultralytics',
  title: 'RT-DETR of Ultralytics',
  layout: '1 x N x (4 + C)',
  input: plain,
  head: (network) =>
    inOneOutput('1 x N x (4 + C)', 'rtdetr-ultralytics', network, ({ name, dims }) => {
      const [, rows = 0, columns = 0] = dims;
      const values = 4 + network.classes;
      if (columns !== 0 && columns !== values)
        return `Its rows have ${columns} values; ${values} are needed (box and ${network.classes} classes).`;
      if (rows > 1000 || rows === cellCount(network, defaultStrides))
        return `It has ${rows} boxes; a DETR has 1000 queries at most.`;
      return {
        outputs: [{ tensors: [name], axis: 'last', values }],
        boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'fraction' },
        scores: { output: 0, at: 4 },
        final: true,
      };
    }),
};

const sizes = 'orig_target_sizes';

/**
 * RT-DETR, D-FINE and DEIM with their postprocessor inside: corners in pixels of the size that a second input says (width, height),
 * which is that of the input here.
 */
export const detrFinal: Family = {
  name: 'detr-final',
  title: 'RT-DETR, D-FINE, DEIM with postprocessor',
  layout: 'labels 1 x N, boxes 1 x N x 4 and scores 1 x N',
  input: plain,
  constants: ({ furtherInputs, width, height }) =>
    furtherInputs.includes(sizes)
      ? [{ tensor: sizes, dtype: 'int64', shape: [1, 2], values: [width, height] }]
      : [],
  head({ outputs, furtherInputs }) {
    const boxes = named(outputs, 'boxes');
    const labels = named(outputs, 'labels');
    const scores = named(outputs, 'scores');
    if (boxes === undefined || labels === undefined || scores === undefined || outputs.length !== 3)
      return 'It has no outputs labels, boxes and scores.';
    if (furtherInputs.some((name) => name !== sizes)) return `It has a further input, "${furtherInputs[0]}".`;
    // Some exports squeeze the axis of the pictures away.
    const unbatched = boxes.dims.length === 2;
    if (unbatched && !furtherInputs.includes(sizes))
      return `It has no input "${sizes}": torchvision writes so.`;
    const first = unbatched ? [] : [1];
    const rows = boxes.dims.at(-2);
    if (!hasShape(boxes.dims, ...first, undefined, 4)) return `"${boxes.name}" is not 1 x N x 4.`;
    if (!hasShape(labels.dims, ...first, rows) || !hasShape(scores.dims, ...first, rows))
      return 'Labels and scores are not 1 x N.';
    const squeezed = unbatched ? { unbatched } : {};
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'last', values: 4, ...squeezed },
        { tensors: [scores.name], axis: 'none', values: 1, ...squeezed },
        { tensors: [labels.name], axis: 'none', values: 1, ...squeezed },
      ],
      boxes: {
        output: 0,
        at: 0,
        format: 'xyxy',
        unit: furtherInputs.includes(sizes) ? 'pixels' : 'fraction',
      },
      scores: { output: 1, at: 0 },
      classes: { output: 2, at: 0 },
      final: true,
    };
  },
};
