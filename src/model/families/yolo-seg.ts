import { type Family, type FamilyNetwork, type FamilyOutput, hasShape, ultralytics } from './family.ts';

/** The boxes, and the prototypes 1 x K x H x W. */
function outputsOf({ outputs }: FamilyNetwork): readonly [FamilyOutput, FamilyOutput, number] | string {
  const prototypes = outputs.find(({ dims }) => dims.length === 4 && dims[1]! > 0);
  const boxes = outputs.find((output) => output !== prototypes);
  if (prototypes === undefined || boxes === undefined || outputs.length !== 2 || boxes.dims.length !== 3)
    return 'It has no two outputs, boxes of three axes and prototypes 1 x K x H x W.';
  return [boxes, prototypes, prototypes.dims[1]!];
}

/**
 * YOLOv8-seg and YOLO11-seg as Ultralytics exports them: the columns of yolov8, then K values for the mask, which weigh the K
 * prototypes of the second output.
 */
export const yolov8Seg: Family = {
  name: 'yolov8-seg',
  title: 'YOLOv8-seg, YOLO11-seg',
  layout: '1 x (4 + C + K) x N and prototypes 1 x K x H x W',
  input: ultralytics,
  head(network) {
    const found = outputsOf(network);
    if (typeof found === 'string') return found;
    const [boxes, prototypes, count] = found;
    const { classes } = network;
    const values = 4 + classes + count;
    if (!hasShape(boxes.dims, 1, values, undefined))
      return `"${boxes.name}" has ${boxes.dims[1]} values along the second axis; ${values} are needed (box, ${classes} classes and ${count} of the mask).`;
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'first', values },
        { tensors: [prototypes.name], axis: 'first', values: count },
      ],
      boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
      scores: { output: 0, at: 4 },
      masks: { output: 0, at: 4 + classes, prototypes: 1 },
    };
  },
};

/** YOLOv5-seg (ultralytics/yolov5 segment): the rows of yolov5, then K values for the mask. */
export const yolov5Seg: Family = {
  name: 'yolov5-seg',
  title: 'YOLOv5-seg',
  layout: '1 x N x (5 + C + K) and prototypes 1 x K x H x W',
  input: yolov8Seg.input,
  head(network) {
    const found = outputsOf(network);
    if (typeof found === 'string') return found;
    const [boxes, prototypes, count] = found;
    const { classes } = network;
    const values = 5 + classes + count;
    if (!hasShape(boxes.dims, 1, undefined, values))
      return `"${boxes.name}" has rows of ${boxes.dims[2]} values; ${values} are needed (box, objectness, ${classes} classes and ${count} of the mask).`;
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'last', values },
        { tensors: [prototypes.name], axis: 'first', values: count },
      ],
      boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
      objectness: { output: 0, at: 4 },
      scores: { output: 0, at: 5 },
      masks: { output: 0, at: 5 + classes, prototypes: 1 },
    };
  },
};

/** YOLO26-seg, and other families with NMS inside: rows of yolov10, then K values for the mask. */
export const yolov10Seg: Family = {
  name: 'yolov10-seg',
  title: 'YOLO26-seg, and Ultralytics -seg with nms=True',
  layout: '1 x N x (6 + K) and prototypes 1 x K x H x W',
  input: yolov8Seg.input,
  head(network) {
    const found = outputsOf(network);
    if (typeof found === 'string') return found;
    const [boxes, prototypes, count] = found;
    if (!hasShape(boxes.dims, 1, undefined, 6 + count))
      return `"${boxes.name}" has rows of ${boxes.dims[2]} values; ${6 + count} are needed (corners, score, class and ${count} of the mask).`;
    return {
      outputs: [
        { tensors: [boxes.name], axis: 'last', values: 6 + count },
        { tensors: [prototypes.name], axis: 'first', values: count },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 0, at: 4 },
      classes: { output: 0, at: 5 },
      masks: { output: 0, at: 6, prototypes: 1 },
      final: true,
    };
  },
};
