import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RebirthGate, SequenceTracker } from '../../../../src/controller/fleet/sequence.ts';

describe('following batch numbers', () => {
  test('a jump is a gap of that many batches, unless the device says that it gave them up', () => {
    const tracker = new SequenceTracker();
    expect(tracker.arrive(1, 0, 0)).toEqual({ kind: 'next' });
    expect(tracker.arrive(1, 1, 0)).toEqual({ kind: 'next' });
    expect(tracker.arrive(1, 4, 0)).toEqual({ kind: 'gap', missing: 2 });
    expect(tracker.arrive(1, 8, 3)).toEqual({ kind: 'next' });
    expect(tracker.arrive(1, 12, 1)).toEqual({ kind: 'gap', missing: 2 });
  });

  test('repeats and batches of an older session are no gaps', () => {
    const tracker = new SequenceTracker();
    tracker.arrive(3, 0, 0);
    tracker.arrive(3, 1, 0);
    expect(tracker.arrive(3, 0, 0)).toEqual({ kind: 'earlier' });
    expect(tracker.arrive(2, 99, 0)).toEqual({ kind: 'earlier' });
    expect(tracker.arrive(3, 2, 0)).toEqual({ kind: 'next' });
  });

  test('a new session begins at 0; what comes first of an unknown device is where we begin', () => {
    const tracker = new SequenceTracker();
    expect(tracker.arrive(1, 500, 0)).toEqual({ kind: 'next' });
    expect(tracker.arrive(2, 0, 0)).toEqual({ kind: 'next' });
    expect(tracker.arrive(3, 2, 0)).toEqual({ kind: 'gap', missing: 2 });
  });

  test('after a restart it continues from the database', () => {
    const tracker = new SequenceTracker();
    tracker.resume(1, 10);
    expect(tracker.arrive(1, 11, 0)).toEqual({ kind: 'next' });
    expect(tracker.arrive(1, 14, 0)).toEqual({ kind: 'gap', missing: 2 });
  });

  test('what the former life of the controller had taken and not committed is no gap, once', () => {
    const tracker = new SequenceTracker();
    tracker.resume(1, 10);
    expect(tracker.arrive(1, 9, 0)).toEqual({ kind: 'earlier' });
    expect(tracker.arrive(1, 13, 0)).toEqual({ kind: 'interrupted', missing: 2 });
    expect(tracker.arrive(1, 11, 0)).toEqual({ kind: 'earlier' });
    expect(tracker.arrive(1, 16, 0)).toEqual({ kind: 'gap', missing: 2 });
  });

  test.each<[what: string, lives: (tracker: SequenceTracker) => void]>([
    ['a restart', (tracker) => tracker.resume(1, 10)],
    [
      'a connection that broke',
      (tracker) => {
        for (let sequence = 0; sequence <= 10; sequence++) tracker.arrive(1, sequence, 0);
        tracker.interrupt();
      },
    ],
  ])(
    'after %s what comes again may come with holes: nothing is a gap before a new batch has come',
    (_, lives) => {
      const tracker = new SequenceTracker();
      lives(tracker);
      // 11 and 12 were sent first, so their time to be sent again comes first; the device is at 40 meanwhile.
      expect(tracker.arrive(1, 11, 0, true)).toEqual({ kind: 'next' });
      expect(tracker.arrive(1, 12, 0, true)).toEqual({ kind: 'next' });
      expect(tracker.arrive(1, 40, 0)).toEqual({ kind: 'interrupted', missing: 27 });
      expect(tracker.arrive(1, 13, 0, true)).toEqual({ kind: 'earlier' });
      expect(tracker.arrive(1, 41, 0)).toEqual({ kind: 'next' });
      expect(tracker.arrive(1, 43, 0)).toEqual({ kind: 'gap', missing: 1 });
      expect(tracker.arrive(1, 45, 0, true)).toEqual({ kind: 'gap', missing: 1 });
    },
  );

  test('an earlier session that comes again does not end the catching up', () => {
    const tracker = new SequenceTracker();
    tracker.resume(1, 10);
    expect(tracker.arrive(1, 11, 0, true)).toEqual({ kind: 'next' });
    expect(tracker.arrive(2, 0, 0, true)).toEqual({ kind: 'next' });
    expect(tracker.arrive(3, 7, 0)).toEqual({ kind: 'interrupted', missing: 7 });
    expect(tracker.arrive(3, 9, 0)).toEqual({ kind: 'gap', missing: 1 });
  });

  test('counts exactly the batches that were lost, for any loss', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 50 }), (lost) => {
        const tracker = new SequenceTracker();
        tracker.arrive(1, 0, 0);
        let missing = 0;
        lost.forEach((isLost, index) => {
          if (isLost) return;
          const arrival = tracker.arrive(1, index + 1, 0);
          if (arrival.kind === 'gap') missing += arrival.missing;
        });
        const lastHeard = lost.lastIndexOf(false);
        expect(missing).toBe(lost.slice(0, lastHeard + 1).filter(Boolean).length);
      }),
    );
  });
});

describe('asking for a birth', () => {
  const policy = { firstMs: 1000, maxMs: 60_000, calmMs: 120_000 };

  test('a device that is always in need is asked ever less often', () => {
    const gate = new RebirthGate(policy);
    let asked = 0;
    for (let ms = 0; ms < 3_600_000; ms += 100) if (gate.need(ms)) asked += 1;
    expect(asked).toBeLessThan(70);
    expect(asked).toBeGreaterThan(50);
  });

  test('one that was healthy for a while is asked at once again', () => {
    const gate = new RebirthGate(policy);
    for (let ms = 0; ms < 100_000; ms += 100) gate.need(ms);
    expect(gate.need(100_000 + 300_000)).toBe(true);
    expect(gate.need(100_000 + 301_100)).toBe(true);
  });
});
