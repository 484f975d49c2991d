import { describe, expect, it } from 'vitest';
import { exposition } from '../../../../src/adapters/prometheus/exposition.ts';
import { InstrumentRegistry } from '../../../../src/telemetry/index.ts';

const lines = async (registry: InstrumentRegistry) =>
  (await exposition(registry.readings())).split('\n').filter((line) => line !== '');

describe('The readings as text', () => {
  it('have a help line, a type and one line per set of labels', async () => {
    const registry = new InstrumentRegistry();
    registry.counter({ name: 'goshawk_frames_total', unit: '1' }, { camera: 'front' }).add(3);
    registry.counter({ name: 'goshawk_frames_total', unit: '1' }, { camera: 'rear', model: 'a' }).add(4);
    registry.gauge({ name: 'goshawk_memory_bytes', unit: 'bytes' }).set(5.5);
    expect(await lines(registry)).toEqual([
      '# HELP goshawk_frames_total goshawk_frames_total',
      '# TYPE goshawk_frames_total counter',
      'goshawk_frames_total{camera="front"} 3',
      'goshawk_frames_total{camera="rear",model="a"} 4',
      '# HELP goshawk_memory_bytes Resident memory of the agent',
      '# TYPE goshawk_memory_bytes gauge',
      'goshawk_memory_bytes 5.5',
    ]);
  });

  it('escape what a label may hold', async () => {
    const registry = new InstrumentRegistry();
    registry.gauge({ name: 'g', unit: '1' }, { camera: 'a"b\\c\nd' }).set(1);
    expect(await lines(registry)).toContain('g{camera="a\\"b\\\\c\\nd"} 1');
  });

  it('show a histogram as Prometheus wants it: buckets that only grow, sum and count', async () => {
    const registry = new InstrumentRegistry();
    const latency = registry.histogram(
      { name: 'goshawk_latency_seconds', unit: 'seconds' },
      { camera: 'front' },
    );
    for (const seconds of [0.001, 0.02, 0.02, 0.5, 10_000]) latency.record(seconds);
    const text = await lines(registry);
    const buckets = text.filter((line) => line.startsWith('goshawk_latency_seconds_bucket'));
    const counts = buckets.map((line) => Number(line.split(' ').at(-1)));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    const edges = buckets.map((line) => /le="([^"]+)"/.exec(line)?.[1]);
    expect(edges.at(-1)).toBe('+Inf');
    const numbers = edges.slice(0, -1).map(Number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(5);
    expect(counts.at(-2)).toBe(4);
    expect(text).toContain('# TYPE goshawk_latency_seconds histogram');
    expect(text).toContain('goshawk_latency_seconds_count{camera="front"} 5');
    const sum = text.find((line) => line.startsWith('goshawk_latency_seconds_sum'));
    expect(Number(sum?.split(' ').at(-1))).toBeCloseTo(10_000.541, 6);
  });

  it('show nothing that is not read any more', async () => {
    const registry = new InstrumentRegistry();
    const gauge = registry.gauge({ name: 'g', unit: '1' });
    gauge.set(1);
    expect(await lines(registry)).toContain('g 1');
    gauge.clear();
    expect((await lines(registry)).some((line) => line.startsWith('g '))).toBe(false);
  });
});
