import { cellCount, defaultStrides, type Family, inOneOutput, ultralytics } from './family.ts';

const layout = '1 x (4 + C + 3 x points) x N';

/** Points of three values each; undefined where the rest of the row is no whole number of them. */
function pointsOf(values: number): number | undefined {
  const count = values / 3;
  return Number.isInteger(count) && count >= 1 && count <= 1000 ? count : undefined;
}

/**
 * YOLOv8-pose and YOLO11-pose as Ultralytics exports them: the columns of yolov8, then x, y in input pixels and the visibility after
 * its sigmoid for each point.
 */
export const yolov8Pose: Family = {
  name: 'yolov8-pose',
  title: 'YOLOv8-pose, YOLO11-pose',
  layout,
  input: ultralytics,
  head: (network) =>
    inOneOutput(layout, 'yolov8-pose', network, ({ name, dims: [, values = 0, rows = 0] }) => {
      const { classes } = network;
      const count = pointsOf(values - 4 - classes);
      if (count === undefined)
        return `Its second axis has ${values} values, which are not 4, ${classes} classes and points of three values.`;
      // Without its exporter's word only people's 17 points are believed: labels that are too few leave values over, too.
      const people = count === 17 && rows === cellCount(network, defaultStrides);
      if (network.task !== 'pose' && !people) return 'Its file does not say that it is for poses.';
      return {
        outputs: [{ tensors: [name], axis: 'first', values }],
        boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
        scores: { output: 0, at: 4 },
        keypoints: { output: 0, at: 4 + classes, count, values: 3, unit: 'pixels' },
      };
    }),
};

const finalLayout = '1 x N x (6 + 3 x points)';

/** YOLO26-pose, and the others with NMS inside: rows of yolov10, then the points. */
export const yolov10Pose: Family = {
  name: 'yolov10-pose',
  title: 'YOLO26-pose, and Ultralytics -pose with nms=True',
  layout: finalLayout,
  input: yolov8Pose.input,
  head: (network) =>
    inOneOutput(finalLayout, 'yolov10-pose', network, ({ name, dims: [, rows = 0, values = 0] }) => {
      const count = pointsOf(values - 6);
      if (network.task !== 'pose') return 'Its file does not say that it is for poses.';
      if (count === undefined || rows > 1000)
        return `Its rows have ${values} values, which are not 6 and points of three values.`;
      return {
        outputs: [{ tensors: [name], axis: 'last', values }],
        boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
        scores: { output: 0, at: 4 },
        classes: { output: 0, at: 5 },
        keypoints: { output: 0, at: 6, count, values: 3, unit: 'pixels' },
        final: true,
      };
    }),
};
