import type { JSX } from 'preact';
import { type Labels, mainSlot } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { formatRoute } from '../state/route.ts';
import { formatAgo, formatFixed, formatLatency, formatNumber, unknown } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { DeploymentTag, StatusTag } from '../ui/status.tsx';
import type { Column, ColumnKey } from './columns.ts';

export interface RowProps {
  readonly device: DeviceSummary;
  readonly history: readonly (number | null)[];
  readonly labels: Labels | undefined;
  /** Place in the whole list, from 1: only a part of the rows exists. */
  readonly place: number;
  readonly columns: readonly Column[];
  /** For `8 s ago` of devices that are offline; constant for the others, so that they are not drawn again. */
  readonly nowMs: number;
}

/** What each column shows of a device. The last values of one that is away are not the present: none are shown here. */
export const cells: Readonly<Record<ColumnKey, (props: RowProps) => JSX.Element | null>> = {
  device: ({ device }) => (
    <>
      <a class="row-link" href={formatRoute(['devices', device.id])}>
        {device.id}
      </a>
      <span class="sub">
        {[device.board, ...device.groups].filter(Boolean).join(' · ') || 'Board not reported'}
      </span>
    </>
  ),
  status: ({ device, nowMs }) => (
    <>
      <StatusTag device={device} />
      {device.online ? (
        <HealthReason device={device} />
      ) : (
        <span class="sub">{formatAgo(device.lastSeenMs, nowMs)}</span>
      )}
    </>
  ),
  fps: ({ device, history }) => (
    <>
      <Sparkline values={history} stale={!device.online} />
      <span class="value">{device.online ? formatFixed(device.fps, 1) : unknown}</span>
      <span class="sub unit">fps</span>
    </>
  ),
  latency: ({ device }) => (
    <>
      <span class="value">{device.online ? formatLatency(device.latencyP99Ms) : unknown}</span>
      <span class="sub">p50 {device.online ? formatLatency(device.latencyP50Ms) : unknown}</span>
    </>
  ),
  thermal: ({ device }) => (
    <>
      <span class="value">
        {device.online && device.temperatureC !== undefined
          ? `${formatFixed(device.temperatureC, 0)} °C`
          : unknown}
      </span>
      <span class="sub">
        {device.online && device.powerW !== undefined ? `${formatNumber(device.powerW)} W` : ''}
      </span>
    </>
  ),
  model: ({ device }) => {
    const model = device.slots[mainSlot]?.loaded;
    if (model === undefined) return <span class="sub">No model reported</span>;
    return (
      <>
        <span class="value">
          {model.name} <b>{model.version}</b>
        </span>
        <span class="sub">
          {model.engine} · {model.precision}
        </span>
      </>
    );
  },
  deployment: ({ device }) => <DeploymentTag device={device} />,
  labels: ({ labels }) => (
    <span class="sub label-list" title={labelWords(labels).join('\n')}>
      {labelWords(labels).join(', ')}
    </span>
  ),
  agent: ({ device }) => <span class="value">{device.agentVersion ?? unknown}</span>,
  warnings: ({ device }) => (
    <>
      {(device.alerts ?? 0) > 0 && (
        <span class="alert-count" title="Active alerts">
          <Icon name="bell" />
          {device.alerts}
          <span class="off-screen"> active {device.alerts === 1 ? 'alert' : 'alerts'}</span>
        </span>
      )}
      {device.warnings > 0 && (
        <span class="warning-count" title="Warnings and errors in the last hour">
          <Icon name="warning" />
          {device.warnings}
          <span class="off-screen"> warnings in the last hour</span>
        </span>
      )}
    </>
  ),
};

function labelWords(labels: RowProps['labels']): string[] {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

/** What is wrong first; the rest is in the title of the tag beside it. */
function HealthReason({ device }: { device: DeviceSummary }): JSX.Element | null {
  const [first, ...more] = device.health.reasons;
  if (first === undefined) return null;
  return (
    <span class="sub health-reason" title={device.health.reasons.join('\n')}>
      {first}
      {more.length > 0 && ` +${more.length}`}
    </span>
  );
}
