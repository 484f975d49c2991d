import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { metricNames } from '../../api/index.ts';
import { type SpanKey, spans } from '../device/spans.ts';
import { useHistory } from '../device/use-history.ts';
import { formatNumber } from '../ui/format.ts';
import { TimeChart } from '../ui/time-chart.tsx';
import { Panel, Segments } from '../ui/widgets.tsx';
import { classLines } from './detections.ts';

const colors = [1, 2, 3, 4] as const;

/** What a camera detected over time, by class. */
export function DetectionsChart({ device, camera }: { device: string; camera: string }): JSX.Element {
  const [span, setSpan] = useState<SpanKey>('1h');
  const lengthMs = spans.find(([key]) => key === span)?.[2] ?? 3_600_000;
  const answer = useHistory(device, metricNames.classDetections, lengthMs, { camera });
  const { timeMs, lines } = useMemo(
    () =>
      answer === undefined
        ? { timeMs: [], lines: [] }
        : classLines(answer.series, colors.length, answer.stepMs),
    [answer],
  );
  return (
    <Panel
      title="Detections"
      icon="events"
      class="charts-panel"
      aside={<Segments label="Time span" options={spans} chosen={span} choose={setSpan} />}
    >
      <TimeChart
        label="Per minute"
        timeMs={timeMs}
        lines={lines.map((line, index) => ({ ...line, color: colors[index] ?? 4 }))}
        format={formatNumber}
        fromMs={answer?.fromMs ?? 0}
        toMs={answer?.toMs ?? 1}
        empty="No object was detected, or the device has not reported it yet."
      />
    </Panel>
  );
}
