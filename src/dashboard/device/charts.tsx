import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { metricNames } from '../../api/index.ts';
import type { FleetEvent, LatestMetric, MetricAnswer } from '../api/types.ts';
import type { Answer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { route } from '../state/route.ts';
import { type TimeRange, useTimeRange } from '../state/time-range.ts';
import { formatBytes, formatFixed, formatLatency, formatNumber } from '../ui/format.ts';
import { joinTables } from '../ui/line-values.ts';
import { RangeChoice } from '../ui/range-choice.tsx';
import { type Line, TimeChart, type TimeChartProps } from '../ui/time-chart.tsx';
import { Panel } from '../ui/widgets.tsx';
import { CompareChoice } from './compare-choice.tsx';
import { type Comparison, readComparison } from './comparison.ts';
import { alignSeries, type ColumnName, type Columns, type Merge, measures } from './metrics.ts';
import { useHistory } from './use-history.ts';
import { useMarks } from './use-marked-events.ts';

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
  events,
}: {
  device: string;
  metrics: readonly LatestMetric[];
  /** What may be marked. */
  events: readonly FleetEvent[];
}): JSX.Element {
  const range = useTimeRange();
  const query = useValue(route).query;
  const compared = query.get('compare');
  const comparison = useMemo(() => readComparison(query), [compared]);
  const common = { device, metrics, range, comparison, events };
  return (
    <Panel title="Over time" icon="refresh" class="charts-panel" aside={<RangeChoice label="Time span" />}>
      <CompareChoice device={device} chosen={comparison} />
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

function MetricChart(props: {
  device: string;
  events: readonly FleetEvent[];
  range: TimeRange;
  comparison: Comparison | undefined;
  label: string;
  name: string;
  metrics: readonly LatestMetric[];
  columns: readonly (readonly [ColumnName, string, 1 | 2 | 3 | 4])[];
  merge: Merge;
  scale?: number;
  format: TimeChartProps['format'];
}): JSX.Element {
  const { name, range, comparison, scale = 1 } = props;
  const history = useHistory({ device: props.device, name, range });
  const other = useHistory({
    device: comparison && (comparison.device ?? props.device),
    ...{ name, range, beforeMs: comparison?.shiftMs ?? 0 },
  });
  const columnsOf = ({ series, stepMs }: MetricAnswer, shiftMs = 0): Columns => {
    const names = props.columns.map(([column]) => column);
    const { timeMs, values } = alignSeries(series, names, props.merge, stepMs);
    return { timeMs: timeMs.map((time) => time + shiftMs), values };
  };
  const own = useMemo(() => (history.data ? columnsOf(history.data) : none), [history.data]);
  const beside = useMemo(
    () => (comparison && other.data ? columnsOf(other.data, comparison.shiftMs) : none),
    [other.data, comparison],
  );
  const { timeMs, lines } = useMemo(() => {
    const joined = joinTables(own, beside);
    const lines = joined.values.map((values, index): Line => {
      const [, line, color] = props.columns[index % props.columns.length]!;
      const isBeside = index >= own.values.length;
      return {
        name: isBeside ? `${line}, ${comparison?.words}` : line,
        color,
        values: values.map((value) => (typeof value === 'number' ? value * scale : value)),
        fill: !isBeside && props.columns.length === 1,
        dashed: isBeside,
      };
    });
    return { timeMs: joined.timeMs, lines };
  }, [own, beside, comparison, scale]);
  const marks = useMarks(props.events, history.data);
  return (
    <TimeChart
      label={props.label}
      events={marks}
      timeMs={timeMs}
      lines={lines}
      format={props.format}
      history={history}
      note={comparison && missingWords(comparison, other, beside)}
      empty={
        measures(props.metrics, name) ? 'Choose a longer time span.' : 'The device has not reported this yet.'
      }
    />
  );
}

const none: Columns = { timeMs: [], values: [] };

/** Why there is no line beside that of the device. */
function missingWords(
  { words, device }: Comparison,
  { data, failure }: Answer<MetricAnswer | undefined>,
  { timeMs }: Columns,
): string | undefined {
  if (data === undefined) return failure?.message;
  if (timeMs.length > 0) return undefined;
  return device === undefined ? `No data from ${words}.` : `${device} has no data in this period.`;
}
