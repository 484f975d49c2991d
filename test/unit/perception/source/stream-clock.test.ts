import { describe, expect, it } from 'vitest';
import { StreamClock } from '../../../../src/perception/index.ts';

const ms = (value: number) => BigInt(Math.round(value * 1e6));
/** So many ms after the beginning, by our clock. */
const wall = (value: number) => 1_790_000_000_000_000_000n + ms(value);

/** Stamps of pictures that came at `arrivals`, with the times of their stream; all in ms after the beginning. */
function stamps(pictures: readonly (readonly [time: number | undefined, arrival: number])[]): {
  readonly at: number[];
  readonly jumps: number;
} {
  const clock = new StreamClock();
  const at = pictures.map(([time, arrival]) => {
    const stamp = clock.stampOf(time === undefined ? undefined : ms(time), wall(arrival));
    return Number(stamp - wall(0)) / 1e6;
  });
  return { at, jumps: clock.jumps };
}

describe('The clock of a stream', () => {
  it.each<[string, [number | undefined, number][], number[], number]>([
    [
      'keeps the distances of the camera',
      [
        [0, 5],
        [40, 45],
        [80, 85],
      ],
      [5, 45, 85],
      0,
    ],
    [
      'forgives a picture that the network held up',
      [
        [0, 5],
        [40, 345],
        [80, 346],
        [120, 347],
      ],
      [5, 45, 85, 125],
      0,
    ],
    [
      'learns of a shorter way, and does not go back for it',
      [
        [0, 100],
        [40, 105],
        [80, 145],
      ],
      [100, 105, 145],
      0,
    ],
    [
      'begins anew where the time of the stream goes back',
      [
        [9000, 5],
        [9040, 45],
        [0, 90],
        [40, 130],
      ],
      [5, 45, 90, 130],
      1,
    ],
    [
      'begins anew where it stands still',
      [
        [7, 5],
        [7, 45],
        [7, 85],
      ],
      [5, 45, 85],
      2,
    ],
    [
      'begins anew where it jumps ahead',
      [
        [0, 5],
        [40, 45],
        [60_000, 85],
        [60_040, 125],
      ],
      [5, 45, 85, 125],
      1,
    ],
    [
      'begins anew where a picture comes later than any network holds it up',
      [
        [0, 5],
        [40, 9000],
        [80, 9040],
      ],
      [5, 9000, 9040],
      1,
    ],
    [
      'takes the arrival of what has no time',
      [
        [undefined, 5],
        [undefined, 45],
        [undefined, 46],
      ],
      [5, 45, 46],
      0,
    ],
    [
      'follows our own clock where that is set back',
      [
        [0, 5000],
        [40, 5040],
        [80, 1080],
        [120, 1120],
      ],
      [5000, 5040, 1080, 1120],
      0,
    ],
  ])('%s', (_what, pictures, expected, jumps) => {
    expect(stamps(pictures)).toEqual({ at: expected, jumps });
  });

  it('gives no stamp later than the arrival, and none twice', () => {
    const clock = new StreamClock();
    let last = -1n;
    let noise = 7;
    for (let i = 0; i < 5000; i++) {
      noise = (noise * 16_807) % 2_147_483_647;
      const arrival = wall(i * 33.3 + (noise % 60));
      const stamp = clock.stampOf(ms(i * 33.3), arrival);
      expect(stamp <= arrival || stamp === last + 1n).toBe(true);
      expect(stamp > last).toBe(true);
      last = stamp;
    }
  });

  it('follows a camera whose clock is slow by 50 parts in a million to some milliseconds', () => {
    const clock = new StreamClock();
    let worst = 0;
    for (let i = 0; i < 30 * 600; i++) {
      const taken = i * 33.3;
      const stamp = clock.stampOf(ms(taken * (1 - 50e-6)), wall(taken + 20));
      worst = Math.max(worst, taken + 20 - Number(stamp - wall(0)) / 1e6);
    }
    expect(worst).toBeLessThan(4);
  });
});
