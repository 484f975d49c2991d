import { describe, expect, it } from 'vitest';
import {
  type CameraRules,
  RuleCounter,
  type RuleEvent,
  type RulesFrame,
} from '../../../../src/perception/rules/index.ts';

const middle: CameraRules = {
  zones: {
    middle: {
      points: [
        [0.25, 0],
        [0.75, 0],
        [0.75, 1],
        [0.25, 1],
      ],
    },
  },
  lines: {
    across: {
      points: [
        [0.5, 0],
        [0.5, 1],
      ],
    },
  },
};
const startNs = 1_700_000_000_000_000_000n;

type Where = readonly [id: number, x: number, label?: string];

/** Boxes of a tenth of the picture's height whose foot is at half of it. */
function frame(ms: number, ...seen: readonly Where[]): RulesFrame {
  return {
    ...{ width: 1000, height: 1000, stampNs: startNs + BigInt(ms) * 1_000_000n },
    detections: seen.map(([trackId, x, label = 'person']) => ({
      ...{ classId: 0, label, score: 0.9, trackId },
      box: { x1: x * 1000 - 20, x2: x * 1000 + 20, y1: 400, y2: 500 },
    })),
  };
}

function play(counter: RuleCounter, frames: readonly RulesFrame[]): RuleEvent[] {
  return frames.flatMap((one) => counter.update(one).events);
}

const ms = ({ stampNs }: RuleEvent) => Number(stampNs - startNs) / 1e6;
const told = (events: readonly RuleEvent[]) => events.map((event) => [event.kind, ms(event)]);

