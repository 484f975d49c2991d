import { describe, expect, it } from 'vitest';
import { countsEveryMs, DetectionCounts, otherClasses } from '../../../src/agent/detection-counts.ts';
import { metricNames } from '../../../src/protocol/index.ts';
import { InstrumentRegistry } from '../../../src/telemetry/index.ts';

const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
const seen = (...labels: string[]) => ({
  camera: 'front',
  detections: labels.map((label, classId) => ({ classId, label, score: 0.6, box })),
});

function sampled(registry: InstrumentRegistry) {
  const lines = new Map(registry.catalogue().map((line) => [line.alias, line]));
  return registry.collect().map(([alias, value]) => {
    const { name, labels = {} } = lines.get(alias)!;
    return { name, label: labels.class, value };
  });
}

describe('What the model finds, for the fleet', () => {
  it('is counted by class, and its scores as a histogram', () => {
    const registry = new InstrumentRegistry();
    const counts = new DetectionCounts(registry);
    counts.add(seen('car', 'car', 'person'));
    counts.add(seen('car'));
    counts.sample(0);
    const [scores, first, second] = sampled(registry);
    expect([first, second]).toEqual([
      { name: metricNames.classDetections, label: 'car', value: 3 },
      { name: metricNames.classDetections, label: 'person', value: 1 },
    ]);
    expect(scores).toMatchObject({ name: metricNames.detectionScore, value: { zeros: 0 } });
    const { buckets, sum } = scores!.value as { buckets: [number, number][]; sum: number };
    expect(buckets.reduce((total, [, count]) => total + count, 0)).toBe(4);
    expect(sum).toBeCloseTo(2.4);
  });

  it('costs nothing between two times, and is lost in none', () => {
    const registry = new InstrumentRegistry();
    const counts = new DetectionCounts(registry);
    counts.sample(0);
    counts.add(seen('car'));
    counts.sample(countsEveryMs - 1);
    expect(sampled(registry)).toEqual([]);
    counts.sample(countsEveryMs);
    expect(sampled(registry).map(({ value }) => value)).toContain(1);
    counts.add(seen('car'));
    counts.sample(2 * countsEveryMs);
    expect(sampled(registry).map(({ value }) => value)).toContain(2);
  });

  it('has so many classes of a camera, and counts the rest together', () => {
    const registry = new InstrumentRegistry();
    const counts = new DetectionCounts(registry);
    counts.add(seen(...Array.from({ length: 40 }, (_, index) => `class-${index}`)));
    counts.sample(0);
    const classes = sampled(registry).filter(({ name }) => name === metricNames.classDetections);
    expect(classes).toHaveLength(17);
    expect(classes.find(({ label }) => label === otherClasses)?.value).toBe(24);
  });
});
