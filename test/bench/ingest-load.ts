import {
  type CatalogueEntry,
  encodePayload,
  type MetricsBatch,
  metricNames,
} from '../../src/protocol/index.ts';

/** Metrics of a device: a histogram, a gauge that the dashboard shows, counters and gauges. */
export function benchCatalogue(metrics: number): CatalogueEntry[] {
  return Array.from({ length: metrics }, (_, alias) => {
    if (alias === 0) return { alias, name: metricNames.latency, unit: 'seconds', kind: 'histogram' };
    if (alias === 1) return { alias, name: metricNames.fps, unit: '1', kind: 'gauge' };
    return { alias, name: `bench_${alias}`, unit: '1', kind: alias % 3 === 0 ? 'counter' : 'gauge' };
  });
}

/** The same number of gauges: what every peer can store. */
export function benchGauges(metrics: number): CatalogueEntry[] {
  return benchCatalogue(metrics).map(({ alias }) => ({
    alias,
    name: `bench_${alias}`,
    unit: '1',
    kind: 'gauge',
  }));
}

/** Of a gauge in this second of a batch. */
export function benchValue(alias: number, second: number): number {
  return 20 + Math.sin(alias + second);
}

/** One batch of so many samples of each metric, one every `periodSeconds`, encoded as a device would; the same content for all but times and numbers. */
export function benchBatch(
  catalogue: readonly CatalogueEntry[],
  seconds: number,
  sequence: number,
  endMs: number,
  periodSeconds = 1,
): Uint8Array {
  const samples: MetricsBatch['samples'] = [];
  for (let second = 0; second < seconds; second++)
    for (const { alias, kind } of catalogue) {
      const timeMs = endMs - (seconds - 1 - second) * 1000 * periodSeconds;
      if (kind === 'histogram')
        samples.push([
          timeMs,
          alias,
          {
            buckets: [
              [-40, 20],
              [-39, 8],
              [-38, 2],
            ],
            zeros: 0,
            sum: 1,
          },
        ]);
      else
        samples.push([
          timeMs,
          alias,
          kind === 'counter' ? sequence * 300 + second * 30 : benchValue(alias, second),
        ]);
    }
  return encodePayload('metrics', { session: 1, sequence, entry: sequence, historical: false, samples });
}
