import { cellCount, defaultStrides, type Family, inOneOutput, ultralytics } from './family.ts';

const layout = '1 x N x 6';

/**
 * YOLOv10 and YOLO26 as Ultralytics exports them, and its other families with NMS inside (`nms=True`): rows x1, y1, x2, y2 in
 * input pixels, score, class. The network chose N boxes itself; those without an object have a low score.
 */
export const yolov10: Family = {
  name: 'yolov10',
  title: 'YOLOv10, YOLO26, and Ultralytics with nms=True',
  layout,
  input: ultralytics,
  head: (network) =>
    inOneOutput(layout, 'yolov10', network, ({ name, dims: [, rows = 0, columns = 0] }) => {
      const { classes } = network;
      const cells = cellCount(network, defaultStrides);
      if (columns !== 0 && columns !== 6) {
        if (rows === 4 + classes)
          return `It looks like yolov8: ${rows} values per box (4 + ${classes} classes) along the second axis and no objectness.`;
        if (columns === 5 + classes)
          return `It looks like yolov5: ${columns} values per box (4 + objectness + ${classes} classes) along the last axis.`;
        return `Its rows have ${columns} values; 6 are needed (corners, score and class).`;
      }
      if (classes === 1 && rows > 0 && rows === 3 * cells)
        return `It looks like yolov5: ${rows} rows are three anchors for each of ${cells} grid cells.`;
      if (classes === 1 && rows > 0 && rows === cells)
        return `It looks like yolox: ${rows} rows are as many as there are grid cells.`;
      return {
        outputs: [{ tensors: [name], axis: 'last', values: 6 }],
        boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
        scores: { output: 0, at: 4 },
        classes: { output: 0, at: 5 },
        final: true,
      };
    }),
};
