import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import type { PerceptionResult, TrackedDetection } from '../../../../src/perception/index.ts';
import { RunTally } from '../../../../src/workbench/run/tally.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { identityOf, statsOf } from '../../../fakes/fake-pipeline.ts';

let clock: FakeClock;
let tally: RunTally;
beforeEach(() => {
  clock = new FakeClock();
  clock.advance(1000);
  tally = new RunTally(clock);
});

const seen = (label: string, trackId?: number): TrackedDetection => ({
  ...{ classId: 0, label, score: 1, box: { x1: 0, y1: 0, x2: 1, y2: 1 } },
  ...(trackId === undefined ? {} : { trackId }),
});
function result(detections: TrackedDetection[] = [], inferMs = 8): void {
  const timings = { preprocessMs: 1, inferMs, postprocessMs: 1 };
  const made: Partial<PerceptionResult> = { detections, captureToPublishMs: 2 * inferMs, timings };
  tally.result(made as PerceptionResult);
}
const summary = (processed = 0, drawn?: { written: number; leftOut: number }) =>
  tally.summary(statsOf({ received: processed, processed, identity: identityOf('sha256:a') }), {
    ...{ engine: 'native', reason: 'fastest', drawn },
  });

describe('What a run adds up to', () => {
  it('is nothing when nothing came', () => {
    expect(summary()).toMatchObject({
      ...{
        type: 'summary',
        detections: 0,
        tracks: 0,
        classes: {},
        seconds: 0,
        framesPerSecond: 0,
        faults: [],
      },
      latencyMs: { infer: { p50: 0, p99: 0 } },
    });
    expect(summary()).not.toHaveProperty('drawn');
  });

  it('counts detections and tracks by label, most first, a track once', () => {
    result([seen('car', 1), seen('person', 2), seen('car', 3)]);
    result([seen('car', 1), seen('dog')]);
    const { detections, tracks, classes } = summary(2);
    expect([detections, tracks, tally.frames]).toEqual([5, 3, 2]);
    expect(Object.entries(classes)).toEqual([
      ['car', { detections: 3, tracks: 2 }],
      ['person', { detections: 1, tracks: 1 }],
      ['dog', { detections: 1, tracks: 0 }],
    ]);
  });

  it('measures from when the first frame was begun to the last result', () => {
    result([], 98);
    clock.advance(900);
    result();
    clock.advance(60_000);
    const { seconds, framesPerSecond } = summary(20);
    expect(seconds).toBeCloseTo(1, 9);
    expect(framesPerSecond).toBeCloseTo(20, 9);
  });

  it('adds up the lives of a managed node, and its pauses count for no rate', () => {
    const life = (processed: number, lost: number) => {
      const stats = statsOf({ received: processed, processed, identity: identityOf('sha256:a') });
      const [camera] = stats.cameras;
      return { ...stats, cameras: [{ ...camera!, lostBySource: lost, staleStamps: 1 }] };
    };
    const frames = (count: number) => {
      tally.begin();
      for (let at = 0; at < count; at += 1) {
        result([], 98);
        clock.advance(100);
      }
    };
    const more = { engine: 'native', reason: 'fastest', drawn: undefined };
    frames(10);
    clock.advance(3_600_000);
    frames(5);
    expect(tally.summary(life(15, 3), more)).toMatchObject({
      frames: { received: 15, processed: 15, lost: 3, staleStamps: 1 },
    });
    tally.ended(life(15, 3));
    clock.advance(3_600_000);
    frames(10);
    const { frames: all, seconds, framesPerSecond } = tally.summary(life(10, 293), more);
    expect(all).toMatchObject({ received: 25, processed: 25, lost: 296, staleStamps: 2 });
    // The last result of each time is its end.
    expect(seconds).toBeCloseTo(1 + 0.5 + 1, 9);
    expect(framesPerSecond).toBeCloseTo(10, 9);
  });

  it('has percentiles of every stage', () => {
    for (let ms = 1; ms <= 100; ms++) result([], ms);
    expect(summary(100).latencyMs).toMatchObject({
      ...{
        infer: { p50: 50, p99: 99 },
        captureToPublish: { p50: 100, p99: 198 },
        preprocess: { p50: 1, p99: 1 },
      },
    });
  });

  it('keeps what went wrong, in words, and nothing that is no fault', () => {
    const error = new InputError('x', 'The picture is broken.', 'Look at it.');
    tally.event({ kind: 'fault', camera: 'front', error });
    tally.event({ kind: 'stuck', camera: 'front', slot: 'main', error });
    tally.event({ kind: 'recovered', camera: 'front' });
    tally.event({ kind: 'ended', camera: 'front' });
    expect(summary().faults).toEqual([
      'The picture is broken. Look at it.',
      'The picture is broken. Look at it.',
    ]);
  });

  it('says who ran and why, and what was drawn', () => {
    expect(summary(1, { written: 3, leftOut: 1 })).toMatchObject({
      ...{
        model: 'street',
        engine: 'native',
        reason: 'fastest',
        precision: 'fp32',
        drawn: { written: 3, leftOut: 1 },
      },
    });
  });
});
