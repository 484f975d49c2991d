import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HiddenMoment, HiddenTrack, hiddenDuring } from '../../../../src/agent/clips/hidden-track.ts';
import { Stretch } from '../../../../src/agent/clips/stretch.ts';

const ms = (value: number) => BigInt(value) * 1_000_000n;
const box = (x: number) => ({ x1: x, y1: 0, x2: x + 0.1, y2: 0.1 });
const moment = (at: number, ...xs: number[]): HiddenMoment => ({
  ...{ timeNs: ms(at), mode: 'blurred', boxes: xs.map(box) },
});

describe('What is hidden during a picture', () => {
  it.each([
    ['what was found before and after it', [moment(0, 0.1), moment(400, 0.2)], 160, 200, [0.1, 0.2]],
    [
      'what was found shortly around it',
      [moment(0, 0.1), moment(200, 0.2), moment(400, 0.3)],
      260,
      300,
      [0.2, 0.3],
    ],
    ['nothing where nobody was', [moment(0), moment(400)], 100, 140, []],
  ] as const)('is %s', (_, moments, from, until, expected) => {
    const hidden = hiddenDuring(moments, ms(from), ms(until));
    expect(hidden).not.toBe('all');
    expect((hidden as readonly { x1: number }[]).map(({ x1 }) => x1)).toEqual(expected);
  });

  it.each([
    ['nobody looked before', [moment(300, 0.1)], 100, 140],
    ['nobody looked after', [moment(0, 0.1)], 100, 140],
    ['the looks lie too far apart', [moment(0), moment(700)], 300, 340],
    ['nobody looked at all', [], 300, 340],
  ] as const)('is all of it where %s', (_, moments, from, until) => {
    expect(hiddenDuring(moments, ms(from), ms(until))).toBe('all');
  });

  it('is never less than what was found on a picture in it', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(looks, fc.integer({ min: 0, max: 5_000 }), (times, from) => {
        const moments = [...new Set(times)].sort((a, b) => a - b).map((at) => moment(at, at / 10_000));
        const hidden = hiddenDuring(moments, ms(from), ms(from + 40));
        if (hidden === 'all') return;
        for (const { timeNs, boxes } of moments)
          if (timeNs >= ms(from) && timeNs <= ms(from + 40)) expect(hidden).toContainEqual(boxes[0]);
      }),
    );
  });
});

describe('The track of what is hidden', () => {
  it('knows by its stamp which picture of the stream a result belongs to', () => {
    const track = new HiddenTrack(60);
    const stretch = new Stretch();
    track.decoded(5_000n, { stretch, timeNs: 70n });
    track.add({ stampNs: 5_000n, mode: 'blurred', boxes: [box(0)] });
    track.add({ stampNs: 9_999n, mode: 'plain', boxes: [] });
    expect(track.during(stretch, 0n, 100n)).toEqual([{ timeNs: 70n, mode: 'blurred', boxes: [box(0)] }]);
    expect(track.during(new Stretch(), 0n, 100n)).toEqual([]);
  });
});
