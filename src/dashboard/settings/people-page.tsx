import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { accessScopeWords, type SessionInfo } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import { signInWays } from '../api/sign-in.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { formatTime } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { ApprovalRules } from './approval-rules.tsx';
import { Tokens } from './tokens.tsx';

/** Who may act: people who signed in, and tokens. */
export function PeoplePage(): JSX.Element {
  return (
    <>
      <header class="page-head">
        <h1>People and tokens</h1>
      </header>
      <Sessions />
      <Tokens />
      <ApprovalRules />
    </>
  );
}

function Sessions(): JSX.Element {
  const { me } = useSession();
  const provider = useValue(signInWays)?.provider;
  const { data, failure, loading, reload } = useAnswer(request('GET /sessions'), 10_000);
  const [ending, setEnding] = useState<SessionInfo | undefined>(undefined);
  const sessions = data?.sessions ?? [];
  return (
    <Panel title="Sessions" icon="person" class="panel-flush">
      {failure && <Problem failure={failure} retry={reload} />}
      {loading && <Loading what="sessions" />}
      {data && sessions.length === 0 && (
        <Empty icon="person" title={`No person is signed in${provider ? ` with ${provider}` : ''}`}>
          {!provider && (
            <p>
              People sign in with your identity provider once <code>people</code> is in the settings of the
              controller. <a href="/docs/people.html">How to set it up</a>
            </p>
          )}
        </Empty>
      )}
      {sessions.length > 0 && (
        <div class="scroll-x">
          <Table
            class="plain-wide"
            columns={['Person', 'Role', 'Limited to', 'Signed in', 'Until', { title: 'End', unseen: true }]}
          >
            {sessions.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  {one.name} {one.tokenId === me.tokenId && <Tag tone="accent">You</Tag>}
                </th>
                <td>{one.role}</td>
                <td>{one.scope ? accessScopeWords(one.scope) : 'the whole fleet'}</td>
                <td>{formatTime(one.sinceMs)}</td>
                <td>{formatTime(one.untilMs)}</td>
                <td class="number">
                  <button type="button" class="button" onClick={() => setEnding(one)}>
                    End<span class="off-screen"> the session of {one.name}</span>
                  </button>
                </td>
              </tr>
            ))}
          </Table>
        </div>
      )}
      {ending && (
        <ActionDialog
          title={`End the session of ${ending.name}`}
          word="End session"
          onClose={() => setEnding(undefined)}
          onDone={async () => {
            await call('DELETE /sessions/:id', { params: { id: ending.id } });
            notify('ok', `The session of ${ending.name} has ended.`);
            reload();
          }}
        >
          <p>
            Requests of this browser are refused from now on. To keep the person out, also take the role away
            at your identity provider: the person can sign in again.
          </p>
        </ActionDialog>
      )}
    </Panel>
  );
}
