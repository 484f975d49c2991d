import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DailyBytes, FramePolicy, usualFrameSettings } from '../../../../../src/agent/drift/frames/policy.ts';
import { privateBoxes } from '../../../../../src/agent/private-boxes.ts';

const settings = { ...usualFrameSettings, keep: true, randomPerDay: 0, margin: 0.05 };
const dayMs = 86_400_000;

describe('The choice of hard frames', () => {
  it('takes three frames after an alarm: at once, after two and after ten seconds', () => {
    const policy = new FramePolicy(() => 0.5);
    policy.alarm(0);
    const taken = [];
    for (let atMs = 0; atMs < 20_000; atMs += 100)
      if (policy.reasonToCapture(atMs, [], 0.25, settings) === 'alarm') taken.push(atMs);
    expect(taken).toEqual([0, 2000, 10_000]);
  });

  it('takes one frame for all that fell due in a pause', () => {
    const policy = new FramePolicy(() => 0.5);
    policy.alarm(0);
    expect(policy.reasonToCapture(60_000, [], 0.25, settings)).toBe('alarm');
    expect(policy.reasonToCapture(60_100, [], 0.25, settings)).not.toBe('alarm');
  });

  it('takes a frame whose score lies just above the threshold, once a minute, and no sure one', () => {
    const policy = new FramePolicy(() => 0.5);
    expect(policy.reasonToCapture(0, [0.9, 0.2], 0.25, settings)).toBe('ahead');
    const taken = [];
    for (let atMs = 100; atMs < 180_000; atMs += 100)
      if (policy.reasonToCapture(atMs, [0.9, 0.27], 0.25, settings) === 'low-margin') taken.push(atMs);
    expect(taken).toEqual([100, 60_100, 120_100]);
    expect(new FramePolicy(() => 0.5).reasonToCapture(0, [0.27], 0.25, { ...settings, margin: 0 })).toBe(
      'ahead',
    );
  });

  it('takes NaN scores for nothing', () => {
    expect(new FramePolicy(() => 0.5).reasonToCapture(0, [Number.NaN], 0.25, settings)).toBe('ahead');
  });

  it('samples at random about as often as it is told', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const policy = new FramePolicy(random);
    let taken = 0;
    for (let atMs = 0; atMs < 20 * dayMs; atMs += 60_000)
      if (policy.reasonToCapture(atMs, [], 0.25, { ...settings, randomPerDay: 50 }) === 'random') taken++;
    expect(taken / 20).toBeGreaterThan(40);
    expect(taken / 20).toBeLessThan(60);
  });
});

describe('The bytes of a day', () => {
  it('never let more through than a full bucket and what flows in, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 400 }), afterMs: fc.nat(dayMs / 4) }), {
          maxLength: 60,
        }),
        (frames) => {
          const daily = new DailyBytes(0, 0);
          let atMs = 0;
          let through = 0;
          for (const { bytes, afterMs } of frames) {
            atMs += afterMs;
            if (daily.take(bytes, 'alarm', 1000, atMs)) through += bytes;
            expect(through).toBeLessThanOrEqual(1000 + (1000 * atMs) / dayMs + 1e-6);
          }
        },
      ),
    );
  });

  it('reserve a quarter for alarms, count frames from before a restart, and pause when the clock goes back', () => {
    const daily = new DailyBytes(700, 0);
    expect(daily.take(100, 'random', 1000, 0)).toBe(false);
    expect(daily.take(100, 'alarm', 1000, 0)).toBe(true);
    expect(daily.take(201, 'alarm', 1000, -dayMs)).toBe(false);
    expect(daily.take(200, 'alarm', 1000, 0)).toBe(true);
    expect(daily.take(1, 'alarm', 1000, 0)).toBe(false);
  });
});

describe('The bytes of a day that the fleet changes', () => {
  it('count from then on', () => {
    const daily = new DailyBytes(0, 0);
    expect(daily.take(1000, 'alarm', 1000, 0)).toBe(true);
    expect(daily.take(1000, 'random', 1000, 0)).toBe(false);
    expect(daily.take(1000, 'random', 100_000, 0)).toBe(true);
    expect(daily.take(1, 'alarm', 1000, 0)).toBe(false);
  });
});

describe('What is hidden', () => {
  const box = { x1: 10, y1: 10, x2: 30, y2: 50 };
  const seen = (label: string) => ({ classId: 0, label, score: 0.9, box });

  it('are persons, faces and plates under the names that models give them', () => {
    const labels = [
      'person',
      'Pedestrian',
      'face',
      'license_plate',
      'licence plate',
      'number-plate',
      'rider',
    ];
    expect(privateBoxes(labels.map(seen), 640, 360).labels).toEqual(labels);
    expect(privateBoxes(['car', 'surface', 'template', 'headlight'].map(seen), 640, 360).boxes).toEqual([]);
  });

  it('a little more than the box, and nothing beyond the frame', () => {
    expect(privateBoxes([seen('person')], 640, 360).boxes).toEqual([{ x1: 8, y1: 6, x2: 32, y2: 54 }]);
    expect(privateBoxes([seen('person')], 31, 52).boxes).toEqual([{ x1: 8, y1: 6, x2: 31, y2: 52 }]);
  });
});
