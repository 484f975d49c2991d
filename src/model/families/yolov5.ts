import { type Family, inOneOutput, isCountOfFinalBoxes, ultralytics } from './family.ts';

const layout = '1 x N x (5 + C)';

/**
 * Exported with its Detect layer (ultralytics/yolov5 export.py): each row cx, cy, w, h in input pixels, objectness, class
 * scores, all after the sigmoid. `LetterBox`, BGR to RGB, /255. YOLOv7 (WongKinYiu) and YOLOv6 (meituan) write the same.
 */
export const yolov5: Family = {
  name: 'yolov5',
  title: 'YOLOv5, YOLOv6, YOLOv7',
  layout,
  input: ultralytics,
  head: (network) =>
    inOneOutput(layout, 'yolov5', network, ({ name, dims: [, rows = 0, columns = 0] }) => {
      const { classes } = network;
      const width = 5 + classes;
      if (columns === 6 && isCountOfFinalBoxes(rows, network))
        return `It looks like yolov10: ${rows} rows of ${columns} values are final boxes (corners, score, class).`;
      if (columns !== 0 && columns !== width) {
        if (rows === 4 + classes)
          return `It looks like yolov8: ${rows} values per box (4 + ${classes} classes) along the second axis and no objectness.`;
        if (rows === width)
          return 'It looks like yolov5 with its last two axes swapped; transpose the output to 1 x N x (5 + C).';
        if (columns === 4 + classes)
          return `It looks like yolov8 with its last two axes swapped: ${columns} values per box are 4 + ${classes} classes without objectness.`;
        if (columns > 5)
          return `Its rows have ${columns} values, which fits ${columns - 5} classes, not ${classes}.`;
        return `Its rows have ${columns} values; ${width} are needed (box, objectness and ${classes} classes).`;
      }
      return {
        outputs: [{ tensors: [name], axis: 'last', values: width }],
        boxes: { output: 0, at: 0, format: 'cxcywh', unit: 'pixels' },
        objectness: { output: 0, at: 4 },
        scores: { output: 0, at: 5 },
      };
    }),
};
