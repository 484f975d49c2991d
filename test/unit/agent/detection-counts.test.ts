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

  it('has measures of points and masks where the model finds them, and no series where it does not', () => {
    const registry = new InstrumentRegistry();
    const counts = new DetectionCounts(registry);
    const mask = { x: 0, y: 0, cellWidth: 0.5, cellHeight: 0.5, columns: 2, rows: 2 };
    counts.add({
      camera: 'front',
      detections: [
        {
          ...{ classId: 0, label: 'person', score: 0.9, box },
          keypoints: [
            { x: 0, y: 0, score: 0.9 },
            { x: 1, y: 1, score: 0.3 },
          ],
        },
        {
          ...{ classId: 0, label: 'person', score: 0.9, box },
          mask: { ...mask, values: Uint8Array.of(255, 200, 128, 127) },
        },
      ],
    });
    counts.sample(0);
    const sums = sampled(registry)
      .filter(({ label }) => label === undefined)
      .map(({ name, value }) => [name, (value as { sum: number }).sum]);
    expect(Object.fromEntries(sums)).toEqual({
      [metricNames.detectionScore]: expect.closeTo(1.8),
      [metricNames.keypointScore]: expect.closeTo(0.6),
      [metricNames.keypointsSeen]: 0.5,
      [metricNames.maskShare]: 0.75,
    });
    const other = new InstrumentRegistry();
    const boxes = new DetectionCounts(other);
    boxes.add(seen('car'));
    boxes.sample(0);
    expect(sampled(other).map(({ name }) => name)).not.toContain(metricNames.maskShare);
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
