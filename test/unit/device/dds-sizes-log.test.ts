import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SizesLog } from '../../../device/dds/sizes-log.ts';
import type { GidSize } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const minute = 60;
const [none, humble, newer, both] = [[], [24], [16], [24, 16]] as const;
const infoOf = (as: string) => `info ${as}`;
const warning = 'warn ROS 2 Humble and ROS 2 Iron and newer';

type Step = readonly [sizes: readonly GidSize[], keptForSeconds: number];
/** Runs of a tool of Humble in a newer graph, ten seconds each and fifty between them. */
const runs = (count: number): readonly Step[] =>
  Array.from({ length: count }, (): readonly Step[] => [
    [both, 10],
    [newer, 50],
  ]).flat();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('What the log says of the releases on the graph', () => {
  it.each<[string, readonly Step[], readonly string[]]>([
    ['of nobody', [[none, minute]], []],
    ['of Humble', [[humble, minute]], [infoOf('ROS 2 Humble')]],
    ['of newer ones', [[newer, minute]], [infoOf('ROS 2 Iron and newer')]],
    ['of both', [[both, minute]], [warning]],
    [
      'of both for a moment',
      [
        [newer, minute],
        [both, 2],
        [newer, minute],
      ],
      [infoOf('ROS 2 Iron and newer')],
    ],
    [
      'of neighbours that are away and come back',
      [
        [newer, minute],
        [none, minute],
        [newer, 60 * minute],
      ],
      [infoOf('ROS 2 Iron and newer')],
    ],
    [
      'of nine runs of a tool of Humble',
      [[newer, minute], ...runs(9)],
      [infoOf('ROS 2 Iron and newer'), warning],
    ],
    [
      'of both again, and for good, before ten minutes are over',
      [
        [both, minute],
        [newer, minute],
        [both, 20 * minute],
      ],
      [warning, infoOf('ROS 2 Iron and newer'), warning],
    ],
  ])('%s', (_, steps, lines) => {
    const log = new RecordingLog();
    const sizes = new SizesLog(log);
    for (const [spoken, seconds] of steps) {
      sizes.spoken(spoken);
      vi.advanceTimersByTime(seconds * 1000);
    }
    expect(log.lines.map(([level, , fields]) => `${level} ${fields?.as}`)).toEqual(lines);
  });

  it('is nothing once the node has ended', () => {
    const log = new RecordingLog();
    const sizes = new SizesLog(log);
    sizes.spoken(both);
    sizes.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
