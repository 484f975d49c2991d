import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Approval } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActAs, mayActOnFleet, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { useNow } from '../state/use-element.ts';
import { formatAgo } from '../ui/format.ts';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Panel, Tag } from '../ui/widgets.tsx';

type Decision = 'approve' | 'refuse';

/** Orders that need a second person, for who may be one; nothing where none waits. */
export function WaitingApprovals(): JSX.Element | null {
  const { me } = useSession();
  return mayActOnFleet(me, 'operator') ? <Waiting /> : null;
}

function Waiting(): JSX.Element | null {
  const { me } = useSession();
  const answer = useAnswer(request('GET /approvals'), 3_000);
  const [glass, setGlass] = useState<Approval>();
  const now = useNow(10_000);
  const approvals = answer.data?.approvals ?? [];
  if (approvals.length === 0) return null;
  const decide = async (one: Approval, decision: Decision): Promise<void> => {
    const params = { approval: one.id };
    try {
      if (decision === 'approve') await call('POST /approvals/:approval/approve', { params });
      else await call('POST /approvals/:approval/refuse', { params });
      const what = `${one.action} of ${one.target}`;
      notify('ok', decision === 'approve' ? `Approved: ${one.by} can now do ${what}.` : `Refused: ${what}.`);
    } catch (error) {
      const { message, remedy } = asFailure(error);
      notify('error', `${message} ${remedy}`);
    }
    answer.reload();
  };
  return (
    <Panel title="Orders that need a second person" icon="warning" class="panel-flush">
      <div class="scroll-x">
        <Table
          class="plain-wide"
          columns={['Order', 'Devices', 'Rules', 'Asked by', 'Asked', { title: 'Decide', unseen: true }]}
        >
          {approvals.map((one) => (
            <tr key={one.id}>
              <th scope="row" title={one.detail}>
                {one.action} of {one.target} {one.approvedBy !== undefined && <Tag tone="ok">Approved</Tag>}
              </th>
              <td>{one.devices.join(', ')}</td>
              <td>{one.rules.join(', ')}</td>
              <td>{one.by}</td>
              <td>{formatAgo(one.askedMs, now)}</td>
              <td class="number">
                {one.approvedBy === undefined && (
                  <div class="tools">
                    {/* The controller refuses who asked; a button would promise otherwise. */}
                    {!one.by.startsWith(`${me.name} (`) && (
                      <button type="button" class="button button-main" onClick={() => decide(one, 'approve')}>
                        Approve
                      </button>
                    )}
                    <button type="button" class="button" onClick={() => decide(one, 'refuse')}>
                      Refuse
                    </button>
                    {mayActAs(me, 'admin') && (
                      <button type="button" class="button button-danger" onClick={() => setGlass(one)}>
                        Break the glass
                      </button>
                    )}
                  </div>
                )}
              </td>
            </tr>
          ))}
        </Table>
      </div>
      {glass !== undefined && (
        <ReasonDialog
          title="Without a second person"
          text={`${glass.action} of ${glass.target} is allowed at once. This is recorded in the audit log and alerts the fleet.`}
          word="Break the glass"
          needed
          onClose={() => setGlass(undefined)}
          onDone={async (reason) => {
            const params = { approval: glass.id };
            await call('POST /approvals/:approval/break-glass', { params, body: { reason } });
            answer.reload();
          }}
        />
      )}
    </Panel>
  );
}
