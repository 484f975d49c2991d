import { describe, expect, it } from 'vitest';
import type { SignalName } from '../../../../src/drift/signals/catalogue.ts';
import { ExpectedLoss, harmfulLoss, type LossEvidence } from '../../../../src/drift/verdict/expected-loss.ts';

function evidence(z: Partial<Record<SignalName, number>>, over: Partial<LossEvidence> = {}): LossEvidence {
  return {
    z: (name) => z[name] ?? 0,
    furthest: (name) => z[name] ?? 0,
    ...{
      change: () => 0,
      fit: undefined,
      placed: 0,
      modelSuspect: false,
      confidenceLost: 0,
      fragile: 0.35,
      found: 1,
      ofFewest: 1.5,
      ...over,
    },
  };
}

function lossOf(one: LossEvidence, seconds = 40): number {
  const loss = new ExpectedLoss();
  for (let second = 0; second < seconds; second++) loss.add(one);
  return loss.value!;
}

const fog = { kind: 'scene-change', change: 'hazier' } as const;

describe('The loss that is expected', () => {
  it('is none for a second alone, and little where nothing that harms is seen', () => {
    const loss = new ExpectedLoss();
    loss.add(evidence({ box_grip: -10 }));
    expect(loss.value).toBeUndefined();
    expect(lossOf(evidence({}))).toBe(0);
  });

  it('grows with what is wrong with the boxes, and is a share', () => {
    const losses = [-1, -4, -8, -12].map((z) => lossOf(evidence({ box_grip: z })));
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
    const all = evidence({ box_grip: -12, log_unexplained_motion: 12 }, { found: 0, confidenceLost: 1 });
    expect(lossOf(all)).toBeLessThanOrEqual(1);
    expect(lossOf(all)).toBeGreaterThan(0.6);
  });

  it('does not grow by waiting: a notice stays one for as long as nothing changes', () => {
    const mild = evidence({ brightness: 6 });
    expect(lossOf(mild, 5)).toBeCloseTo(lossOf(mild, 3600), 6);
    const loss = new ExpectedLoss();
    for (let second = 0; second < 3600; second++) {
      loss.add(mild);
      expect(loss.gradeOf(fog)).toBe('notice');
    }
  });

  it.each([
    ['one second', 1, 'notice'],
    ['two, after which an incident is raised', 2, 'alarm'],
  ] as const)('of much says after %s: its grade', (_, seconds, grade) => {
    const loss = new ExpectedLoss();
    for (let second = 0; second < seconds; second++) loss.add(evidence({ box_grip: -8 }));
    expect(loss.gradeOf(fog)).toBe(grade);
  });

  it.each([
    [-0.7, 'notice'],
    [-0.95, 'alarm'],
  ] as const)('of a grip of %s is after a minute: %s', (grip, grade) => {
    const loss = new ExpectedLoss();
    for (let second = 0; second < 60; second++) loss.add(evidence({ box_grip: grip }));
    expect(loss.gradeOf(fog)).toBe(grade);
  });

  it('makes no alarm of a wild first moment, and none of noise around what is usual', () => {
    const moment = new ExpectedLoss();
    const noise = new ExpectedLoss();
    for (let second = 0; second < 120; second++) {
      moment.add(evidence({ box_grip: second < 2 ? -2 : 0 }));
      noise.add(evidence({ box_grip: second % 2 === 0 ? 4 : -4 }));
      if (second === 0) continue;
      expect(moment.gradeOf(fog)).toBe('notice');
      expect(noise.gradeOf(fog)).toBe('notice');
    }
  });

  it.each(['log_noise', 'log_motion'] as const)(
    'does not trust a grip where %s moves all of the picture',
    (cause) => {
      const losses = [1, 4, 8].map((z) => lossOf(evidence({ box_grip: -6, [cause]: z })));
      expect(losses[0]).toBeGreaterThan(losses[1]!);
      expect(losses[2]).toBe(0);
    },
  );

  it('by a change of the picture is larger the more boxes are found just barely, and usual where that is unknown', () => {
    const dimmed = (fragile: number) => lossOf(evidence({}, { fragile, placed: 0.4 }));
    expect(dimmed(0.1)).toBeLessThan(dimmed(0.35));
    expect(dimmed(0.6)).toBeGreaterThan(dimmed(0.35));
    expect(dimmed(Number.NaN)).toBe(dimmed(0.35));
    const lateBoxes = (fragile: number) => lossOf(evidence({ box_grip: -4 }, { fragile }));
    expect(lateBoxes(0.1)).toBe(lateBoxes(0.6));
  });

  it('has a range around it, within 0 and 1', () => {
    const loss = new ExpectedLoss();
    expect(loss.range).toBeUndefined();
    for (let second = 0; second < 20; second++) loss.add(evidence({ box_grip: -1.4 }));
    const [low, high] = loss.range!;
    expect(low).toBe(0);
    expect(high).toBeGreaterThan(loss.value!);
  });

  it('counts more or fewer boxes beyond what traffic does by itself', () => {
    expect(lossOf(evidence({ detections: 1.5 }, { found: 2 }))).toBe(0);
    expect(lossOf(evidence({ detections: 3 }, { found: 2 }))).toBeGreaterThan(harmfulLoss);
    expect(lossOf(evidence({}, { ofFewest: 1.1 }))).toBe(0);
    expect(lossOf(evidence({}, { ofFewest: Number.NaN }))).toBe(0);
    expect(lossOf(evidence({}, { ofFewest: 0.4 }))).toBeGreaterThan(harmfulLoss);
  });

  it('is an alarm above a tenth, but where a scene only has more or fewer in it', () => {
    const loss = new ExpectedLoss();
    for (let second = 0; second < 20; second++) loss.add(evidence({ box_grip: -8 }));
    expect(loss.value).toBeGreaterThan(harmfulLoss);
    expect(loss.gradeOf(fog)).toBe('alarm');
    expect(loss.gradeOf({ kind: 'scene-change', change: 'emptier' })).toBe('notice');
  });
});
