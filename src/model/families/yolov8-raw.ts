import { cellsOf, type Head } from '../head.ts';
import { defaultStrides, type Family, type FamilyNetwork, type FamilyOutput, ultralytics } from './family.ts';

/** `reg_max` of all of them. */
const bins = 16;
const boxValues = 4 * bins;

/** The outputs of each stride, the finest first, in the order in which the network gives them; undefined: they are no grids. */
function byStride(network: FamilyNetwork): FamilyOutput[][] | undefined {
  const strides = network.strides ?? defaultStrides;
  const levels = strides.map((stride) =>
    network.outputs.filter(({ dims: [batch = 0, , rows = 0, columns = 0, ...more] }) => {
      const fits = batch <= 1 && more.length === 0 && columns === Math.ceil(network.width / stride);
      return fits && rows * columns === cellsOf(network, stride);
    }),
  );
  const all = levels.flat();
  const [first] = levels;
  const even = levels.every((level) => level.length === first?.length);
  return even && all.length === network.outputs.length && all.length > 0 ? levels : undefined;
}

/**
 * The heads of YOLOv8, YOLOv9 and YOLO11 as they come out of the convolutions, which is how boards with fixed operators want them: per
 * stride 1 x (64 + C) x H x W (Detect in training), 64 and C apart, or these with the sum of the scores as a third
 * (airockchip/ultralytics_yolov8, whose scores have their sigmoid). Distances are in cells from the middle of the cell.
 */
export const yolov8Raw: Family = {
  name: 'yolov8-raw',
  title: 'YOLOv8, YOLOv9, YOLO11 without their boxes decoded',
  layout: 'per stride: 1 x (64 + C) x H x W, or 1 x 64 x H x W and 1 x C x H x W',
  input: ultralytics,
  head(network): Head | string {
    const levels = byStride(network);
    const { classes, strides = defaultStrides } = network;
    if (levels === undefined) return 'Its outputs are not grids with these strides.';
    const [first = []] = levels;
    const widths = first.map(({ dims }) => dims[1] ?? 0).join();
    if (levels.some((level) => level.map(({ dims }) => dims[1] ?? 0).join() !== widths))
      return 'Its outputs are not alike for each stride.';
    const tensors = (place: number) => levels.map((level) => level[place]!.name);
    const grid = { strides: [...strides], offset: 0.5 };
    const box = { format: 'ltrb', unit: 'cells', bins } as const;
    if (widths === String(boxValues + classes))
      return {
        outputs: [{ tensors: tensors(0), axis: 'first', values: boxValues + classes }],
        boxes: { output: 0, at: 0, ...box },
        scores: { output: 0, at: boxValues, activation: 'sigmoid' },
        grid,
      };
    const hasSums = widths === `${boxValues},${classes},1`;
    if (!hasSums && widths !== `${boxValues},${classes}`)
      return `Its outputs have ${widths} planes; ${boxValues} and the ${classes} classes are needed.`;
    return {
      outputs: [
        { tensors: tensors(0), axis: 'first', values: boxValues },
        { tensors: tensors(1), axis: 'first', values: classes },
      ],
      boxes: { output: 0, at: 0, ...box },
      scores: { output: 1, at: 0, ...(hasSums ? {} : { activation: 'sigmoid' as const }) },
      grid,
    };
  },
};
