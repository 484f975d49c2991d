import type { JSX } from 'preact';
import type { DeviceDetail } from '../api/types.ts';
import { formatFixed, unknown } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Panel, Tag } from '../ui/widgets.tsx';
import { type TargetRow, targetRows } from './targets.ts';

/** What was promised of every camera, what it reaches, why not, and what the device does about it. */
export function TargetsPanel({ detail }: { detail: DeviceDetail }): JSX.Element | null {
  const rows = targetRows(detail);
  const ladder = detail.reported?.ladder;
  if (rows.length === 0 && ladder === undefined) return null;
  const stale = !detail.summary.online;
  return (
    <Panel title="Targets" icon="chip">
      <Table
        columns={['Camera', { title: 'Frames/s', number: true }, 'Target', { title: 'State', unseen: true }]}
        class={stale ? 'stale' : ''}
      >
        {rows.map((row) => (
          <tr key={row.camera}>
            <th scope="row">{row.camera}</th>
            <td class="number">{row.reachedFps === undefined ? unknown : formatFixed(row.reachedFps, 1)}</td>
            <td>{row.target}</td>
            <td>{!stale && <Kept row={row} />}</td>
          </tr>
        ))}
      </Table>
      {rows.map(
        ({ camera, what }) =>
          what !== undefined && (
            <p key={camera} class="sub">
              {camera}: {what}
            </p>
          ),
      )}
      {ladder !== undefined && (
        <p class="sub">
          {ladder.level === 0
            ? `0 of ${ladder.steps} steps taken.`
            : `${ladder.level} of ${ladder.steps} steps taken:  ${ladder.taken.join('; ')}.`}
        </p>
      )}
    </Panel>
  );
}

function Kept({ row: { kept, what } }: { row: TargetRow }): JSX.Element | null {
  if (what !== undefined) return <Tag tone="warning">Missed</Tag>;
  return kept === true ? <Tag tone="ok">OK</Tag> : null;
}
