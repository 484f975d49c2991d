import type { ModelTask } from '../model/index.ts';
import { type Detection, labelMapOf, outlinesOf } from '../perception/index.ts';
import type { Datatype, Tensor } from './tensor.ts';

/** Of the picture that was asked about. */
interface Asked {
  readonly width: number;
  readonly height: number;
}

interface Output {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1: as many as were found, or as the picture has. */
  readonly shape: readonly number[];
  readonly make: (found: readonly Detection[], picture: Asked) => Tensor;
}

/** A row of so many numbers for each detection. */
function rows(name: string, width: number, of: (found: Detection) => readonly number[]): Output {
  return {
    ...{ name, datatype: 'FP32', shape: [-1, width] },
    make: (found) => ({
      ...{ name, datatype: 'FP32', shape: [found.length, width] },
      values: Float32Array.from(found.flatMap(of)),
    }),
  };
}

function texts(name: string, of: (found: Detection) => string): Output {
  return {
    ...{ name, datatype: 'BYTES', shape: [-1] },
    make: (found) => ({ name, datatype: 'BYTES', shape: [found.length], values: found.map(of) }),
  };
}

const boxes = rows('boxes', 4, ({ box: { x1, y1, x2, y2 } }) => [x1, y1, x2, y2]);
const scores: Output = {
  ...{ name: 'scores', datatype: 'FP32', shape: [-1] },
  make: (found) => ({
    ...{ name: 'scores', datatype: 'FP32', shape: [found.length] },
    values: Float32Array.from(found, ({ score }) => score),
  }),
};
const classes: Output = {
  ...{ name: 'classes', datatype: 'INT32', shape: [-1] },
  make: (found) => ({
    ...{ name: 'classes', datatype: 'INT32', shape: [found.length] },
    values: Int32Array.from(found, ({ classId }) => classId),
  }),
};
const labels = texts('labels', ({ label }) => label);

/** Centre, sides, and radians clockwise. */
const rotated = rows('rotated_boxes', 5, (found) => {
  const { cx = 0, cy = 0, width = 0, height = 0, angle = 0 } = found.rotated ?? {};
  return [cx, cy, width, height, angle];
});

/** x, y and score of each point; the score is 1 where the model gives none. */
const keypoints: Output = {
  ...{ name: 'keypoints', datatype: 'FP32', shape: [-1, -1, 3] },
  make: (found) => ({
    ...{ name: 'keypoints', datatype: 'FP32' },
    shape: [found.length, found[0]?.keypoints?.length ?? 0, 3],
    values: Float32Array.from(
      found.flatMap(({ keypoints: points = [] }) => points.flatMap(({ x, y, score = 1 }) => [x, y, score])),
    ),
  }),
};

/** Class of each pixel, 255 where there is none; of masks that overlap the surest one counts. */
const labelMap: Output = {
  ...{ name: 'label_map', datatype: 'UINT8', shape: [-1, -1] },
  make: (found, { width, height }) => ({
    ...{ name: 'label_map', datatype: 'UINT8', shape: [height, width] },
    values: labelMapOf(found, width, height),
  }),
};

/** JSON for each detection: outlines, each x, y, x, y, ... */
const outlines = texts('outlines', ({ mask, box }) =>
  JSON.stringify(mask === undefined ? [] : outlinesOf(mask, box)),
);

/** In the cells of the network, which cover the picture; NaN where it says none. */
const depth: Output = {
  ...{ name: 'depth', datatype: 'FP32', shape: [-1, -1] },
  make: (found) => {
    const map = found.find((one) => one.depth !== undefined)?.depth;
    return {
      ...{ name: 'depth', datatype: 'FP32', shape: [map?.rows ?? 0, map?.columns ?? 0] },
      values: map?.values ?? new Float32Array(0),
    };
  },
};

/** A row for each picture. */
const embedding: Output = {
  ...{ name: 'embedding', datatype: 'FP32', shape: [-1, -1] },
  make: (found) => ({
    ...{ name: 'embedding', datatype: 'FP32', shape: [found.length, found[0]?.embedding?.length ?? 0] },
    values: Float32Array.from(found.flatMap((one) => Array.from(one.embedding ?? []))),
  }),
};

/** What was read; none where nothing was. */
const text = texts('text', ({ label }) => label);

/** JSON for each detection: what the module of the bundle made of it. */
const data = texts('data', (found) => JSON.stringify(found.data ?? null));

const found = [boxes, scores, classes, labels];

/** What a model of a task answers. */
export const outputsOf: Readonly<Record<ModelTask, readonly Output[]>> = {
  detection: found,
  obb: [...found, rotated],
  'instance-segmentation': [...found, labelMap, outlines],
  pose: [...found, keypoints],
  'semantic-segmentation': [scores, classes, labels, labelMap],
  depth: [depth],
  classification: [scores, classes, labels],
  embedding: [embedding],
  text: [text, scores],
  tensor: [data],
};
