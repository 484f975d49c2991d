import { believed, meanRow, type TaskAnswer } from './task-answer.ts';

/** Sides that differ by less have no direction: the network may turn such a box by a quarter from frame to frame. */
const leastApart = 0.2;

/** The direction of the long sides, twice the angle since a side has no end, and how long they are. A square has none. */
export const rotatedBoxes: TaskAnswer = {
  names: ['turn_cos', 'turn_sin', 'log_elongation'],
  measure: (found) => ({
    values: meanRow(
      believed(found).flatMap(({ rotated }) => {
        if (rotated === undefined) return [];
        const { width, height, angle } = rotated;
        const [long, short] = [Math.max(width, height), Math.min(width, height)];
        const twice = 2 * (width >= height ? angle : angle + Math.PI / 2);
        const [cos, sin] =
          1 - short / long < leastApart ? [Number.NaN, Number.NaN] : [Math.cos(twice), Math.sin(twice)];
        return [[cos, sin, Math.log(long / short)]];
      }),
      3,
    ),
  }),
};
