import type { JSX } from 'preact';
import { metricNames } from '../../api/index.ts';
import type { DeviceDetail } from '../api/types.ts';
import { useNow } from '../state/use-element.ts';
import {
  formatAgo,
  formatBytes,
  formatFixed,
  formatLatency,
  formatNumber,
  formatShare,
  unknown,
} from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Figure, Panel } from '../ui/widgets.tsx';
import { type StageTime, stageTimes, totalOf } from './metrics.ts';

/** The figures of now. A device that is offline has none: its last ones are greyed and say of when they are. */
export function Readings({ detail }: { detail: DeviceDetail }): JSX.Element {
  const { summary, metrics } = detail;
  const now = useNow(2000);
  const processed = totalOf(metrics, metricNames.processed);
  const superseded = totalOf(metrics, metricNames.superseded);
  const dropped = totalOf(metrics, metricNames.dropped);
  const stale = !summary.online;
  const seen = (value: number | undefined): string => {
    if (value === undefined || processed === undefined) return 'Since start';
    return `${formatShare(value / Math.max(1, processed + (superseded ?? 0) + (dropped ?? 0)))} of frames`;
  };
  return (
    <Panel
      title="Now"
      icon="chip"
      aside={stale ? <span class="sub">Last values, {formatAgo(summary.lastSeenMs, now)}</span> : undefined}
    >
      <div class="figures device-figures">
        <Figure name="Frames/s" value={formatFixed(summary.fps, 1)} stale={stale} note="All cameras" />
        <Figure name="Latency p50" value={formatLatency(summary.latencyP50Ms)} stale={stale} note="Median" />
        <Figure
          name="Latency p99"
          value={formatLatency(summary.latencyP99Ms)}
          stale={stale}
          note="Last minute"
        />
        {superseded !== undefined && (
          <Figure name="Superseded" value={formatNumber(superseded)} stale={stale} note={seen(superseded)} />
        )}
        {dropped !== undefined && (
          <Figure
            name="Dropped"
            value={formatNumber(dropped)}
            stale={stale}
            {...(dropped > 0 && !stale ? { tone: 'warning' as const } : {})}
            note={seen(dropped)}
          />
        )}
        {summary.temperatureC !== undefined && (
          <Figure
            name="Temperature"
            value={formatFixed(summary.temperatureC, 0)}
            unit="°C"
            stale={stale}
            note="Hottest zone"
          />
        )}
        {summary.powerW !== undefined && (
          <Figure
            name="Power"
            value={formatNumber(summary.powerW)}
            unit="W"
            stale={stale}
            note="Whole board"
          />
        )}
        {summary.memoryBytes !== undefined && (
          <Figure
            name="Memory"
            value={formatBytes(summary.memoryBytes)}
            stale={stale}
            note={detail.birth ? `of ${formatBytes(detail.birth.board.memoryBytes)}` : unknown}
          />
        )}
      </div>
      <Stages rows={stageTimes(metrics)} stale={stale} />
    </Panel>
  );
}

/** Where the time of a frame goes: mean of each stage, as parts of one bar. */
function Stages({ rows, stale }: { rows: readonly StageTime[]; stale: boolean }): JSX.Element | null {
  if (rows.length === 0) return null;
  const total = rows.reduce((sum, row) => sum + row.meanMs, 0) || 1;
  return (
    <div class={`stages${stale ? ' stale' : ''}`}>
      <h3>Stages of a frame</h3>
      <div class="stage-bar" aria-hidden="true">
        {rows.map((row, index) => (
          <span
            key={row.name}
            class={`stage-part swatch-${(index % 4) + 1}`}
            style={{ flexGrow: String(row.meanMs / total) }}
          />
        ))}
      </div>
      <Table columns={['Stage', { title: 'Mean', number: true }, { title: 'p99', number: true }]}>
        {rows.map((row, index) => (
          <tr key={row.name}>
            <th scope="row">
              <span class={`swatch swatch-${(index % 4) + 1}`} aria-hidden="true" /> {row.name}
            </th>
            <td class="number">{formatLatency(row.meanMs)}</td>
            <td class="number">{formatLatency(row.p99Ms)}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
