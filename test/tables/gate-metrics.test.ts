import { Value } from '@sinclair/typebox/value';
import { describe, expect, it, vi } from 'vitest';
import { Gate, type GateMetricName, type MetricSeries } from '../../src/api/index.ts';
import { cameraBlocks, cameraMetrics } from '../../src/controller/rollouts/evidence/blocks.ts';
import { evaluateGate, type GateSubject } from '../../src/controller/rollouts/gates/index.ts';

const name = vi.hoisted(() => 'goshawk_glare_ratio');

/** One more metric, as somebody adds it: a row of the table, and nothing else. */
vi.mock('../../src/api/gate-metrics.ts', async (original) => {
  const module = await original<typeof import('../../src/api/gate-metrics.ts')>();
  const glare = {
    kind: 'level',
    scale: 'log',
    direction: 'up',
    harm: 0.1,
    unit: 'share',
    of: 'camera',
    words: 'glare',
    about: 'share of the picture that is white',
    reads: [name, 'avg'],
  };
  const gateMetricTable = { ...module.gateMetricTable, glare };
  return { gateMetricTable, gateMetricNames: Object.keys(gateMetricTable) };
});

const glare = 'glare' as GateMetricName;
const blockMs = 300_000;
const changed = 3 * 288;
const blocks = changed + 12;

/** What a camera sends: 0.5, a little up and down, and `factor` times that after the change. */
function seriesOf(camera: string, factor: number): MetricSeries {
  const timeMs = Array.from({ length: blocks }, (_, at) => at * blockMs);
  const avg = timeMs.map(
    (_, at) => 0.5 * (1 + 0.02 * Math.sin(at * camera.length)) * (at < changed ? 1 : factor),
  );
  return { labels: { camera }, timeMs, avg, count: timeMs.map(() => 30) } as unknown as MetricSeries;
}

function outcomeOf(factor: number): string {
  const subjects = Array.from({ length: 12 }, (_, index): GateSubject => {
    const camera = 'x'.repeat(index + 1);
    const arm = index < 4 ? 'treated' : 'control';
    const sent = new Map([[name, [seriesOf(camera, arm === 'treated' ? factor : 1)]]]);
    return {
      ...{ device: `d${index}`, camera, arm, changedMs: changed * blockMs },
      blocks: cameraBlocks(sent, camera, { blockMs, clockMs: 0 }),
    };
  });
  const evidence = { blockMinutes: 5, look: { number: 1, of: 1 }, subjects };
  return evaluateGate({ metrics: [{ metric: glare }] }, evidence).outcome;
}

describe('A metric that was added to the table of gates', () => {
  it('is taken by the API, and one that is not there is refused', () => {
    const gate = (metric: string) => Value.Check(Gate, { metrics: [{ metric }] });
    expect(['glare', 'latency', 'glitter'].map(gate)).toEqual([true, true, false]);
  });

  it('is measured, passes an equal version and fails a worse one', () => {
    expect(cameraMetrics).toContain(name);
    expect(outcomeOf(1)).toBe('pass');
    expect(outcomeOf(1.4)).toBe('fail');
  });
});
