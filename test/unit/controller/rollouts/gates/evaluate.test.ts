import { describe, expect, it } from 'vitest';
import {
  evaluateGate,
  type GateEvidence,
  type GateSpec,
  type GateSubject,
} from '../../../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';
import { type ModelChange, SimulatedCamera, Weather } from '../../../../bench/rollouts/street-counts.ts';

const blockMs = 300_000;
const day = 288;

interface World {
  readonly treated: number;
  readonly controls: number;
  readonly change?: ModelChange;
  readonly days?: number;
  readonly minutes?: number;
  readonly seed?: number;
}

/** Cameras of a wave and of its control, at noon after some days. */
function world({ treated, controls, change, days = 3, minutes = 60, seed = 1 }: World): GateSubject[] {
  const weather = new Weather(seededRandom(seed), days + 1);
  const at = days * day + day / 2;
  return Array.from({ length: treated + controls }, (_, index) => {
    const camera = new SimulatedCamera(`c${index}`, seededRandom(seed * 100 + index), weather);
    const mine = index < treated;
    const blocks = Array.from({ length: at + minutes / 5 }, (_, block) =>
      camera.block(block, mine && block >= at ? change : undefined, block >= at ? block - at : undefined),
    );
    return {
      device: `d${index}`,
      camera: 'front',
      arm: mine ? ('treated' as const) : ('control' as const),
      changedMs: at * blockMs,
      blocks,
    };
  });
}

const evidence = (subjects: readonly GateSubject[], change: Partial<GateEvidence> = {}): GateEvidence => ({
  blockMinutes: 5,
  look: { number: 1, of: 1 },
  subjects,
  ...change,
});
const detections: GateSpec = { metrics: [{ metric: 'detections', harm: 0.15 }] };
const outcome = (gate: GateSpec, subjects: readonly GateSubject[], change: Partial<GateEvidence> = {}) =>
  evaluateGate(gate, evidence(subjects, change)).outcome;

describe('A gate on detections', () => {
  it('passes what is as good, fails what finds a third less, and says by how much', () => {
    expect(outcome(detections, world({ treated: 6, controls: 8 }))).toBe('pass');
    const {
      outcome: bad,
      metrics,
      says,
    } = evaluateGate(detections, evidence(world({ treated: 6, controls: 8, change: { lostRecall: 0.3 } })));
    expect(bad).toBe('fail');
    expect(metrics[0]?.estimate).toBeGreaterThan(0.2);
    expect(metrics[0]?.estimate).toBeLessThan(0.4);
    expect(metrics[0]?.interval?.[0]).toBeLessThan(metrics[0]!.estimate!);
    expect(says).toMatch(/detections per frame: 3\d % lower/);
  });

  it('finds a dropped class by its name', () => {
    const { outcome: bad, metrics } = evaluateGate(
      { metrics: [{ metric: 'class-mix' }] },
      evidence(world({ treated: 4, controls: 8, change: { droppedClass: 'pedestrian' } })),
    );
    expect(bad).toBe('fail');
    expect(metrics.filter((one) => one.outcome === 'fail').map(({ label }) => label)).toEqual(['pedestrian']);
  });

  it('reports missing data, and how to get it, if no device sends it', () => {
    const {
      outcome: none,
      settle,
      says,
    } = evaluateGate({ metrics: [{ metric: 'power' }] }, evidence(world({ treated: 4, controls: 4 })));
    expect(none).toBe('no-data');
    expect(says).toContain('No device of the wave sends power');
    expect(settle).not.toEqual([]);
  });

  it('has no data of a wave that has not swapped, of no wave, and of no metrics', () => {
    expect(outcome(detections, world({ treated: 4, controls: 4, minutes: 0 }))).toBe('no-data');
    const waiting = world({ treated: 2, controls: 2 }).map((one) => ({ ...one, changedMs: undefined }));
    expect(outcome(detections, waiting)).toBe('no-data');
    expect(outcome(detections, [])).toBe('no-data');
    expect(outcome({ metrics: [] }, world({ treated: 1, controls: 1 }))).toBe('no-data');
  });
});

describe('A control group of none', () => {
  it('leaves the days before as the measure', () => {
    expect(
      outcome(detections, world({ treated: 6, controls: 0, days: 6, change: { lostRecall: 0.5 } })),
    ).toBe('fail');
  });

  it('is inconclusive for what follows the time of day where no day is known', () => {
    const subjects = world({ treated: 4, controls: 0, days: 1 }).map((one) => ({
      ...one,
      blocks: one.blocks.slice(-96),
    }));
    const { outcome: open, settle } = evaluateGate(detections, evidence(subjects));
    expect(open).toBe('inconclusive');
    expect(settle.join(' ')).toContain('control');
  });
});

