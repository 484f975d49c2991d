import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { type EventQuery, metricNames } from '../../api/index.ts';
import { request } from '../api/client.ts';
import type { FleetEvent, LatestMetric } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { formatBytes, formatFixed, formatLatency, formatNumber } from '../ui/format.ts';
import { TimeChart, type TimeChartProps } from '../ui/time-chart.tsx';
import { Panel, Segments } from '../ui/widgets.tsx';
import { marksOf } from './marks.ts';
import { alignSeries, type ColumnName, type Merge, measures } from './metrics.ts';
import { type SpanKey, spans } from './spans.ts';
import { useHistory } from './use-history.ts';

/** Of models of poses and of masks. */
const parts = [
  [metricNames.keypointScore, 'Score of the points'],
  [metricNames.keypointsSeen, 'Points surely seen'],
  [metricNames.maskShare, 'Share of the box in the mask'],
] as const;

/** Frames per second, latency, temperature and power over time, as far as the device measures them. */
export function Charts({
  device,
  metrics,
}: {
  device: string;
  metrics: readonly LatestMetric[];
}): JSX.Element {
  const [span, setSpan] = useState<SpanKey>('15m');
  const lengthMs = spans.find(([key]) => key === span)?.[2] ?? 3_600_000;
  const events = useMarkedEvents(device);
  const common = { device, metrics, lengthMs, events };
  return (
    <Panel
      title="Over time"
      icon="refresh"
      class="charts-panel"
      aside={<Segments label="Time span" options={spans} chosen={span} choose={setSpan} />}
    >
      <div class="charts">
        <MetricChart
          {...common}
          label="Frames per second"
          name={metricNames.fps}
          columns={[['avg', 'fps', 1]]}
          merge="sum"
          format={(value) => formatFixed(value, 1)}
        />
        <MetricChart
          {...common}
          label="Capture to publish"
          name={metricNames.latency}
          columns={[
            ['p50', 'p50', 1],
            ['p99', 'p99', 2],
          ]}
          merge="max"
          scale={1000}
          format={formatLatency}
        />
        {parts.map(
          ([name, label]) =>
            measures(metrics, name) && (
              <MetricChart
                {...common}
                key={name}
                label={label}
                name={name}
                columns={[
                  ['avg', 'mean', 1],
                  ['p50', 'p50', 2],
                ]}
                merge="max"
                scale={100}
                format={(value) => `${formatFixed(value, 0)} %`}
              />
            ),
        )}
        {measures(metrics, metricNames.temperature) && (
          <MetricChart
            {...common}
            label="Temperature"
            name={metricNames.temperature}
            columns={[['max', 'hottest', 2]]}
            merge="max"
            format={(value) => `${formatFixed(value, 0)} °C`}
          />
        )}
        {measures(metrics, metricNames.power) && (
          <MetricChart
            {...common}
            label="Power"
            name={metricNames.power}
            columns={[['avg', 'mean', 4]]}
            merge="max"
            format={(value) => `${formatNumber(value)} W`}
          />
        )}
        {measures(metrics, metricNames.memory) && (
          <MetricChart
            {...common}
            label="Memory of the agent"
            name={metricNames.memory}
            columns={[['avg', 'resident', 3]]}
            merge="sum"
            format={formatBytes}
          />
        )}
      </div>
    </Panel>
  );
}

/** Swaps, and what was warned of. */
function useMarkedEvents(device: string): readonly FleetEvent[] {
  const ask = (query: EventQuery) => request('GET /devices/:id/events', { params: { id: device }, query });
  const swaps = useAnswer(ask({ kind: 'model.swapped', limit: 50 }), 30_000);
  const warnings = useAnswer(ask({ severity: 'warning', limit: 100 }), 30_000);
  return useMemo(
    () => [...(swaps.data?.events ?? []), ...(warnings.data?.events ?? [])],
    [swaps.data, warnings.data],
  );
}

function MetricChart(props: {
  device: string;
  events: readonly FleetEvent[];
  lengthMs: number;
  label: string;
  name: string;
  metrics: readonly LatestMetric[];
  columns: readonly (readonly [ColumnName, string, 1 | 2 | 3 | 4])[];
  merge: Merge;
  scale?: number;
  format: TimeChartProps['format'];
}): JSX.Element {
  const answer = useHistory(props.device, props.name, props.lengthMs);
  const { scale = 1 } = props;
  const columns = useMemo(() => {
    if (answer === undefined) return { timeMs: [], values: [] };
    return alignSeries(
      answer.series,
      props.columns.map(([column]) => column),
      props.merge,
      answer.stepMs,
    );
  }, [answer]);
  const lines = useMemo(
    () =>
      props.columns.map(([, line, color], index) => ({
        name: line,
        color,
        values: (columns.values[index] ?? []).map((value) => (value === null ? null : value * scale)),
        fill: props.columns.length === 1,
      })),
    [columns, scale],
  );
  const marks = useMemo(
    () => (answer === undefined ? [] : marksOf(props.events, answer.fromMs, answer.toMs)),
    [answer, props.events],
  );
  return (
    <TimeChart
      label={props.label}
      events={marks}
      timeMs={columns.timeMs}
      lines={lines}
      format={props.format}
      fromMs={answer?.fromMs ?? 0}
      toMs={answer?.toMs ?? 1}
      empty={
        measures(props.metrics, props.name)
          ? 'Choose a longer time span.'
          : 'The device has not reported this yet.'
      }
    />
  );
}
