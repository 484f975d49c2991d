import { describe, expect, it } from 'vitest';
import type { LatestMetric, MetricSeries } from '../../../src/api/index.ts';
import { alignSeries, stageTimes, totalOf } from '../../../src/dashboard/device/metrics.ts';
import { metricNames } from '../../../src/protocol/index.ts';

const series = (timeMs: number[], avg: (number | null)[], camera = 'a'): MetricSeries => ({
  name: 'm',
  labels: { camera },
  unit: '1',
  kind: 'gauge',
  timeMs,
  count: timeMs.map(() => 1),
  avg,
});

describe('alignSeries', () => {
  it('adds up cameras on one time axis and leaves a time with no value empty', () => {
    const answer = alignSeries(
      [series([0, 1000], [1, null]), series([0, 2000], [10, 20], 'b')],
      ['avg'],
      'sum',
      1000,
    );
    expect(answer).toEqual({ timeMs: [0, 1000, 2000], values: [[11, null, 20]] });
  });

  it('takes the worst camera or the mean when told so', () => {
    const both = [series([0], [1]), series([0], [3], 'b')];
    expect(alignSeries(both, ['avg'], 'max', 1000).values).toEqual([[3]]);
    expect(alignSeries(both, ['avg'], 'mean', 1000).values).toEqual([[2]]);
  });

  it('takes versions of one camera in the step of a swap for one camera, by how long each ran', () => {
    const ran = (version: string, camera: string, value: number, count: number): MetricSeries => ({
      ...series([0], [value], camera),
      labels: { camera, model: 'street', version },
      count: [count],
    });
    const swapped = [ran('1', 'a', 15, 9), ran('2', 'a', 5, 1), ran('2', 'b', 10, 10)];
    const cases = [
      ['sum', 24],
      ['max', 15],
      ['mean', 12],
    ] as const;
    for (const [merge, value] of cases)
      expect(alignSeries(swapped, ['avg'], merge, 1000).values).toEqual([[value]]);
  });

  it('breaks the line where nothing was recorded for more than three steps', () => {
    const answer = alignSeries([series([0, 1000, 9000], [1, 2, 3])], ['avg'], 'sum', 1000);
    expect(answer).toEqual({ timeMs: [0, 1000, 2000, 9000], values: [[1, 2, null, 3]] });
  });

  it('draws a line through what a device said that reports rarely, and breaks it where reports are missing', () => {
    const minutes = (...at: number[]) => at.map((minute) => minute * 60_000);
    const answer = alignSeries([series(minutes(0, 5, 10, 15, 60), [1, 2, 3, 4, 5])], ['avg'], 'sum', 4000);
    expect(answer.values).toEqual([[1, 2, 3, 4, null, 5]]);
  });
});

describe('The newest values of a device', () => {
  const histogram = (name: string, count: number, sum: number, p99: number): LatestMetric => ({
    name,
    labels: {},
    unit: 'seconds',
    kind: 'histogram',
    timeMs: 0,
    histogram: { count, sum, p50: 0, p95: 0, p99 },
  });

  it('give stages in the order of the pipeline, weighted by frames, in milliseconds', () => {
    const metrics = [
      histogram(metricNames.infer, 10, 0.1, 0.02),
      histogram(metricNames.preprocess, 10, 0.01, 0.002),
      histogram(metricNames.infer, 30, 0.9, 0.05),
      histogram(metricNames.postprocess, 0, 0, 0),
    ];
    expect(stageTimes(metrics)).toEqual([
      { name: 'preprocess', meanMs: 1, p99Ms: 2 },
      { name: 'inference', meanMs: 25, p99Ms: 50 },
    ]);
  });

  it('have no total where nothing was measured, rather than a zero', () => {
    expect(totalOf([], metricNames.dropped)).toBeUndefined();
  });
});