describe('A control of whose change nothing before is kept', () => {
  const dropped = () => {
    const fewer = world({ treated: 6, controls: 0, days: 6, change: { lostRecall: 0.5 } });
    return fewer.map(
      (one, at): GateSubject => (at < 3 ? one : { ...one, arm: 'control', beforeGone: true as const }),
    );
  };

  it('leaves no measure where it was asked for: what halves on both sides is no harm', () => {
    const verdict = evaluateGate({ ...detections, comparison: 'control' }, evidence(dropped()));
    expect(verdict).toMatchObject({ outcome: 'no-data', says: expect.stringContaining('not kept any more') });
  });

  it('leaves those that have it', () => {
    const subjects = dropped().map(({ beforeGone: _, ...one }, at) =>
      at === 3 ? { ...one, beforeGone: true as const } : one,
    );
    const { metrics } = evaluateGate({ ...detections, comparison: 'control' }, evidence(subjects));
    expect(metrics[0]).toMatchObject({ control: { subjects: 2 } });
    expect(metrics[0]?.outcome).not.toBe('fail');
  });
});

describe('One device in a wave', () => {
  it('is judged by its own days, and a great loss is found', () => {
    expect(
      outcome(detections, world({ treated: 1, controls: 8, change: { lostRecall: 0.6 }, days: 5 })),
    ).toBe('fail');
  });
});

describe('Few devices without history', () => {
  const short = (change?: ModelChange) =>
    world({ treated: 6, controls: 6, minutes: 60, ...(change === undefined ? {} : { change }) }).map(
      (one) => ({
        ...one,
        blocks: one.blocks.slice(-30),
      }),
    );

  it('are compared by ranks', () => {
    const { metrics } = evaluateGate(detections, evidence(short({ lostRecall: 0.5 })));
    expect(metrics[0]).toMatchObject({ outcome: 'fail', method: 'ranks of 6 devices among 12' });
  });
});

describe('A swap that takes its time', () => {
  it('has before and after on its two sides: what ran on probation is on neither', () => {
    const at = 3 * day + day / 2;
    // An hour of download, swap and probation; the new model serves in its second half already.
    const subjects = world({ treated: 6, controls: 8, change: { lostRecall: 0.4 }, minutes: 120 }).map(
      (one) =>
        one.arm === 'treated'
          ? { ...one, beforeMs: (at - 6) * blockMs, changedMs: (at + 6) * blockMs }
          : { ...one, changedMs: (at + 6) * blockMs },
    );
    const { metrics } = evaluateGate(detections, evidence(subjects));
    expect(metrics[0]).toMatchObject({ outcome: 'fail', treated: { subjects: 6, blocks: 6 * 17 } });
    expect(metrics[0]?.estimate).toBeGreaterThan(0.3);
  });
});

describe('Devices of an earlier wave', () => {
  it('that have run for days leave enough history to judge the wave of today', () => {
    const subjects = world({ treated: 6, controls: 8, change: { lostRecall: 0.4 }, days: 6 }).map(
      (one, index) => (index < 2 ? { ...one, changedMs: one.changedMs! - 2 * day * blockMs } : one),
    );
    expect(outcome(detections, subjects)).toBe('fail');
  });
});

describe('Blocks that are missing or shifted', () => {
  it('are no harm: half of them gone says the same, all of them gone says nothing', () => {
    const subjects = world({ treated: 6, controls: 8, change: { lostRecall: 0.4 } });
    const thinned = subjects.map((one) => ({
      ...one,
      blocks: one.blocks.filter((_, index) => index % 5 !== 3),
    }));
    expect(outcome(detections, thinned)).toBe('fail');
    const cut = subjects.map((one) => ({
      ...one,
      blocks: one.blocks.filter(({ startMs }) => one.arm === 'control' || startMs < one.changedMs!),
    }));
    expect(outcome(detections, cut)).toBe('no-data');
  });

  it('of a device that flaps are left out after each of its restarts', () => {
    const subjects = world({ treated: 4, controls: 6 }).map((one) =>
      one.arm === 'treated'
        ? { ...one, disturbedMs: Array.from({ length: 12 }, (_, index) => one.changedMs! + index * blockMs) }
        : one,
    );
    expect(outcome(detections, subjects)).toBe('no-data');
  });

  it('that are invalid are not counted: NaN, infinities, negatives', () => {
    const nonsense = [Number.NaN, Number.POSITIVE_INFINITY, -5];
    const subjects = world({ treated: 6, controls: 8 }).map((one) => ({
      ...one,
      blocks: [
        ...one.blocks,
        ...nonsense.map((value) => ({
          startMs: one.blocks.at(-1)!.startMs,
          values: { detections: { value, weight: 9 } },
        })),
        { startMs: Number.NaN, values: { detections: { value: 1, weight: 1 } } },
      ],
    }));
    expect(outcome(detections, subjects)).toBe('pass');
  });
});

