import type { Candidates } from '../decode/index.ts';
import type { Box, RotatedBox } from '../detection.ts';
import type { LetterboxGeometry } from '../preprocess/geometry.ts';
import { byScore } from './nms.ts';

/** A box as a normal distribution: its centre, the variances along its sides, and its direction. */
interface Gauss {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly cos: number;
  readonly sin: number;
}

/**
 * Class-wise greedy NMS of rotated boxes by their ProbIoU (Llerena et al., 2021), the measure that YOLO-OBB is trained and suppressed
 * with: in closed form, and near the IoU of the polygons. Returns as `nms` does. `angles`: per candidate, whose box is upright.
 */
export function rotatedNms(
  candidates: Candidates,
  angles: Float32Array,
  iouThreshold: number,
  maxDetections: number,
): number[] {
  const { boxes, classes, count } = candidates;
  const order = byScore(candidates);
  const kept: number[] = [];
  const shapes: Gauss[] = [];
  for (let i = 0; i < count && kept.length < maxDetections; i++) {
    const index = order[i]!;
    const shape = gaussOf(boxes.subarray(4 * index, 4 * index + 4), angles[index]!);
    const isLost = kept.some(
      (other, at) => classes[other] === classes[index] && probIou(shapes[at]!, shape) > iouThreshold,
    );
    if (isLost) continue;
    kept.push(index);
    shapes.push(shape);
  }
  return kept;
}

function gaussOf([x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array, angle: number): Gauss {
  return {
    ...{ x: (x1 + x2) / 2, y: (y1 + y2) / 2, w: (x2 - x1) ** 2 / 12, h: (y2 - y1) ** 2 / 12 },
    ...{ cos: Math.cos(angle), sin: Math.sin(angle) },
  };
}

/** Added by Ultralytics, to avoid a division by 0. */
const tiny = 1e-7;

/** 1 - the Hellinger distance of the two, with sums of squares alone: thin boxes leave nothing of differences of large numbers. */
function probIou(one: Gauss, other: Gauss): number {
  const cos = one.cos * other.cos + one.sin * other.sin;
  const sin = one.sin * other.cos - one.cos * other.sin;
  const across =
    (one.w * other.h + one.h * other.w) * cos * cos + (one.w * other.w + one.h * other.h) * sin * sin;
  const area = one.w * one.h + other.w * other.h + across;
  const apart = offAxis(one, one, other) + offAxis(other, one, other);
  const alike = Math.log(area / (4 * Math.sqrt(one.w * one.h * other.w * other.h) + tiny) + tiny) * 0.5;
  const distance = Math.min(100, Math.max(tiny, (apart / (area + tiny)) * 0.25 + alike));
  return 1 - Math.sqrt(1 - Math.exp(-distance) + tiny);
}

/** How far the centres are from each other, weighed by the sides of one box. */
function offAxis({ w, h, cos, sin }: Gauss, one: Gauss, other: Gauss): number {
  const dx = one.x - other.x;
  const dy = one.y - other.y;
  const u = dx * cos + dy * sin;
  const v = dy * cos - dx * sin;
  return w * v * v + h * u * u;
}

/** From pixels of the input to those of the frame. Where its sides are scaled differently the result is the nearest box. */
export function rotatedInFrame(
  [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array,
  angle: number,
  { offsetX, offsetY, scaleX, scaleY }: LetterboxGeometry,
): RotatedBox {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    cx: ((x1 + x2) / 2 - offsetX) / scaleX,
    cy: ((y1 + y2) / 2 - offsetY) / scaleY,
    width: (x2 - x1) * Math.sqrt((cos / scaleX) ** 2 + (sin / scaleY) ** 2),
    height: (y2 - y1) * Math.sqrt((sin / scaleX) ** 2 + (cos / scaleY) ** 2),
    angle: Math.atan2(sin / scaleY, cos / scaleX),
  };
}

/** x, y of the four corners, in their order around the box. */
export function cornersOf({ cx, cy, width, height, angle }: RotatedBox): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const corner = (u: number, v: number) => [
    cx + (u * width * cos - v * height * sin) / 2,
    cy + (u * width * sin + v * height * cos) / 2,
  ];
  return [...corner(-1, -1), ...corner(1, -1), ...corner(1, 1), ...corner(-1, 1)];
}

/** The upright box around it. */
export function hullOf({ cx, cy, width, height, angle }: RotatedBox): Box {
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const x = (width * cos + height * sin) / 2;
  const y = (width * sin + height * cos) / 2;
  return { x1: cx - x, y1: cy - y, x2: cx + x, y2: cy + y };
}
