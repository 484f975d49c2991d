import { beforeAll, describe, expect, it } from 'vitest';
import {
  evaluateGate,
  type GateSpec,
  type GateSubject,
} from '../../../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';
import { type ModelChange, SimulatedCamera, Weather } from '../../../../bench/rollouts/street-counts.ts';

const blockMs = 300_000;
const day = 288;
const historyDays = 7;
const begin = historyDays * day + day / 2;

/** Six cameras that got a version days ago, and eight that did not; it becomes worse `worseFrom` blocks after. */
function watched(blocks: number, worseFrom: number, change: ModelChange | undefined): GateSubject[] {
  const weather = new Weather(seededRandom(3), historyDays + Math.ceil(blocks / day) + 2);
  return Array.from({ length: 14 }, (_, index) => {
    const camera = new SimulatedCamera(`c${index}`, seededRandom(300 + index), weather);
    const treated = index < 6;
    return {
      ...{ device: `d${index}`, camera: 'front', changedMs: begin * blockMs },
      arm: treated ? ('treated' as const) : ('control' as const),
      blocks: Array.from({ length: begin + blocks }, (_, at) => {
        const since = at - begin;
        const worse = treated && since >= worseFrom ? change : undefined;
        const { startMs, values } = camera.block(at, worse, since < 0 ? undefined : since);
        return { startMs, values: { detections: values.detections!, latency: values.latency! } };
      }),
    };
  });
}

const gate: GateSpec = { metrics: [{ metric: 'detections' }, { metric: 'latency' }], guarded: true };
const look = (subjects: readonly GateSubject[], at: number) =>
  evaluateGate(gate, {
    ...{ blockMinutes: 5, look: 'always' },
    subjects: subjects.map((one) => ({ ...one, blocks: one.blocks.slice(0, begin + at) })),
  });

describe('A guard that has watched for days', () => {
  let same: GateSubject[];
  let worse: GateSubject[];
  beforeAll(() => {
    same = watched(4 * day, 3 * day, undefined);
    worse = watched(4 * day, 3 * day, { lostRecall: 0.4 });
  });

  it.each([1, 2, 3, 4])('does not stop a version that is as good, day %i', (days) => {
    expect(look(same, days * day).outcome).not.toBe('fail');
  });

  it('stops one that becomes worse on its fourth day, within hours', () => {
    expect(look(worse, 3 * day).outcome).not.toBe('fail');
    const { outcome, metrics } = look(worse, 3 * day + day / 6);
    expect(outcome).toBe('fail');
    const [found] = metrics.filter((one) => one.outcome === 'fail');
    expect(found).toMatchObject({ metric: 'detections', method: expect.stringContaining('an hour of it') });
    expect(found?.estimate).toBeGreaterThan(0.2);
  });

  it('says the same where it gets what is before, the first hours and what is newest, and no more', () => {
    const part = worse.map((one) => {
      const [first, newest] = [begin + 6.5 * 12, begin + 3 * day + day / 6 - 49 * 12];
      return { ...one, blocks: [...one.blocks.slice(0, first), ...one.blocks.slice(newest)] };
    });
    const end = (subjects: readonly GateSubject[]) =>
      evaluateGate(gate, {
        ...{ blockMinutes: 5, look: 'always', subjects },
        nowMs: (begin + 3 * day + day / 6) * blockMs,
      });
    const [seen, whole] = [end(part), end(worse)];
    expect(seen.says).toBe(whole.says);
    for (const [at, { estimate, interval, ...metric }] of seen.metrics.entries()) {
      expect(metric.outcome).toBe(whole.metrics[at]?.outcome);
      expect(estimate).toBeCloseTo(whole.metrics[at]?.estimate ?? Number.NaN, 9);
      expect(interval?.[0]).toBeCloseTo(whole.metrics[at]?.interval?.[0] ?? Number.NaN, 9);
    }
  });

  it('counts its days from the first wave, also when what was before that is kept no more', () => {
    const [one] = worse;
    const changedMs = (begin - 7 * day) * blockMs;
    const blocks = one!.blocks.slice(begin);
    const old = { ...one!, device: 'old', changedMs, beforeGone: true as const, blocks };
    const at = 3 * day + day / 6;
    const chance = (subjects: readonly GateSubject[]) => {
      const [found] = look(subjects, at).metrics.filter(({ metric }) => metric === 'detections');
      expect(found).toMatchObject({
        treated: { subjects: 6 },
        method: expect.stringContaining('an hour of it'),
      });
      return found!.pValue!;
    };
    // Day 10 has 1 / (11 x 12) of its part, day 3 has 1 / (4 x 5).
    expect(chance([...worse, old]) / chance(worse)).toBeCloseTo((11 * 12) / (4 * 5), 6);
  });
});

describe('A look at the end of a soak of days', () => {
  it('is at its newest half day, where a week of history can tell nothing of a mean of days', () => {
    const worse = watched(3 * day, 0, { lostRecall: 0.5 });
    const { outcome, metrics } = evaluateGate(
      { metrics: [{ metric: 'detections' }], falseAbort: 0.0001 },
      { blockMinutes: 5, look: { number: 1, of: 1 }, subjects: worse },
    );
    expect(outcome).toBe('fail');
    expect(metrics[0]?.method).toContain('12 hours of it');
  });
});
