import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, lateStanding, standing } from '../../../../src/agent/deployment/probation.ts';
import { Pipeline } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { statsOf } from '../../../fakes/fake-pipeline.ts';
import { FakeSource, FramePool, identity } from '../../perception/fakes.ts';

describe('Probation', () => {
  const before = statsOf({ received: 1000, processed: 900, failed: 90 });

  it('lets a model pass that processes frames', () => {
    expect(
      judge(before, statsOf({ received: 1300, processed: 1200, failed: 90 }), undefined, true),
    ).toBeUndefined();
  });

  it('sends a model back as soon as too many frames fail', () => {
    expect(judge(before, statsOf({ received: 1040, processed: 910, failed: 110 }), undefined, false)).toMatch(
      /20 of 30 frames failed/,
    );
  });

  it('does not judge by a handful of frames', () => {
    expect(
      judge(before, statsOf({ received: 1003, processed: 900, failed: 93 }), undefined, false),
    ).toBeUndefined();
  });

  it('sends a model back that has processed nothing although frames came', () => {
    const stuck = statsOf({ received: 1400, processed: 900, failed: 90 });
    expect(judge(before, stuck, undefined, false)).toBeUndefined();
    expect(judge(before, stuck, undefined, true)).toMatch(/processed none of/);
  });

  /** Of frames since the swap, at a time of a probation of 30 s. */
  const rows: readonly [
    what: string,
    frames: [processed: number, failed: number],
    seconds: number,
    kind: string,
  ][] = [
    ['few frames before its end', [3, 0], 20, 'goes-on'],
    ['few frames that fail before its end', [0, 3], 20, 'goes-on'],
    ['too few frames at its end: it lasts longer', [15, 0], 30, 'goes-on'],
    ['enough frames by then', [20, 0], 41, 'survived'],
    ['enough frames by then, and they fail', [12, 8], 41, 'wrong'],
    ['too few at the end of the longest, and none failed', [15, 0], 300, 'unproven'],
    ['too few at the end of the longest, and some failed', [10, 2], 300, 'wrong'],
    ['no frame at the end of the longest', [0, 0], 300, 'unproven'],
    ['enough frames in time', [100, 0], 30, 'survived'],
  ];
  it.each(rows)('with %s: %j frames after %d s: %s', (_, [processed, failed], seconds, kind) => {
    const now = statsOf({
      ...{ received: 1000 + processed + failed, processed: 900 + processed, failed: 90 + failed },
    });
    const time = { elapsedMs: seconds * 1000, probationMs: 30_000 };
    expect(standing(before, now, undefined, time).kind).toBe(kind);
  });

  it('is over at once where no camera ever gave a frame, and where nobody asks for one', () => {
    const none = statsOf({});
    const at = (probationMs: number, now = none) =>
      standing(none, now, undefined, { elapsedMs: probationMs, probationMs }).kind;
    expect([at(30_000), at(0), at(0, before)]).toEqual(['unproven', 'survived', 'wrong']);
  });

  it('looks at frames that come later', () => {
    const late = (processed: number, failed: number) =>
      lateStanding(
        before,
        statsOf({ received: 2000, processed: 900 + processed, failed: 90 + failed }),
        undefined,
      ).kind;
    expect([late(3, 3), late(20, 0), late(12, 8)]).toEqual(['goes-on', 'survived', 'wrong']);
  });

  it('does not blame a model for a camera that sends nothing', () => {
    expect(judge(before, before, { p95LatencyMs: 1 }, true)).toBeUndefined();
  });

  it('holds a model to its latency budget', () => {
    const slow = statsOf({ received: 1300, processed: 1200, failed: 90, p95Ms: 40 });
    expect(judge(before, slow, { p95LatencyMs: 100 }, true)).toMatch(/120\.0 ms per frame.*budget is 100 ms/);
    expect(judge(before, slow, { p95LatencyMs: 130 }, true)).toBeUndefined();
  });

  it.each([
    ['tensorrt', 'onnxruntime', 30, 6, /runs on onnxruntime instead of tensorrt, with 6\.0 instead of 30\.0/],
    ['tensorrt', 'onnxruntime', 30, 28, undefined],
    ['tensorrt', 'tensorrt', 30, 6, undefined],
  ] as const)('from %s to %s with %d and then %d frames/s', (was, is, rateBefore, rateNow, words) => {
    const at = (engine: string, framesPerSecond: number, frames: number) => {
      const stats = statsOf({
        ...{ received: frames, processed: frames },
        identity: { ...identity(), engine },
      });
      return { ...stats, cameras: stats.cameras.map((camera) => ({ ...camera, framesPerSecond })) };
    };
    const why = judge(at(was, rateBefore, 1000), at(is, rateNow, 1900), undefined, true);
    if (words === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(words);
  });

  it('judges the frames of the new model alone, at every frame rate', async () => {
    const slowMs = 80;
    const fastMs = 10;
    /** What a device does: 30 s with the old model, the swap, and 30 s with the new one. */
    async function probation(fps: number, oldMs: number, newMs: number): Promise<string | undefined> {
      const clock = new FakeClock();
      const pool = new FramePool();
      const source = new FakeSource('front');
      const taking = (inferMs: number) => ({
        identity: identity(`takes ${inferMs} ms`),
        capacity: 1,
        detect: async () => ({
          detections: [],
          candidates: 0,
          timings: { preprocessMs: 0, inferMs, postprocessMs: 0 },
        }),
        close: async () => {},
      });
      const pipeline = new Pipeline({ detector: taking(oldMs), sinks: [], clock });
      await pipeline.add(source);
      await pipeline.start();
      const run = async () => {
        for (let frame = 0; frame < 30 * fps; frame++) {
          void source.receiver?.frame(pool.frame('front'));
          clock.advance(1000 / fps);
          if (frame % 8 === 7) await settle();
          else for (let turn = 0; turn < 6; turn++) await Promise.resolve();
        }
      };
      await run();
      const before = pipeline.stats();
      await pipeline.swap(taking(newMs));
      await run();
      return judge(before, pipeline.stats(), { p95LatencyMs: 50 }, true);
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1, 5, 10, 15, 30), async (fps) => {
        expect(await probation(fps, slowMs, fastMs)).toBeUndefined();
        expect(await probation(fps, fastMs, slowMs)).toMatch(/80\.0 ms per frame/);
      }),
      { numRuns: 5 },
    );
  });
});
