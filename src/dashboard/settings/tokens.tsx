import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { accessScopeWords } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { CreatedToken, Role, TokenInfo } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { useNow } from '../state/use-element.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { formatAgo, formatTime } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Choice, Copyable, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { scopeOf, wholeFleet } from './scope-draft.ts';

const roles: readonly (readonly [Role, string])[] = [
  ['viewer', 'Viewer: reads'],
  ['operator', 'Operator: also gives orders'],
  ['admin', 'Admin: also manages people'],
  ['device', 'Device: only downloads artifacts'],
];

/** Programs and people with a token. */
export function Tokens(): JSX.Element {
  const { me } = useSession();
  const now = useNow(10_000);
  const answer = useAnswer(request('GET /tokens'));
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenInfo | undefined>(undefined);
  return (
    <>
      <Panel
        title="Tokens"
        icon="tokens"
        class="panel-flush"
        aside={
          <button type="button" class="button" onClick={() => setCreating(true)}>
            New token
          </button>
        }
      >
        {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
        {answer.loading && <Loading what="tokens" />}
        {answer.data && (
          <div class="scroll-x">
            <Table
              class="plain-wide"
              columns={['Name', 'Role', 'Limited to', 'Made', 'Last used', { title: 'Revoke', unseen: true }]}
            >
              {answer.data.tokens.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {one.name} {one.id === me.tokenId && <Tag tone="accent">This session</Tag>}
                  </th>
                  <td>{one.role}</td>
                  <td>{one.scope ? accessScopeWords(one.scope) : 'the whole fleet'}</td>
                  <td>
                    {formatTime(one.createdMs)} by {one.createdBy}
                  </td>
                  <td>{formatAgo(one.lastUsedMs, now)}</td>
                  <td class="number">
                    {one.id !== me.tokenId && (
                      <button type="button" class="button" onClick={() => setRevoking(one)}>
                        Revoke
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          </div>
        )}
      </Panel>
      {creating && (
        <NewTokenDialog
          onClose={() => {
            setCreating(false);
            answer.reload();
          }}
        />
      )}
      {revoking && (
        <RevokeDialog
          token={revoking}
          onClose={() => {
            setRevoking(undefined);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function NewTokenDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [draft, setDraft] = useState(wholeFleet);
  const { scope, wrong } = scopeOf(draft);
  const [created, setCreated] = useState<CreatedToken | undefined>(undefined);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const create = async (): Promise<void> => {
    setFailure(undefined);
    try {
      setCreated(await call('POST /tokens', { body: { name: name.trim(), role, ...(scope && { scope }) } }));
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <Dialog
      title={created ? 'The new token' : 'New token'}
      onClose={onClose}
      actions={
        created ? (
          <button type="button" class="button button-main" onClick={onClose}>
            Done
          </button>
        ) : (
          <>
            <button type="button" class="button" onClick={onClose}>
              Cancel
            </button>
            <button
              type="button"
              class="button button-main"
              disabled={name.trim() === '' || wrong !== undefined}
              onClick={create}
            >
              Create token
            </button>
          </>
        )
      }
    >
      {created ? (
        <>
          <p>
            Copy it now. You cannot see it again. <b>{created.name}</b> has the role {created.role}
            {created.scope && `, and is limited to ${accessScopeWords(created.scope)}`}.
          </p>
          <p class="secret">
            <Copyable text={created.token} label="the token">
              {created.token}
            </Copyable>
          </p>
        </>
      ) : (
        <div class="form">
          <TextField
            label="Name"
            maxLength={128}
            value={name}
            hint="person or program that uses it"
            onInput={setName}
          />
          <Choice
            label="Role"
            value={role}
            options={roles}
            onChange={(value) => {
              setRole(value as Role);
              if (value === 'device') setDraft(wholeFleet);
            }}
          />
          {role !== 'device' && (
            <>
              <TextField
                label="Only these groups (empty: the whole fleet)"
                value={draft.groups}
                hint="hall-1, hall-2"
                onInput={(groups) => setDraft({ ...draft, groups })}
              />
              <TextField
                label="Only devices with these labels"
                value={draft.labels}
                hint="site=berlin"
                onInput={(labels) => setDraft({ ...draft, labels })}
              />
              {wrong !== undefined && (
                <p class="tone-error" role="alert">
                  Write each label once, as key=value: {wrong}
                </p>
              )}
            </>
          )}
          {failure && <Problem failure={failure} />}
        </div>
      )}
    </Dialog>
  );
}

function RevokeDialog({ token, onClose }: { token: TokenInfo; onClose: () => void }): JSX.Element {
  const revoke = async (): Promise<void> => {
    await call('DELETE /tokens/:id', { params: { id: token.id } });
    notify('ok', `The token ${token.name} was revoked.`);
  };
  return (
    <ActionDialog title={`Revoke ${token.name}`} word="Revoke" danger onClose={onClose} onDone={revoke}>
      <p>
        Requests with this token are refused from now on. You cannot undo this, but you can create a new
        token.
      </p>
    </ActionDialog>
  );
}