describe('Events', () => {
  const gate: GateSpec = { metrics: [{ metric: 'drift', harm: 0.6 }] };
  const hour = 1 / 12;
  const withAlarms = (subjects: readonly GateSubject[], arm: GateSubject['arm'], every: number) =>
    subjects.map((one) =>
      one.arm !== arm
        ? one
        : {
            ...one,
            blocks: one.blocks.map((block, index) => ({
              ...block,
              values: {
                ...block.values,
                drift: {
                  value: block.startMs >= one.changedMs! && index % every === 0 ? 1 / hour : 0,
                  weight: hour,
                },
              },
            })),
          },
    );

  it('that come with the model fail it, and those that the control has too do not', () => {
    const subjects = withAlarms(world({ treated: 4, controls: 6 }), 'treated', 4);
    expect(outcome(gate, subjects)).toBe('fail');
    expect(outcome(gate, withAlarms(subjects, 'control', 4))).not.toBe('fail');
    expect(outcome(gate, world({ treated: 4, controls: 6 }))).toBe('pass');
  });
});

describe('Known answers', () => {
  it('fail a model that gives wrong ones', () => {
    const gate: GateSpec = { metrics: [{ metric: 'known-answers' }] };
    const subjects = world({ treated: 3, controls: 0 }).map((one) => ({ ...one, camera: '' }));
    expect(outcome(gate, subjects)).toBe('pass');
    const wrong = subjects.map((one) => ({
      ...one,
      blocks: one.blocks.map((block) => ({ ...block, values: { 'known-answers': { value: 1, weight: 1 } } })),
    }));
    expect(outcome(gate, wrong)).toBe('fail');
  });
});

describe('Waves and a guard', () => {
  it('share the rate of false aborts: what is refused at the whole rate need not be at a part of it', () => {
    const subjects = world({ treated: 6, controls: 8, change: { lostRecall: 0.4 } });
    const { metrics } = evaluateGate(detections, evidence(subjects));
    const p = metrics[0]!.pValue!;
    const gate = { ...detections, falseAbort: 3 * p };
    expect(outcome(gate, subjects)).toBe('fail');
    expect(outcome({ ...gate, guarded: true }, subjects)).toBe('fail');
    expect(outcome({ ...gate, waves: 4 }, subjects)).toBe('inconclusive');
    expect(outcome({ ...gate, waves: 2, guarded: true }, subjects)).toBe('inconclusive');
  });
});

describe('A guard that watches all the time', () => {
  it('stops a great loss, and not a model that is as good', () => {
    const bad = world({ treated: 6, controls: 8, change: { lostRecall: 0.4 }, minutes: 120 });
    expect(outcome(detections, bad, { look: 'always' })).toBe('fail');
    expect(
      outcome(detections, world({ treated: 6, controls: 8, minutes: 120 }), { look: 'always' }),
    ).not.toBe('fail');
  });
});

describe('A shadow on the same frames', () => {
  const gate: GateSpec = {
    comparison: 'shadow',
    metrics: [{ metric: 'detections' }, { metric: 'agreement' }],
  };
  const pair = (lost: number, differ: number): GateSubject[] => {
    const random = seededRandom(5);
    const blocks = Array.from({ length: 12 }, (_, index) => {
      const count = 5 + 3 * random.next();
      return { startMs: index * blockMs, count };
    });
    const about = { device: 'd', camera: 'front', changedMs: 0 };
    const noisy = (value: number) => value * (1 + 0.01 * random.normal());
    return ['a', 'b'].flatMap((device) => [
      {
        ...{ ...about, device, arm: 'control' as const },
        blocks: blocks.map(({ startMs, count }) => ({
          startMs,
          values: { detections: { value: count, weight: 900 } },
        })),
      },
      {
        ...{ ...about, device, arm: 'treated' as const },
        blocks: blocks.map(({ startMs, count }) => ({
          startMs,
          values: {
            detections: { value: noisy(count * (1 - lost)), weight: 900 },
            agreement: { value: noisy(differ), weight: 900 },
          },
        })),
      },
    ]);
  };

  it('is the sharpest comparison: an eighth less is found on two cameras in an hour', () => {
    expect(outcome(gate, pair(0, 0.02))).toBe('pass');
    expect(outcome(gate, pair(0.125, 0.02))).toBe('fail');
  });

  it('fails where more frames differ than is allowed', () => {
    const { metrics } = evaluateGate(gate, evidence(pair(0, 0.3)));
    expect(metrics.map((one) => one.outcome)).toEqual(['pass', 'fail']);
  });
});

