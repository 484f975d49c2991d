import type { MetricSeries } from '../../api/index.ts';
import type { CameraCounts } from '../../drift/index.ts';

/**
 * What the cameras of one device counted: growth of the counters by class, and the buckets of the scores. `zeroMs`: a series that
 * begins after it began to count within the span, at zero.
 */
export function countsOf(
  device: string,
  classes: readonly MetricSeries[],
  scores: readonly MetricSeries[],
  zeroMs = Number.POSITIVE_INFINITY,
): CameraCounts[] {
  const cameras = new Set([...classes, ...scores].flatMap(({ labels }) => labels.camera ?? []));
  return [...cameras].sort().map((camera) => {
    const labels: Record<string, number> = {};
    for (const series of classes) {
      const label = series.labels.class;
      if (series.labels.camera === camera && label !== undefined)
        labels[label] = (labels[label] ?? 0) + grown(series, zeroMs);
    }
    const buckets: Record<number, number> = {};
    for (const { labels: own, buckets: steps = [] } of scores)
      if (own.camera === camera)
        for (const [bucket, count] of steps.flatMap((step) => step ?? []))
          buckets[bucket] = (buckets[bucket] ?? 0) + count;
    return { device, camera, labels, scores: buckets };
  });
}

/** From the first step to the last; a counter that fell was started again from zero. */
function grown({ timeMs, last = [] }: MetricSeries, zeroMs: number): number {
  let sum = 0;
  let before = (timeMs[0] ?? 0) >= zeroMs ? 0 : undefined;
  for (const now of last) {
    if (now === null || now === undefined) continue;
    if (before !== undefined) sum += now >= before ? now - before : now;
    before = now;
  }
  return sum;
}
