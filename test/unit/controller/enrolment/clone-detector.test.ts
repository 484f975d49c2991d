import { describe, expect, it } from 'vitest';
import { CloneDetector } from '../../../../src/controller/enrolment/clone-detector.ts';

const hour = 3_600_000;
const a = 'a'.repeat(32);
const b = 'b'.repeat(32);
const board = (hardware?: string) => ({
  ...{ name: 'board', arch: 'x64', os: 'linux', cores: 1, memoryBytes: 1 },
  ...(hardware === undefined ? {} : { hardware }),
});

/** Births as session and hardware; at which of them a clone is seen. */
function seenAt(births: readonly (readonly [session: number, hardware?: string, atMs?: number])[]): number[] {
  const detector = new CloneDetector();
  return births.flatMap(([session, hardware, atMs], at) =>
    detector.born('d1', { session, board: board(hardware) }, atMs ?? at * 1000) === undefined ? [] : [at],
  );
}

describe('Births', () => {
  it.each([
    [
      'of one life, again and again',
      [
        [1, a],
        [1, a],
        [1, a],
        [1, a],
      ],
      [],
    ],
    [
      'of one life after the other',
      [
        [1, a],
        [2, a],
        [3, a],
        [4, a],
      ],
      [],
    ],
    [
      'of a disk that was moved to another board',
      [
        [1, a],
        [2, b],
        [3, b],
      ],
      [],
    ],
    [
      'of which an old one came late, once',
      [
        [1, a],
        [2, a],
        [1, a],
        [2, a],
      ],
      [3],
    ],
    [
      'of two copies on different boards',
      [
        [1, a],
        [2, b],
        [1, a],
        [2, b],
      ],
      [2, 3],
    ],
    [
      'of two copies that were started in the same second',
      [
        [1, a],
        [1, b],
        [1, a],
      ],
      [2],
    ],
    ['of two copies that do not say where they run', [[1], [2], [1], [2], [1]], [3, 4]],
    [
      'of two that take turns every two hours on one board',
      [
        [1, a, 0],
        [2, a, 1],
        [1, a, 2 * hour],
        [2, a, 4 * hour],
      ],
      [],
    ],
  ] as [string, [number, string?, number?][], number[]][])('%s', (_what, births, expected) => {
    expect(seenAt(births)).toEqual(expected);
  });

  it('of other devices are not mixed up with them', () => {
    const detector = new CloneDetector();
    for (const [device, session] of [
      ['d1', 1],
      ['d2', 2],
      ['d1', 1],
      ['d2', 2],
    ] as const)
      expect(detector.born(device, { session, board: board() }, 0)).toBeUndefined();
  });
});
