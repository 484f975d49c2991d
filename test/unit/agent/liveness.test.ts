import { beforeEach, describe, expect, it } from 'vitest';
import { Liveness } from '../../../src/agent/liveness.ts';
import type { CameraStats } from '../../../src/perception/index.ts';
import { statsOf } from '../../fakes/fake-pipeline.ts';

const minute = 60_000;

describe('A restart is asked for', () => {
  let liveness: Liveness;
  let received: number;
  let processed: number;
  let failed: number;
  let over: Partial<CameraStats>;
  let nowMs: number;

  beforeEach(() => {
    liveness = new Liveness({ silentMs: minute, noResultMs: 10 * minute, maySleep: new Set(['topic']) });
    received = processed = failed = nowMs = 0;
    over = {};
  });

  /** Looks every five seconds while so many frames come in and so many results come out each time. */
  const pass = (ms: number, framesIn: number, framesOut: number, framesFailed = 0): readonly string[] => {
    let reasons: readonly string[] = [];
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs += 5000;
      received += framesIn;
      processed += framesOut;
      failed += framesFailed;
      const { cameras } = statsOf({ received, processed, failed });
      reasons = liveness.look([{ ...cameras[0]!, ...over }], nowMs);
    }
    return reasons;
  };

  /** Of what happens one after the other. */
  const last = (...steps: readonly unknown[]) => steps.at(-1) as readonly string[];
  const change = (to: Partial<CameraStats>) => {
    over = to;
  };

  it.each<[string, boolean, () => readonly string[]]>([
    ['while frames come in and results come out', false, () => pass(20 * minute, 50, 50)],
    ['before the first frame of this life, however long', false, () => pass(60 * minute, 0, 0)],
    [
      'when a camera that gave frames falls silent without a word',
      true,
      () => last(pass(minute, 50, 50), pass(minute + 5000, 0, 0)),
    ],
    ['soon after its last frame', false, () => last(pass(minute, 50, 50), pass(30_000, 0, 0))],
    [
      'when its source says that it is gone',
      false,
      () => last(pass(minute, 50, 50), liveness.lost('front'), pass(60 * minute, 0, 0)),
    ],
    [
      'when it is back, and falls silent then',
      true,
      () => {
        pass(minute, 50, 50);
        liveness.lost('front');
        pass(10 * minute, 0, 0);
        liveness.back('front');
        expect(pass(minute, 50, 50)).toEqual([]);
        return pass(51 * minute, 0, 0);
      },
    ],
    [
      'when nobody publishes on a topic',
      false,
      () => {
        over = { camera: 'topic' };
        pass(minute, 50, 50);
        return pass(60 * minute, 0, 0);
      },
    ],
    [
      'when the camera is switched off',
      false,
      () => {
        pass(minute, 50, 50);
        over = { settings: { ...statsOf({}).cameras[0]!.settings, enabled: false } };
        return pass(60 * minute, 0, 0);
      },
    ],
    [
      'when its recording is over',
      false,
      () => last(pass(minute, 50, 50), change({ ended: true }), pass(60 * minute, 0, 0)),
    ],
    [
      'when frames come in and no result comes out any more',
      true,
      () => last(pass(minute, 50, 50), pass(10 * minute + 5000, 50, 0)),
    ],
    [
      'while the recovery of engines may still mend that',
      false,
      () => last(pass(minute, 50, 50), pass(9 * minute, 50, 0)),
    ],
    ['when no result ever came out in this life', false, () => pass(60 * minute, 50, 0)],
    [
      'when every frame fails: the engine’s recovery has that',
      false,
      () => last(pass(minute, 50, 50), pass(60 * minute, 50, 0, 50)),
    ],
  ])('%s: %s', (_, asked, play) => {
    expect(play().length > 0).toBe(asked);
  });

  it('not of a camera that pauses by itself for as long as it did before', () => {
    pass(minute, 50, 50);
    pass(50_000, 0, 0);
    pass(10_000, 50, 50);
    expect(pass(4 * minute, 0, 0)).toEqual([]);
    expect(pass(minute, 0, 0)).toEqual([
      'front gave frames and gives none for 300 s, and its source does not say why',
    ]);
  });
});
