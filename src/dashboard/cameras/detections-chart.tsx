import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { metricNames } from '../../api/index.ts';
import type { FleetEvent } from '../api/types.ts';
import { useHistory } from '../device/use-history.ts';
import { useMarks } from '../device/use-marked-events.ts';
import { useTimeRange } from '../state/time-range.ts';
import { formatNumber } from '../ui/format.ts';
import { RangeChoice } from '../ui/range-choice.tsx';
import { TimeChart } from '../ui/time-chart.tsx';
import { Panel } from '../ui/widgets.tsx';
import { classLines } from './detections.ts';

const colors = [1, 2, 3, 4] as const;

/** What a camera detected over time, by class. */
export function DetectionsChart({
  device,
  camera,
  events,
}: {
  device: string;
  camera: string;
  events: readonly FleetEvent[];
}): JSX.Element {
  const range = useTimeRange();
  const name = metricNames.classDetections;
  const history = useHistory({ device, name, range, labels: { camera } });
  const answer = history.data;
  const { timeMs, lines } = useMemo(
    () =>
      answer === undefined
        ? { timeMs: [], lines: [] }
        : classLines(answer.series, colors.length, answer.stepMs),
    [answer],
  );
  const marks = useMarks(events, answer, camera);
  return (
    <Panel title="Detections" icon="events" class="charts-panel" aside={<RangeChoice label="Time span" />}>
      <TimeChart
        label="Per minute"
        events={marks}
        timeMs={timeMs}
        lines={lines.map((line, index) => ({ ...line, color: colors[index] ?? 4 }))}
        format={formatNumber}
        history={history}
        empty="No object was detected, or the device has not reported it yet."
      />
    </Panel>
  );
}
