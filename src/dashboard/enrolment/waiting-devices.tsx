import type { JSX } from 'preact';
import { call } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import type { EnrolmentInfo } from '../api/types.ts';
import { notify } from '../state/notice.ts';
import { useNow } from '../state/use-element.ts';
import { formatAgo } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Panel, Tag } from '../ui/widgets.tsx';

/** Devices that wait for approval. */
export function WaitingDevices(props: {
  enrolments: readonly EnrolmentInfo[];
  onChanged: () => void;
}): JSX.Element | null {
  const now = useNow(10_000);
  if (props.enrolments.length === 0) return null;
  const decide = async (one: EnrolmentInfo, approve: boolean): Promise<void> => {
    try {
      const { id } = one;
      if (approve) await call('POST /enrolments/:id/approve', { params: { id } });
      else await call('POST /enrolments/:id/reject', { params: { id } });
      notify('ok', approve ? `${one.device} enrolled.` : `${one.device} refused.`);
    } catch (error) {
      const failure = asFailure(error);
      notify('error', `${failure.message} ${failure.remedy}`);
    }
    props.onChanged();
  };
  return (
    <Panel title="Devices that wait for approval" icon="warning" class="panel-flush">
      <div class="scroll-x">
        <Table
          class="plain-wide"
          columns={[
            'Device',
            'Serial number',
            'Board',
            'Claim',
            'From',
            'Requested',
            'Why',
            { title: 'Decide', unseen: true },
          ]}
        >
          {props.enrolments.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                {one.device} {one.state === 'rejected' && <Tag tone="error">Refused</Tag>}
              </th>
              <td>{one.serial ?? '–'}</td>
              <td>{one.facts?.board ?? '–'}</td>
              <td>{one.claimName}</td>
              <td>{one.address}</td>
              <td>{formatAgo(one.lastMs, now)}</td>
              <td>{one.why}</td>
              <td class="number">
                {one.state === 'pending' && (
                  <div class="tools">
                    <button type="button" class="button button-main" onClick={() => decide(one, true)}>
                      Approve
                    </button>
                    <button type="button" class="button" onClick={() => decide(one, false)}>
                      Refuse
                    </button>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}
