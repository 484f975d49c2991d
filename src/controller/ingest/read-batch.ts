import { defined } from '../../base/index.ts';
import type { DeviceEvent, MetricsBatch } from '../../protocol/index.ts';
import { noSeries } from '../history/series.ts';
import type { EventRow, MetricsRow } from '../store/rows.ts';
import { hashSamples } from './content-hash.ts';

/** A clock wrong by more than this is not a late delivery or a slow network. */
const skewMs = 600_000;

export interface ReadBatch {
  readonly row: MetricsRow;
  /** As the device has it; undefined without samples. */
  readonly newestMs: number | undefined;
  readonly unknown: number;
  readonly skewed: boolean;
}

/**
 * A batch as columns, names resolved; samples with an alias that the catalogue lacks, or of a metric
 * beyond a limit, are left out and counted.
 *
 * A live batch whose newest sample is more than ten minutes away from now comes from a device with a wrong clock (no
 * battery, set back by hand): all its times are moved so that the newest is now. A late batch keeps its times, except
 * that nothing can be of the future.
 */
export function readBatch(
  device: string,
  batch: MetricsBatch,
  aliases: ReadonlyMap<number, number>,
  nowMs: number,
): ReadBatch {
  const known = batch.samples.filter(([, alias]) => (aliases.get(alias) ?? noSeries) !== noSeries);
  let newest = Number.NEGATIVE_INFINITY;
  for (const [timeMs] of known) if (timeMs > newest) newest = timeMs;
  const off = known.length === 0 ? 0 : nowMs - newest;
  const skewed = off < -skewMs || (!batch.historical && off > skewMs);
  const shift = skewed ? off : 0;
  const row = {
    device,
    session: batch.session,
    sequence: batch.sequence,
    content: hashSamples(batch.samples),
    timesMs: new Float64Array(known.length),
    series: new Uint32Array(known.length),
    values: new Float64Array(known.length),
    histograms: [] as { index: number; value: Exclude<(typeof known)[number][2], number> }[],
  };
  known.forEach(([timeMs, alias, value], index) => {
    row.timesMs[index] = Math.max(0, Math.round(timeMs + shift));
    row.series[index] = aliases.get(alias) ?? 0;
    row.values[index] = typeof value === 'number' ? value : Number.NaN;
    if (typeof value !== 'number') row.histograms.push({ index, value });
  });
  const newestMs = known.length === 0 ? undefined : newest;
  return { row, newestMs, unknown: batch.samples.length - known.length, skewed };
}

/** An event of a device, as it is stored. */
export function eventRow(device: string, event: DeviceEvent, receivedMs: number): EventRow {
  const { id, timeMs, kind, severity, message, camera, data } = event;
  return defined({ id, device, timeMs, receivedMs, kind, severity, message, camera, data });
}
