import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluateGate,
  type GateBlock,
  type GateMetric,
  type GateSpec,
  type GateSubject,
  type PlannedDevice,
  planGate,
} from '../../../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';

const minute = 60_000;
const blockMinutes = 5;
const blockMs = blockMinutes * minute;
const day = 1440;
/** By the controller's clock; right behind the begin of a block, as the plan takes it. */
const changedMs = 100 * day * minute + 1;

/** What the devices of a wave will have sent when its gate looks: a level that strays, and a loss on the treated ones. */
function evidenceOf(
  devices: readonly PlannedDevice[],
  metric: GateMetric,
  soakMinutes: number,
  loss: number,
): GateSubject[] {
  const random = seededRandom(devices.length * 31 + soakMinutes);
  const stray = () => 1 + 0.02 * (random.next() + random.next() - 1);
  return devices.flatMap(({ device, arm, cameras, historyMinutes }) =>
    Array.from({ length: cameras }, (_, at): GateSubject => {
      const blocks: GateBlock[] = [];
      const beginMs = Math.ceil((changedMs - historyMinutes * minute) / blockMs) * blockMs;
      for (let startMs = beginMs; startMs < changedMs + soakMinutes * minute; startMs += blockMs) {
        const left = arm === 'treated' && startMs >= changedMs ? 1 - loss : 1;
        blocks.push({ startMs, values: { [metric]: { value: 2 * stray() * left, weight: 4000 } } });
      }
      return {
        ...{ device, camera: `c${at}`, arm, blocks },
        changedMs: arm === 'treated' ? changedMs : undefined,
        ...(arm === 'treated' ? { beforeMs: changedMs - 5 * minute } : {}),
      };
    }),
  );
}

const fleetOf = (devices: readonly PlannedDevice[], soakMinutes: number) => {
  const count = (arm: PlannedDevice['arm']) =>
    devices.reduce((sum, one) => sum + (one.arm === arm ? one.cameras : 0), 0);
  return {
    ...{ devices, cameras: count('treated'), controls: count('control') },
    ...{ blockMinutes, soakMinutes },
  };
};
const side = (arm: PlannedDevice['arm'], count: number, historyMinutes: number, cameras = 1) =>
  Array.from({ length: count }, (_, at) => ({ device: `${arm}${at}`, arm, cameras, historyMinutes }));

describe('A plan that rehearses its looks', () => {
  const plan = (
    devices: readonly PlannedDevice[],
    soak: number,
    gate: GateSpec = { metrics: [{ metric: 'detections' }] },
  ) => planGate(gate, fleetOf(devices, soak));

  it('promises nothing for a soak without enough blocks, and says the shortest that has them', () => {
    const { decides, metrics, says } = plan(
      [...side('treated', 1, 7 * day), ...side('control', 4, 7 * day)],
      10,
    );
    expect(decides).toBe(false);
    expect(metrics[0]).toMatchObject({ smallest: undefined, decidesAfter: 30 });
    expect(says[0]).toMatch(/cannot decide on detections per frame.* The shortest soak that can: 30 min\.$/);
  });

  it('hears that a fleet of a few hours without enough control devices gets no verdict', () => {
    const { decides, says } = plan([...side('treated', 1, 180), ...side('control', 2, 180)], 60);
    expect(decides).toBe(false);
    expect(says[0]).toContain('Two days of history, or more control devices.');
  });

  it('takes the verdict of a young fleet from enough control devices', () => {
    const { decides, metrics } = plan([...side('treated', 5, 180), ...side('control', 10, 180)], 60);
    expect(decides).toBe(true);
    expect(metrics[0]?.smallest).toBeGreaterThan(0);
  });

  it('promises less by ranks of devices than by days of history', () => {
    const find = (history: number) =>
      plan([...side('treated', 5, history), ...side('control', 10, history)], 60).metrics[0]!.smallest!;
    expect(find(180)).toBeGreaterThan(find(7 * day));
  });

  it('says that a gate of frames of a shadow has none of other metrics', () => {
    const gate: GateSpec = {
      comparison: 'shadow',
      metrics: [{ metric: 'agreement' }, { metric: 'latency' }],
    };
    const { metrics } = plan(side('treated', 4, 0), 60, gate);
    expect(metrics.map(({ undecided }) => undecided !== undefined)).toEqual([false, true]);
  });

  it('is right: visible harm is decided within the soak, invisible harm is not', () => {
    const metric = fc.constantFrom<GateMetric>('detections', 'frame-rate', 'latency');
    const shape = fc.record({
      metric,
      treated: fc.integer({ min: 1, max: 6 }),
      controls: fc.integer({ min: 0, max: 12 }),
      cameras: fc.integer({ min: 1, max: 3 }),
      historyMinutes: fc.constantFrom(0, 45, 180, 720, day, 2 * day, 3 * day, 7 * day),
      soakMinutes: fc.constantFrom(5, 10, 15, 20, 30, 60, 120),
    });
    fc.assert(
      fc.property(shape, ({ metric: of, treated, controls, cameras, historyMinutes, soakMinutes }) => {
        const devices = [
          ...side('treated', treated, historyMinutes, cameras),
          ...side('control', controls, historyMinutes, cameras),
        ];
        const direction = of === 'latency' ? ('down' as const) : undefined;
        const gate: GateSpec = {
          metrics: [{ metric: of, harm: 0.01, ...(direction === undefined ? {} : { direction }) }],
        };
        // A harm that is reached at once spares the search for a longer soak.
        const easy = { metrics: gate.metrics.map((one) => ({ ...one, harm: 0.9 })) };
        const [planned] = planGate(easy, fleetOf(devices, soakMinutes)).metrics;
        const loss = planned!.smallest ?? 0.5;
        const small = { metrics: gate.metrics.map((one) => ({ ...one, harm: Math.min(0.01, loss / 10) })) };
        const verdict = evaluateGate(small, {
          ...{ blockMinutes, look: { number: 1, of: 1 }, nowMs: changedMs + soakMinutes * minute },
          subjects: evidenceOf(devices, of, soakMinutes, loss),
        });
        if (planned!.smallest !== undefined) expect(verdict.outcome).toBe('fail');
        if (planned!.undecided !== undefined) {
          expect(['inconclusive', 'no-data']).toContain(verdict.outcome);
          expect(verdict.metrics[0]?.method).toBe('none');
          expect(verdict.metrics[0]?.says).toContain(planned!.undecided.why);
        }
      }),
      { numRuns: 60 },
    );
  });
});
