import type { JSX } from 'preact';
import { type GateResult, trustWords } from '../../api/index.ts';
import { formatTime } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Tag } from '../ui/widgets.tsx';
import { chartScale } from './chart-scale.ts';
import { outcomeTones } from './words.ts';

const width = 260;
const height = 22;

/** What the gate saw: of each metric the harm against control, with its interval, and where harm begins to matter. */
export function GateEvidence({ gate }: { gate: GateResult }): JSX.Element {
  const [tone, word] = outcomeTones[gate.outcome] ?? (['idle', gate.outcome] as const);
  return (
    <div class="gate">
      <p class="gate-verdict">
        <Tag tone={tone}>{word}</Tag> {gate.says} <span class="sub">{formatTime(gate.timeMs)}</span>
      </p>
      {gate.settle.map((one) => (
        <p key={one} class="sub">
          {one}
        </p>
      ))}
      {gate.metrics.length > 0 && (
        <>
          <p class="sub">Left is better than control, right is worse. Harm begins at the dashed line.</p>
          <Table class="plain-wide" columns={['Metric', 'Verdict', 'Harm', 'Evidence']}>
            {gate.metrics.map((metric) => {
              const [own, words] = outcomeTones[metric.outcome] ?? (['idle', metric.outcome] as const);
              return (
                <tr key={`${metric.metric} ${metric.label ?? ''}`}>
                  <th scope="row">
                    {metric.metric} {metric.label}
                  </th>
                  <td>
                    <Tag tone={own} title={metric.says}>
                      {words}
                    </Tag>
                  </td>
                  <td>
                    <Interval metric={metric} />
                  </td>
                  <td class="sub">
                    {metric.treated.subjects} against {metric.control.subjects} cameras,{' '}
                    {metric.treated.blocks} and {metric.control.blocks} blocks, {metric.method};{' '}
                    {trustWords(metric)}
                  </td>
                </tr>
              );
            })}
          </Table>
        </>
      )}
    </div>
  );
}

/** A point with its interval between no harm and the harm that is worth finding. */
function Interval({ metric }: { metric: GateResult['metrics'][number] }): JSX.Element {
  const { estimate, interval, harm, unit } = metric;
  if (estimate === undefined) return <span class="sub">{metric.settle ?? 'no data'}</span>;
  const [low = estimate, high = estimate] = interval ?? [];
  const x = chartScale([0, harm, low, high, estimate], width);
  const words = `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}) ${unit}; harm begins at ${harm}`;
  return (
    <span class="interval">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={words}>
        <title>{words}</title>
        <line class="interval-zero" x1={x(0)} x2={x(0)} y1={1} y2={height - 1} />
        <line class="interval-harm" x1={x(harm)} x2={x(harm)} y1={1} y2={height - 1} />
        <line class="interval-range" x1={x(low)} x2={x(high)} y1={height / 2} y2={height / 2} />
        <circle class="interval-point" cx={x(estimate)} cy={height / 2} r={4} />
      </svg>
      <span class="sub">
        {estimate.toFixed(3)} {unit}
      </span>
    </span>
  );
}
