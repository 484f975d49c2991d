import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../../src/base/index.ts';
import { DetectorLostError } from '../../../../src/perception/index.ts';
import { FailureRun } from '../../../../src/perception/pipeline/failure-run.ts';

const sick = new GoshawkError('native-engine', 'It failed.', '');
const limitMs = 10_000;

/** Failures at these times; what was told at each. */
function toldOf(times: readonly number[], error: unknown = sick, run = new FailureRun(limitMs)) {
  return times.map((ms) => run.failed(error, ms));
}

describe('A run of failing frames', () => {
  it('is told when it has lasted so long, again each time that long, and is another one after an answer', () => {
    const run = new FailureRun(limitMs);
    const seconds = Array.from({ length: 31 }, (_, index) => index * 1000);
    const told = toldOf(seconds, sick, run).map((one, index) => one && { ...one, at: index });
    expect(told.filter((one) => one !== undefined)).toEqual([
      { frames: 11, forMs: 10_000, again: false, at: 10 },
      { frames: 21, forMs: 20_000, again: true, at: 20 },
      { frames: 31, forMs: 30_000, again: true, at: 30 },
    ]);
    run.answered();
    expect(toldOf([40_000, 49_000, 49_100, 49_200, 49_999, 50_000], sick, run).at(-1)).toEqual({
      frames: 6,
      forMs: 10_000,
      again: false,
    });
  });

  it('is not told for fewer than five frames, however long they took', () => {
    const told = toldOf([0, 60_000, 120_000, 180_000, 240_000]);
    expect(told.map((one) => one?.frames)).toEqual([undefined, undefined, undefined, undefined, 5]);
  });

  it('is not told for thousands of frames in a moment', () => {
    expect(toldOf(Array.from({ length: 5000 }, (_, index) => index)).every((one) => one === undefined)).toBe(
      true,
    );
  });

  it('is broken by one answer', () => {
    const run = new FailureRun(limitMs);
    for (let ms = 0; ms < 100_000; ms += 1000) {
      if (ms % 9000 === 0) run.answered();
      expect(run.failed(sick, ms)).toBeUndefined();
    }
  });

  it('is told with its first frame where the detector says that it is lost, and not with each after it', () => {
    const lost = new DetectorLostError('device', 'native-device-lost', 'Gone.', '');
    expect(toldOf([0, 1, 2], lost)).toEqual([{ frames: 1, forMs: 0, again: false }, undefined, undefined]);
  });

  it.each([
    ['a GoshawkError', sick, true],
    ['a LimitError (no memory)', new LimitError('native-out-of-memory', 'x', ''), true],
    ['an InternalError', new InternalError('detector-failed', 'x', ''), true],
    ['a stranger', new Error('x'), true],
    ['an InputError (a frame that cannot be read)', new InputError('native-bad-jpeg', 'x', ''), false],
    ['a MissingError (no model)', new MissingError('model-missing', 'x', ''), false],
    ['a RefusedError', new RefusedError('x', 'x', ''), false],
    ['a CancelledError', new CancelledError('x'), false],
  ] as const)('%s counts: %s', (_, error, counts) => {
    const told = toldOf([0, 1, 2, 3, limitMs], error);
    expect(told.at(-1) !== undefined).toBe(counts);
  });

  it('is neither broken nor made longer by a frame that cannot be read', () => {
    const run = new FailureRun(limitMs);
    toldOf([0, 1000, 2000, 3000], sick, run);
    for (let ms = 3001; ms < 12_000; ms += 100)
      toldOf([ms], new InputError('native-bad-frame', 'x', ''), run);
    expect(run.failed(sick, 12_000)).toEqual({ frames: 5, forMs: 12_000, again: false });
  });
});