describe('Zones and lines', () => {
  it('tell who came, how long it was inside, and where it crossed', () => {
    const counter = new RuleCounter(middle);
    const events = play(counter, [
      frame(0, [1, 0.1]),
      frame(100, [1, 0.3]),
      frame(200, [1, 0.6]),
      frame(300, [1, 0.9]),
    ]);
    expect(events).toMatchObject([
      { kind: 'entered', zone: 'middle', trackId: 1, label: 'person', inside: 1 },
      { kind: 'crossed', line: 'across', direction: 'out' },
      { kind: 'left', zone: 'middle', inside: 0, lost: false },
    ]);
    expect(told(events)).toEqual([
      ['entered', 100],
      ['crossed', 200],
      ['left', 300],
    ]);
    expect((events[2] as { dwellSeconds: number }).dwellSeconds).toBeCloseTo(0.2);
    const { zones, lines } = counter.update(frame(400));
    expect(zones).toMatchObject([{ name: 'middle', inside: 0, entered: 1, left: 1 }]);
    expect(lines).toMatchObject([{ name: 'across', in: 0, out: 1 }]);
  });

  it('take an edge that flickers over a border for one event', () => {
    const flicker = Array.from({ length: 40 }, (_, i) =>
      frame(100 + i * 50, [1, i % 2 === 0 ? 0.2505 : 0.2495]),
    );
    const frames = [frame(0, [1, 0.1]), ...flicker, frame(2200, [1, 0.3]), frame(2300, [1, 0.4])];
    expect(told(play(new RuleCounter(middle), frames))).toEqual([['entered', 2200]]);
  });

  it('take what stays near a border for inside when it was seen there for half a second', () => {
    const frames = Array.from({ length: 20 }, (_, i) => frame(i * 100, [1, 0.2505]));
    expect(told(play(new RuleCounter(middle), frames))).toEqual([['entered', 0]]);
    const seldom = [frame(0, [1, 0.2505]), frame(900, [1, 0.2505])];
    expect(play(new RuleCounter(middle), seldom)).toEqual([]);
  });

  it('count a second crossing to the same side by who went around the end of a line', () => {
    const short: CameraRules = {
      lines: {
        short: {
          points: [
            [0.5, 0.4],
            [0.5, 0.6],
          ],
          settleSeconds: 60,
        },
      },
    };
    const at = (time: number, x: number, y: number): RulesFrame => ({
      ...{ width: 1000, height: 1000, stampNs: startNs + BigInt(time) * 1_000_000n },
      detections: [
        {
          ...{ classId: 0, label: 'car', score: 0.9, trackId: 1 },
          box: { x1: x * 1000 - 400, x2: x * 1000 + 400, y1: y * 1000 - 4000, y2: y * 1000 },
        },
      ],
    });
    const around = [at(0, 0.49, 0.5), at(100, 0.51, 0.5), at(200, 0.51, 0.7), at(300, 0.49, 0.7)];
    const events = play(new RuleCounter(short), [...around, at(400, 0.49, 0.5), at(500, 0.51, 0.5)]);
    expect(told(events)).toEqual([['crossed', 100]]);
  });

  it('end a track that was not seen for a second where it was seen last', () => {
    const counter = new RuleCounter(middle);
    const away = Array.from({ length: 12 }, (_, i) => frame(200 + i * 100));
    const events = play(counter, [frame(0, [1, 0.4]), frame(100, [1, 0.45]), ...away]);
    expect(events).toMatchObject([{ kind: 'entered' }, { kind: 'left', lost: true, inside: 0 }]);
    expect(told(events)).toEqual([
      ['entered', 0],
      ['left', 100],
    ]);
  });

  it('keep a track inside that is not seen for less than that', () => {
    const gap = [frame(0, [1, 0.4]), frame(500), frame(900, [1, 0.4])];
    expect(told(play(new RuleCounter(middle), gap))).toEqual([['entered', 0]]);
  });

  it('begin a new visit after a gap in which nothing was seen, also of the same id', () => {
    const events = play(new RuleCounter(middle), [frame(0, [1, 0.4]), frame(5000, [1, 0.4])]);
    expect(told(events)).toEqual([
      ['entered', 0],
      ['left', 0],
      ['entered', 5000],
    ]);
  });

  it('tell once who stays, once who is fast, and once for each visit', () => {
    const zone = { ...middle.zones!.middle!, dwellSeconds: 0.3, speedLimit: 0.5 };
    const stay = Array.from({ length: 8 }, (_, i) => frame(i * 100, [1, 0.4]));
    expect(told(play(new RuleCounter({ zones: { zone } }), stay))).toEqual([
      ['entered', 0],
      ['dwell', 300],
    ]);
    const run = Array.from({ length: 4 }, (_, i) => frame(i * 100, [1, 0.3 + 0.1 * i]));
    const events = play(new RuleCounter({ zones: { zone } }), run);
    expect(events).toMatchObject([{ kind: 'entered' }, { kind: 'speeding' }, { kind: 'dwell' }]);
    expect((events[1] as { speed: number }).speed).toBeCloseTo(1);
  });

  it('tell once that a zone is crowded, until it is not', () => {
    const zone = { ...middle.zones!.middle!, minimumCount: 2 };
    const events = play(new RuleCounter({ zones: { zone } }), [
      frame(0, [1, 0.4], [2, 0.5]),
      frame(100, [1, 0.4], [2, 0.5], [3, 0.6]),
      frame(200, [1, 0.9], [2, 0.9], [3, 0.6]),
      frame(300, [1, 0.4], [2, 0.5], [3, 0.6]),
    ]);
    expect(told(events.filter(({ kind }) => kind === 'crowded'))).toEqual([
      ['crowded', 0],
      ['crowded', 300],
    ]);
  });

  it('tell once that nobody was inside, counted from the last one who left', () => {
    const zone = { ...middle.zones!.middle!, absenceSeconds: 1 };
    const counter = new RuleCounter({ zones: { zone } });
    const empty = (from: number) => Array.from({ length: 15 }, (_, i) => frame(from + i * 100));
    expect(told(play(counter, empty(0)))).toEqual([['absent', 1000]]);
    expect(told(play(counter, [frame(1500, [1, 0.4]), frame(1600, [1, 0.9]), ...empty(1700)]))).toEqual([
      ['entered', 1500],
      ['left', 1600],
      ['absent', 2600],
    ]);
  });

  it('do not take a time without frames for one without objects', () => {
    const zone = { ...middle.zones!.middle!, absenceSeconds: 2 };
    const events = play(new RuleCounter({ zones: { zone } }), [
      frame(0),
      frame(900),
      frame(9000),
      frame(9900),
    ]);
    expect(events).toEqual([]);
  });

  it('begin anew when the clock of the camera is set back', () => {
    const counter = new RuleCounter(middle);
    const events = play(counter, [frame(60_000, [1, 0.4]), frame(1000, [1, 0.4]), frame(1100, [1, 0.9])]);
    expect(told(events)).toEqual([
      ['entered', 60_000],
      ['left', 60_000],
      ['entered', 1000],
      ['left', 1100],
      ['crossed', 1100],
    ]);
  });

  it('count classes that they name, by the anchor that they name', () => {
    const top: CameraRules = {
      zones: {
        cars: { ...middle.zones!.middle!, classes: ['car'] },
        upper: {
          points: [
            [0, 0],
            [1, 0],
            [1, 0.45],
            [0, 0.45],
          ],
          anchor: 'top-center',
        },
        lower: {
          points: [
            [0, 0.45],
            [1, 0.45],
            [1, 1],
            [0, 1],
          ],
        },
      },
    };
    const counter = new RuleCounter(top);
    const { zones } = counter.update(frame(0, [1, 0.4, 'car'], [2, 0.5]));
    expect(zones.map(({ name, inside }) => [name, inside])).toEqual([
      ['cars', 1],
      ['upper', 2],
      ['lower', 2],
    ]);
  });

  it('take a box that the border of the picture cuts off for inside of a zone that reaches there', () => {
    const ground: CameraRules = {
      zones: {
        ground: {
          points: [
            [0, 0.5],
            [1, 0.5],
            [1, 1],
            [0, 1],
          ],
        },
      },
    };
    const cut = frame(0, [1, 0.5]);
    const box = { x1: 480, x2: 520, y1: 900, y2: 1000 };
    const { zones } = new RuleCounter(ground).update({
      ...cut,
      detections: [{ ...cut.detections[0]!, box }],
    });
    expect(zones).toMatchObject([{ inside: 1 }]);
  });

  it('go on counting in zones that stay when others change', () => {
    const counter = new RuleCounter(middle);
    play(counter, [frame(0, [1, 0.4])]);
    counter.configure({ zones: { ...middle.zones, other: middle.zones!.middle! } });
    const { zones, lines, events } = counter.update(frame(100, [1, 0.45]));
    expect(zones).toMatchObject([
      { name: 'middle', inside: 1, entered: 1 },
      { name: 'other', inside: 1, entered: 1 },
    ]);
    expect(lines).toEqual([]);
    expect(events).toMatchObject([{ kind: 'entered', zone: 'other' }]);
    counter.configure({ zones: { middle: { ...middle.zones!.middle!, dwellSeconds: 5 } } });
    expect(counter.update(frame(200)).zones).toMatchObject([{ name: 'middle', inside: 0, entered: 0 }]);
  });

  it('leave out boxes without a track, and end all tracks where ids begin anew', () => {
    const counter = new RuleCounter(middle);
    const untracked = frame(0, [1, 0.4]);
    const boxes = untracked.detections.map(({ trackId: _, ...box }) => box);
    expect(counter.update({ ...untracked, detections: boxes }).events).toEqual([]);
    play(counter, [frame(100, [1, 0.4])]);
    expect(counter.endTracks()).toMatchObject([{ kind: 'left', trackId: 1, lost: true }]);
  });
});
