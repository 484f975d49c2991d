import { describe, expect, it } from 'vitest';
import type { CameraRules } from '../../../../src/perception/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

const half: CameraRules = {
  zones: {
    left: {
      points: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    },
  },
};
const size = { width: 100, height: 100 };

type UnderTest = Awaited<ReturnType<typeof setUp>>;

/** A car goes from the left to the right, seen often enough to have a track at each of these places. */
async function drive({ send, detector, clock }: UnderTest, ...places: readonly number[]) {
  for (const x of places) {
    clock.advance(100);
    await send('front', size);
    detector.open[0]!.answer([car(x)]);
    await settle();
  }
}

describe('The rules of a camera', () => {
  it('are in each result of its main node, and in none without rules', async () => {
    const at = await setUp({}, { front: { settings: { rules: half } }, rear: {} });
    await drive(at, 5, 8, 14, 22, 30, 38, 46);
    await at.send('rear', size);
    at.detector.open[0]!.answer([car(5)]);
    await settle();
    const front = at.sink.results.filter(({ camera }) => camera === 'front');
    expect(front.map(({ rules }) => rules?.zones[0]?.inside)).toEqual([0, 1, 1, 1, 1, 1, 0]);
    expect(front.flatMap(({ rules }) => rules?.events.map(({ kind }) => kind))).toEqual(['entered', 'left']);
    expect(at.sink.results.at(-1)).not.toHaveProperty('rules');
  });

  it('change while it runs: kept zones continue, and invalid ones are ignored', async () => {
    const at = await setUp({}, { front: { settings: { rules: half } } });
    await drive(at, 5, 8);
    at.pipeline.configure('front', {
      rules: {
        ...half,
        lines: {
          door: {
            points: [
              [0.3, 0],
              [0.3, 1],
            ],
          },
        },
      },
    });
    expect(() => at.pipeline.configure('front', { rules: { zones: { bad: { points: [] } } } })).toThrow(
      expect.objectContaining({ code: 'zone-points' }),
    );
    await drive(at, 12, 22, 30);
    const { rules } = at.sink.results.at(-1)!;
    expect(rules).toMatchObject({
      zones: [{ name: 'left', inside: 1, entered: 1 }],
      lines: [{ name: 'door', in: 0, out: 1 }],
    });
    at.pipeline.configure('front', { rules: {} });
    await drive(at, 35);
    expect(at.sink.results.at(-1)).not.toHaveProperty('rules');
  });

  it('are a fault while the model does not know their classes, and work when it does', async () => {
    const rules = { zones: { left: { ...half.zones!.left!, classes: ['cat'] } } };
    const at = await setUp({}, { front: { settings: { rules } } });
    expect(at.events).toMatchObject([{ kind: 'fault', error: { code: 'class-unknown' } }]);
    expect(at.pipeline.stats().cameras[0]?.problems).toMatchObject([
      { node: 'detect', what: expect.stringContaining('The zone "left" counts "cat"') },
    ]);
    await at.pipeline.swap(new FakeDetector('cats', 1, { labels: ['cat'] }));
    expect(at.pipeline.stats().cameras[0]).not.toHaveProperty('problems');
  });

  it('are a fault where nothing is tracked', async () => {
    const at = await setUp({ tracker: false }, { front: { settings: { rules: half } } });
    expect(at.events).toMatchObject([{ kind: 'fault', error: { code: 'rules-untracked' } }]);
  });

  it('end the tracks of a main node whose place another one takes', async () => {
    const at = await setUp({}, { front: { settings: { rules: half } } });
    await drive(at, 5, 8);
    at.pipeline.configure('front', { nodes: [{ name: 'other' }] });
    await drive(at, 8, 10);
    const events = at.sink.results.flatMap(({ rules }) => rules?.events ?? []);
    expect(events.map(({ kind }) => kind)).toEqual(['entered', 'left', 'entered']);
  });
});
