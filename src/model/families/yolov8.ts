import { cellCount, defaultStrides, type Family, inOneOutput, ultralytics } from './family.ts';

const layout = '1 x (4 + C) x N';

/**
 * As Ultralytics exports YOLOv8, YOLOv9, YOLO11 and YOLO12 (`nms=False`): columns cx, cy, w, h in input pixels and the class
 * scores after the sigmoid; there is no objectness. `LetterBox`, BGR to RGB, /255.
 */
export const yolov8: Family = {
  name: 'yolov8',
  title: 'YOLOv8, YOLOv9, YOLO11, YOLO12',
  layout,
  input: ultralytics,
  head: (network) =>
    inOneOutput(layout, 'yolov8', network, ({ name, dims: [, columns = 0, rows = 0] }) => {
      const { classes } = network;
      const width = 4 + classes;
      if (columns !== 0 && columns !== width) {
        if (rows === 5 + classes) {
          return columns === cellCount(network, defaultStrides)
            ? `It looks like yolox: ${columns} grid cells with ${rows} values (4 + objectness + ${classes} classes) each.`
            : `It looks like yolov5: ${rows} values per box (4 + objectness + ${classes} classes) along the last axis.`;
        }
        if (rows === width)
          return 'It looks like yolov8 with its last two axes swapped; transpose the output to 1 x (4 + C) x N.';
        if (columns > 4 && columns < rows)
          return `Its second axis has ${columns} values, which fits ${columns - 4} classes, not ${classes}.`;
        return `Its second axis has ${columns} values; ${width} are needed (box and ${classes} classes).`;
      }
      return {
        outputs: [{ tensors: [name], axis: 'first', values: width }],
        boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
        scores: { output: 0, at: 4 },
      };
    }),
};