describe('A look', () => {
  const subjects = world({ treated: 6, controls: 8 });
  const at = (look: GateEvidence['look'], gate: GateSpec = detections, of = subjects) =>
    evaluateGate(gate, evidence(of, { look }));
  /** The p-value of this loss is between what a look before the last and what the last may spend. */
  const some = world({ treated: 4, controls: 6, change: { lostRecall: 0.12 }, minutes: 40 });

  it('before the last asks for more than the last does', () => {
    const strict: GateSpec = { metrics: [{ metric: 'detections', harm: 0.05 }] };
    expect(at({ number: 1, of: 4 }, strict, some).outcome).toBe('inconclusive');
    expect(at({ number: 1, of: 1 }, strict, some).outcome).toBe('fail');
    // Late, and made with all that those before it did not spend.
    expect(at({ number: 4, of: 4, from: 1 }, strict, some).outcome).toBe('fail');
  });

  it('that is the last has all of the misses, but for those that looks before it could make', () => {
    const harms = [0.05, 0.07, 0.09, 0.11, 0.13];
    const passes = (look: GateEvidence['look'], passEarly: boolean) =>
      harms.filter((harm) => {
        const gate: GateSpec = { metrics: [{ metric: 'detections', harm }], passEarly };
        return at(look, gate).outcome === 'pass';
      }).length;
    const once = passes({ number: 1, of: 1 }, false);
    expect(once).toBeGreaterThan(0);
    expect(passes({ number: 3, of: 3 }, false)).toBe(once);
    expect(passes({ number: 3, of: 3 }, true)).toBeLessThan(once);
    expect(passes({ number: 1, of: 3 }, true)).toBeLessThan(passes({ number: 3, of: 3 }, true));
  });

  it('again may pass as the last one, and refuses as a guard', () => {
    const strict: GateSpec = { metrics: [{ metric: 'detections', harm: 0.05 }] };
    expect(at('again').outcome).toBe(at({ number: 1, of: 1 }).outcome);
    expect(at('again').outcome).toBe('pass');
    expect(at('again', strict, some).metrics[0]?.pValue).toBe(at('always', strict, some).metrics[0]?.pValue);
    expect(at('again', strict, some).outcome).toBe('inconclusive');
  });
});

describe('A gate on the target of devices', () => {
  const target: GateSpec = { metrics: [{ metric: 'missed-target' }] };

  it('passes what keeps it as often, and fails a model that is a fifth slower', () => {
    expect(outcome(target, world({ treated: 4, controls: 8 }))).toBe('pass');
    const { metrics, says } = evaluateGate(
      target,
      evidence(world({ treated: 4, controls: 8, change: { slower: 0.2 } })),
    );
    expect(metrics[0]).toMatchObject({ outcome: 'fail', unit: 'percentage points', harm: 0.05 });
    expect(says).toMatch(
      /^time with a missed target: \d\d percentage points higher \(\d\d to \d\d\); that is more/,
    );
  });

  /** Cameras that never missed it, and miss `share` of one block of one camera after the change. */
  const steady = (share: number, blocks: number): GateSubject[] =>
    world({ treated: 4, controls: 8 }).map((subject, index) => ({
      ...subject,
      blocks: subject.blocks.map((block) => {
        const at = Math.round((block.startMs - subject.changedMs!) / blockMs);
        const hit = index < 4 && at >= 1 && at <= blocks;
        return { ...block, values: { 'missed-target': { value: hit ? share : 0, weight: 300 } } };
      }),
    }));

  it.each([
    ['that never was missed passes where it still is not', 0, 12, 'pass'],
    ['that is missed in one block by all passes: the mean is within the harm', 0.3, 1, 'pass'],
    ['that is missed a seventh of the time from now on fails', 0.15, 12, 'fail'],
    ['that is missed always fails', 1, 12, 'fail'],
  ])('%s', (_, share, blocks, verdict) => {
    expect(outcome(target, steady(share, blocks))).toBe(verdict);
  });

  it('has no data where the devices have no target', () => {
    const without = steady(0, 1).map((one) => ({
      ...one,
      blocks: one.blocks.map(({ startMs }) => ({ startMs, values: {} })),
    }));
    const { outcome: none, says } = evaluateGate(target, evidence(without));
    expect(none).toBe('no-data');
    expect(says).toContain('time with a missed target');
  });
});
