import { describe, expect, it } from 'vitest';
import {
  evaluateGate,
  type GateSpec,
  type GateSubject,
  planGate,
} from '../../../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';
import { SimulatedCamera, Weather } from '../../../../bench/rollouts/street-counts.ts';

const detections: GateSpec = { metrics: [{ metric: 'detections', harm: 0.12 }] };

describe('The plan of a gate', () => {
  it('says in words what will be seen, and what it takes to see more', () => {
    const { says, enough, metrics } = planGate(detections, { cameras: 1, blockMinutes: 5, soakMinutes: 30 });
    expect(enough).toBe(false);
    expect(says[0]).toMatch(
      /^With 1 camera and 30 min you will see a loss of \d+ % or more in detections per frame; for 12 % it takes/,
    );
    expect(metrics[0]?.needs.cameras).toBeGreaterThan(1);
  });

  it('finds less with more cameras, longer soaks, more control devices and fewer metrics', () => {
    const find = (fleet: object, gate: GateSpec = detections) =>
      planGate(gate, { cameras: 4, controls: 4, blockMinutes: 5, soakMinutes: 60, ...fleet }).metrics[0]!
        .smallest!;
    const usual = find({});
    expect(find({ cameras: 16 })).toBeLessThan(usual);
    expect(find({ soakMinutes: 240 })).toBeLessThan(usual);
    expect(find({ controls: 16 })).toBeLessThan(usual);
    expect(find({ looks: 4 })).toBeGreaterThan(usual);
    expect(find({}, { ...detections, falseAbort: 0.01 })).toBeGreaterThan(usual);
    expect(find({}, { metrics: [...detections.metrics, { metric: 'score' }] })).toBeGreaterThan(usual);
    expect(
      planGate(detections, { cameras: 0, blockMinutes: 5, soakMinutes: 60 }).metrics[0]?.smallest,
    ).toBeUndefined();
    expect(
      planGate(detections, { cameras: 4, blockMinutes: 5, soakMinutes: 5 }).metrics[0]?.smallest,
    ).toBeUndefined();
  });

  it('says what is seen at which look: the earlier, the larger', () => {
    const fleet = { cameras: 4, controls: 8, blockMinutes: 5, soakMinutes: 60, looks: 3 };
    const { metrics, says } = planGate(detections, fleet);
    const [{ early, smallest }] = metrics as [(typeof metrics)[0]];
    expect(early.map(({ minutes }) => minutes)).toEqual([20, 40]);
    const [first, second] = early.map((one) => one.smallest!);
    expect(first!).toBeGreaterThan(second!);
    expect(second!).toBeGreaterThan(smallest!);
    expect(says[0]).toMatch(
      /per frame, already after 20 min one of \d+ %, after 40 min one of \d+ %; for 12 % it takes/,
    );
    expect(planGate(detections, { ...fleet, looks: 1 }).metrics[0]?.early).toEqual([]);
    // At five minutes there is no block yet.
    const short = planGate(detections, { ...fleet, soakMinutes: 15 });
    expect(short.metrics[0]?.early[0]?.smallest).toBeUndefined();
    expect(short.says[0]).not.toContain('after 5 min');
  });

  it('counts what is rare: alarms per hour, and wrong answers', () => {
    const { metrics, says } = planGate(
      {
        metrics: [
          { metric: 'drift' },
          { metric: 'known-answers' },
          { metric: 'power' },
          { metric: 'agreement' },
        ],
      },
      { cameras: 6, blockMinutes: 5, soakMinutes: 120 },
    );
    expect(metrics[0]?.smallest).toBeGreaterThan(0.1);
    expect(metrics[0]?.smallest).toBeLessThan(2);
    expect(metrics[1]?.smallest).toBeLessThan(0.25);
    expect(metrics[2]?.smallest).toBeUndefined();
    expect(says[3]).toContain('frames that both models saw, 3 are needed');
  });

  it('takes the history of the fleet where there is one, and keeps its word', () => {
    const weather = new Weather(seededRandom(3), 4);
    const subjects = Array.from({ length: 14 }, (_, index): GateSubject => {
      const camera = new SimulatedCamera(`c${index}`, seededRandom(300 + index), weather);
      const blocks = Array.from({ length: 3 * 288 }, (_, at) => camera.block(at, undefined, undefined));
      return { device: `d${index}`, camera: 'front', arm: 'treated', changedMs: undefined, blocks };
    });
    const fleet = { cameras: 6, controls: 8, blockMinutes: 5, soakMinutes: 60, history: subjects };
    const { metrics, says } = planGate(detections, fleet);
    expect(says[0]).not.toContain('simulated');
    const smallest = metrics[0]!.smallest!;
    // A loss of that size is refused at most of the hours of the last day.
    let refused = 0;
    const hours = [2, 5, 8, 11, 14, 17, 20, 23];
    for (const hour of hours) {
      const end = 2 * 288 + 12 * hour;
      const changed = end - 12;
      const waves = subjects.map((one, index) => ({
        ...one,
        arm: index < 6 ? ('treated' as const) : ('control' as const),
        changedMs: changed * 300_000,
        blocks: one.blocks.slice(0, end).map((block, at) => {
          const { value, weight } = block.values.detections!;
          const lost = index < 6 && at >= changed ? 1 - smallest : 1;
          return { ...block, values: { detections: { value: value * lost, weight } } };
        }),
      }));
      const gate: GateSpec = { metrics: [{ metric: 'detections', harm: smallest / 10 }] };
      const verdict = evaluateGate(gate, { blockMinutes: 5, look: { number: 1, of: 1 }, subjects: waves });
      if (verdict.outcome === 'fail') refused++;
    }
    expect(refused).toBeGreaterThanOrEqual(5);
  });
});
