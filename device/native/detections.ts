import type { NativeDetections } from '../../native/index.ts';
import { defined } from '../../src/base/index.ts';
import type { Head } from '../../src/model/index.ts';
import type { DepthMap, Detection, Keypoint, Mask, RotatedBox } from '../../src/perception/index.ts';

/** The numbers of a result as detections. */
export function detectionsOf(
  native: NativeDetections,
  labels: readonly string[],
  { keypoints, depth }: Pick<Head, 'keypoints' | 'depth'>,
): Detection[] {
  const { detections: values, points, masks, rotated, vector, text } = native;
  const count = values.length / 6;
  const found: Detection[] = [];
  let cells = 0;
  for (let i = 0; i < count; i++) {
    const [classId = 0, score = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = values.subarray(6 * i, 6 * i + 6);
    const each = (points?.length ?? 0) / count;
    const mask = masks === undefined ? undefined : maskAt(masks, i, cells);
    cells += mask?.values.length ?? 0;
    found.push({
      ...{ classId, label: text === undefined ? labels[classId]! : textOf(text, labels) },
      ...{ score, box: { x1, y1, x2, y2 } },
      ...(vector === undefined ? {} : { embedding: Float32Array.from(vector) }),
      ...(rotated === undefined ? {} : { rotated: rotatedAt(rotated, i) }),
      ...defined({ mask: mask?.values.length === 0 ? undefined : mask }),
      ...(points === undefined
        ? {}
        : { keypoints: keypointsOf(points.subarray(i * each, (i + 1) * each), keypoints?.values ?? 3) }),
      ...(native.depth === undefined || depth === undefined
        ? {}
        : { depth: depthAt(native.depth, depth.gives) }),
    });
  }
  return found;
}

function textOf(characters: Float64Array, labels: readonly string[]): string {
  return Array.from(characters, (id) => labels[id]!).join('');
}

function rotatedAt(numbers: Float64Array, index: number): RotatedBox {
  const [cx = 0, cy = 0, width = 0, height = 0, angle = 0] = numbers.subarray(5 * index, 5 * index + 5);
  return { cx, cy, width, height, angle };
}

function depthAt(
  { shape, values }: NonNullable<NativeDetections['depth']>,
  gives: DepthMap['gives'],
): DepthMap {
  const [x = 0, y = 0, cellWidth = 0, cellHeight = 0, columns = 0, rows = 0] = shape;
  return { x, y, cellWidth, cellHeight, columns, rows, gives, values: values.slice() };
}

function maskAt(
  { shapes, values }: NonNullable<NativeDetections['masks']>,
  index: number,
  first: number,
): Mask {
  const [x = 0, y = 0, cellWidth = 0, cellHeight = 0, columns = 0, rows = 0] = shapes.subarray(6 * index);
  return {
    ...{ x, y, cellWidth, cellHeight, columns, rows },
    values: values.slice(first, first + columns * rows),
  };
}

function keypointsOf(numbers: Float64Array, pointValues: number): Keypoint[] {
  return Array.from({ length: numbers.length / 3 }, (_, k) => {
    const [x = 0, y = 0, score = 0] = numbers.subarray(3 * k, 3 * k + 3);
    return pointValues === 2 ? { x, y } : { x, y, score };
  });
}
