import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { mainSlot } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { formatRoute } from '../state/route.ts';
import { formatAgo, formatFixed, formatLatency, formatNumber, unknown } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { DeploymentTag, StatusTag } from '../ui/status.tsx';

export interface RowProps {
  readonly device: DeviceSummary;
  readonly history: readonly (number | null)[];
  /** Place in the whole list, from 1: only a part of the rows exists. */
  readonly place: number;
  readonly thermal: boolean;
  /** For `8 s ago` of devices that are offline; constant for the others, so that they are not drawn again. */
  readonly nowMs: number;
}

/** One device in the table; a card on a phone. Drawn again only when the device changed. */
export const DeviceRow = memo(function DeviceRow(props: RowProps): JSX.Element {
  const { device } = props;
  const model = device.slots[mainSlot]?.loaded;
  // Last values of a device that is away are not the present: they are not shown as numbers here.
  const live = device.online;
  return (
    <tr class={`row${live ? '' : ' row-offline'}`} aria-rowindex={props.place + 1}>
      <td class="cell cell-device">
        <a class="row-link" href={formatRoute(['devices', device.id])}>
          {device.id}
        </a>
        <span class="sub">
          {[device.board, ...device.groups].filter(Boolean).join(' · ') || 'Board not reported'}
        </span>
      </td>
      <td class="cell cell-status">
        <StatusTag device={device} />
        {live ? (
          <HealthReason device={device} />
        ) : (
          <span class="sub">{formatAgo(device.lastSeenMs, props.nowMs)}</span>
        )}
      </td>
      <td class="cell cell-fps number">
        <Sparkline values={props.history} stale={!live} />
        <span class="value">{live ? formatFixed(device.fps, 1) : unknown}</span>
        <span class="sub unit">fps</span>
      </td>
      <td class="cell cell-latency number">
        <span class="value">{live ? formatLatency(device.latencyP99Ms) : unknown}</span>
        <span class="sub">p50 {live ? formatLatency(device.latencyP50Ms) : unknown}</span>
      </td>
      {props.thermal && (
        <td class="cell cell-thermal number">
          <span class="value">
            {live && device.temperatureC !== undefined
              ? `${formatFixed(device.temperatureC, 0)} °C`
              : unknown}
          </span>
          <span class="sub">
            {live && device.powerW !== undefined ? `${formatNumber(device.powerW)} W` : ''}
          </span>
        </td>
      )}
      <td class="cell cell-model">
        {model ? (
          <>
            <span class="value">
              {model.name} <b>{model.version}</b>
            </span>
            <span class="sub">
              {model.engine} · {model.precision}
            </span>
          </>
        ) : (
          <span class="sub">No model reported</span>
        )}
      </td>
      <td class="cell cell-deployment">
        <DeploymentTag device={device} />
      </td>
      <td class="cell cell-warnings number">
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
      </td>
    </tr>
  );
});

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
