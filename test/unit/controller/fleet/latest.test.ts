import { describe, expect, it } from 'vitest';
import { Device } from '../../../../src/controller/fleet/device.ts';

const series = { id: 1, name: 'x_total', labels: {}, unit: '1', kind: 'counter' as const };

/** `[value, timeMs]`, or `new session`. */
function grown(...steps: readonly (readonly [number, number] | 'new session')[]): number | undefined {
  const device = new Device('d1');
  for (const step of steps)
    if (step === 'new session') device.beginSession();
    else device.observe(series, step[1], step[0], 0);
  return device.latest.get(1)?.grown;
}

describe('The growth of a counter', () => {
  it.each([
    ['begins at 0, whatever it stands at', [[1000, 1]], 0],
    [
      'is what came to it',
      [
        [1000, 1],
        [1010, 2],
        [1010, 3],
        [1015, 4],
      ],
      15,
    ],
    ['goes on after a restart of the agent that stands lower', [[1000, 1], 'new session', [5, 2], [7, 3]], 7],
    ['counts a restart that stands higher already', [[1000, 1], 'new session', [1500, 2]], 1500],
    [
      'takes a newer, lower total of the same session for a restart, as Prometheus does',
      [
        [1000, 1],
        [3, 2],
      ],
      3,
    ],
    [
      'takes an older, lower one for a repeat',
      [
        [1000, 1],
        [1010, 3],
        [1005, 2],
        [1020, 4],
      ],
      20,
    ],
    [
      'goes on where the clock of the device is set back',
      [
        [1000, 100],
        [1010, 5],
        [1020, 6],
      ],
      20,
    ],
  ] as const)('%s', (_, steps, expected) => {
    expect(grown(...steps)).toBe(expected);
  });
});
