import { type Family, inOneOutput, ultralytics } from './family.ts';

const layout = '1 x (4 + C + 1) x N';

/**
 * YOLOv8-obb and YOLO11-obb as Ultralytics exports them: the columns of yolov8 around the centre, then the angle in radians from -45
 * to 135 degrees. Ultralytics suppresses them by ProbIoU, as here.
 */
export const yolov8Obb: Family = {
  name: 'yolov8-obb',
  title: 'YOLOv8-obb, YOLO11-obb',
  layout,
  input: ultralytics,
  head: (network) =>
    inOneOutput(layout, 'yolov8-obb', network, ({ name, dims: [, values = 0] }) => {
      const { classes, task, asked } = network;
      // One label too few leaves a value over, too.
      if (task !== 'obb' && !asked) return 'Its file does not say that its boxes are rotated.';
      if (values !== 5 + classes)
        return `Its second axis has ${values} values; ${5 + classes} are needed (box, ${classes} classes and the angle).`;
      return {
        outputs: [{ tensors: [name], axis: 'first', values }],
        boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
        scores: { output: 0, at: 4 },
        angle: { output: 0, at: 4 + classes },
      };
    }),
};

const finalLayout = '1 x N x 7';

/** YOLO26-obb, and the others with NMS inside: centre, size, score, class, angle. */
export const yolov10Obb: Family = {
  name: 'yolov10-obb',
  title: 'YOLO26-obb, and Ultralytics -obb with nms=True',
  layout: finalLayout,
  input: ultralytics,
  head: (network) =>
    inOneOutput(finalLayout, 'yolov10-obb', network, ({ name, dims: [, rows = 0, values = 0] }) => {
      const { task, asked } = network;
      if (task !== 'obb' && !asked) return 'Its file does not say that its boxes are rotated.';
      if (values !== 7 || rows > 1000)
        return `Its rows have ${values} values; 7 are needed (centre, size, score, class and angle).`;
      return {
        outputs: [{ tensors: [name], axis: 'last', values }],
        boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
        scores: { output: 0, at: 4 },
        classes: { output: 0, at: 5 },
        angle: { output: 0, at: 6 },
        final: true,
      };
    }),
};
