import type { Detection } from '../detection.ts';
import { partMeasures } from '../part-measures.ts';
import { believed, meanRow, type TaskAnswer } from './task-answer.ts';

const seenFrom = 0.5;

/** How sure the points of a figure are, how far they spread in its box, and how long the way from one to the next is. */
export const pose: TaskAnswer = {
  names: ['keypoint_score', 'keypoints_seen', 'log_figure_spread', 'log_keypoint_step'],
  measure: (found) => ({ values: meanRow(believed(found).map(figure), 4) }),
};

function figure(detection: Detection): number[] {
  const { keypointScore = Number.NaN, keypointsSeen = Number.NaN } = partMeasures(detection);
  const { box, keypoints = [] } = detection;
  const [width, height] = [box.x2 - box.x1, box.y2 - box.y1];
  const seen = keypoints.filter(({ score = 1 }) => score >= seenFrom);
  let [sumX, sumY, spread, steps] = [0, 0, 0, 0];
  for (const { x, y } of seen) {
    sumX += x / seen.length;
    sumY += y / seen.length;
  }
  for (let i = 0; i < seen.length; i++) {
    const { x, y } = seen[i]!;
    spread += Math.abs(x - sumX) / width + Math.abs(y - sumY) / height;
    if (i > 0) steps += Math.sqrt(((x - seen[i - 1]!.x) / width) ** 2 + ((y - seen[i - 1]!.y) / height) ** 2);
  }
  const logOf = (sum: number, count: number) => Math.log(sum / count + 0.01);
  return [keypointScore, keypointsSeen, logOf(spread, seen.length), logOf(steps, seen.length - 1)];
}
