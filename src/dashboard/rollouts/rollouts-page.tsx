import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RolloutInfo } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActAs, mayActOnFleet, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute } from '../state/route.ts';
import { formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { WaitingApprovals } from './waiting-approvals.tsx';
import { stateTones } from './words.ts';

/** All rollouts with what each does next, and one button that stops everything. */
export function RolloutsPage(): JSX.Element {
  const { me } = useSession();
  const answer = useAnswer(request('GET /rollouts'), 3_000);
  const [stopping, setStopping] = useState(false);
  const freeze = answer.data?.freeze;
  const rollouts = answer.data?.rollouts ?? [];
  const lift = async () => {
    try {
      await call('DELETE /rollouts/freeze');
      notify('ok', 'Rollouts are allowed again. Resume those that you need.');
      answer.reload();
    } catch (error) {
      const { message, remedy } = asFailure(error);
      notify('error', `${message} ${remedy}`);
    }
  };
  return (
    <>
      <header class="page-head">
        <h1>Rollouts</h1>
        {mayActAs(me, 'operator') && (
          <div class="tools">
            <a class="button button-main" href={formatRoute(['rollouts', 'new'])}>
              New rollout
            </a>
            {freeze === undefined && mayActOnFleet(me, 'operator') && (
              <button type="button" class="button button-danger" onClick={() => setStopping(true)}>
                <Icon name="pause" />
                Stop everything
              </button>
            )}
          </div>
        )}
      </header>
      {freeze !== undefined && (
        <p class="banner banner-error" role="alert">
          <Icon name="pause" />
          <span>
            <b>All rollouts are stopped: {freeze.reason}</b> By {freeze.by}, {formatTime(freeze.sinceMs)}.
            Rollouts update no device; rollbacks continue.
          </span>
          {mayActOnFleet(me, 'operator') && (
            <span class="banner-end">
              <button type="button" class="button" onClick={lift}>
                Allow rollouts again
              </button>
            </span>
          )}
        </p>
      )}
      <WaitingApprovals />
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="rollouts" />}
      {answer.data && rollouts.length === 0 && (
        <Empty icon="rollout" title="No rollouts yet">
          <p>Make one here, or write a policy and check what it would do:</p>
          <pre>goshawk rollout create street-2 -f rollout.yaml --dry-run</pre>
        </Empty>
      )}
      {rollouts.length > 0 && (
        <Panel title="Newest first" class="panel-flush">
          <div class="scroll-x">
            <Table
              class="plain-wide"
              columns={['Rollout', 'Model', 'State', 'Wave', 'Devices', 'Since', 'Next']}
            >
              {rollouts.map((one) => (
                <Row key={one.id} rollout={one} />
              ))}
            </Table>
          </div>
        </Panel>
      )}
      {stopping && (
        <ReasonDialog
          title="Stop everything"
          text="All rollouts pause. Devices that have not switched wait. Rollbacks continue."
          word="Stop everything"
          needed
          onClose={() => setStopping(false)}
          onDone={async (reason) => {
            await call('PUT /rollouts/freeze', { body: { reason } });
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function Row({ rollout }: { rollout: RolloutInfo }): JSX.Element {
  const { id, name, model, state, wave, waves, counts, sinceMs, next } = rollout;
  const [tone, word] = stateTones[state];
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return (
    <tr>
      <th scope="row">
        <a href={formatRoute(['rollouts', id])}>{name}</a>
      </th>
      <td>
        {model.name} {model.version}
      </td>
      <td>
        <Tag tone={tone}>{word}</Tag>
      </td>
      <td class="nowrap">
        {Math.min(wave + 1, waves.length)} of {waves.length}
      </td>
      <td class="nowrap">
        {counts.committed ?? 0} of {total} run it
      </td>
      <td class="nowrap">{formatTime(sinceMs)}</td>
      <td>{next}</td>
    </tr>
  );
}
