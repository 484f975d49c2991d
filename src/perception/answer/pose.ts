import type { Detection } from '../detection.ts';
import { partMeasures } from '../part-measures.ts';
import { believed, mean, meanRow, type TaskAnswer } from './task-answer.ts';

const seenFrom = 0.5;

/** How sure the points of a figure are, how far they spread in its box, and how long the way from one to the next is. */
export const pose: TaskAnswer = {
  names: ['keypoint_score', 'keypoints_seen', 'log_figure_spread', 'log_keypoint_step'],
  measure: (found) => ({ values: meanRow(believed(found).map(figure), 4) }),
};

function figure(detection: Detection): number[] {
  const { keypointScore = Number.NaN, keypointsSeen = Number.NaN } = partMeasures(detection);
  const { box, keypoints = [] } = detection;
  const points = keypoints
    .filter(({ score = 1 }) => score >= seenFrom)
    .map(({ x, y }) => ({ x: x / (box.x2 - box.x1), y: y / (box.y2 - box.y1) }));
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = mean(points.map((point) => Math.abs(point.x - x) + Math.abs(point.y - y)));
  const steps = points.slice(1).map((point, i) => Math.hypot(point.x - points[i]!.x, point.y - points[i]!.y));
  return [keypointScore, keypointsSeen, Math.log(spread + 0.01), Math.log(mean(steps) + 0.01)];
}
