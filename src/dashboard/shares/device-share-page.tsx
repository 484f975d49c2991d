import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DeviceShareReport, DeviceSide, RolloutPolicy } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { call, request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { GateEvidence } from '../rollouts/gate-chart.tsx';
import { rangeWords } from '../rollouts/standing.ts';
import { deviceTones, stateTones } from '../rollouts/words.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute, go } from '../state/route.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { Loading, Panel, Problem, Table, Tag } from '../ui/widgets.tsx';
import { Ended } from './ended.tsx';
import { hasEnded } from './has-ended.ts';
import { promotedName } from './words.ts';

/** Two versions that divide devices by rollouts: who runs which and why, how they compare, and what to do with it. */
export function DeviceSharePage({ of, slot }: { of: string; slot?: string | undefined }): JSX.Element {
  const query = defined({ slot });
  const answer = useAnswer(request('GET /device-shares/:of', { params: { of }, query }), 15_000);
  const report = answer.data;
  if (hasEnded(answer)) return <Ended of={of} />;
  return (
    <>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="the two versions" />}
      {report && (
        <>
          <header class="page-head">
            <h1>Two versions of {of}</h1>
            <span class="sub">
              Devices are divided by {report.by === 'share' ? 'a hash of their names' : 'their labels'}, each
              part by a rollout
            </span>
            <a class="sub" href={formatRoute(['rollouts'])}>
              All rollouts
            </a>
          </header>
          <Sides report={report} />
          <Panel title={report.compared ?? 'Compared'}>
            {report.comparison ? (
              <GateEvidence gate={report.comparison} />
            ) : (
              <p class="sub">Nothing to compare yet: devices of two versions have to run them.</p>
            )}
          </Panel>
          <Devices report={report} />
        </>
      )}
    </>
  );
}

interface Asked {
  readonly side: DeviceSide;
  readonly what: 'promote' | 'rollback';
}

function Sides({ report }: { report: DeviceShareReport }): JSX.Element {
  const { me } = useSession();
  const [asked, setAsked] = useState<Asked>();
  const all = report.sides.reduce((sum, { devices }) => sum + devices, 0);
  return (
    <Panel title="How the shares stand" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Rollout', 'Version', 'State', 'Asked', 'Stands', 'Do']}>
          {report.sides.map((side) => {
            const { rollout, name, model, state, devices, run } = side;
            const [tone, word] = stateTones[state];
            return (
              <tr key={rollout}>
                <th scope="row">
                  <a href={formatRoute(['rollouts', rollout])}>{name}</a>
                </th>
                <td>
                  {model.name} {model.version}
                </td>
                <td>
                  <Tag tone={tone}>{word}</Tag>
                </td>
                <td class="nowrap">{askedWords(side)}</td>
                <td class="nowrap">
                  {devices} of {all} devices, {run} run it
                </td>
                <td>
                  {mayActAs(me, 'operator') && (
                    <span class="next-actions">
                      {report.by === 'share' && (
                        <button
                          type="button"
                          class="button"
                          aria-label={`Promote ${name}`}
                          onClick={() => setAsked({ side, what: 'promote' })}
                        >
                          Promote
                        </button>
                      )}
                      <button
                        type="button"
                        class="button button-danger"
                        aria-label={`Roll back ${name}`}
                        onClick={() => setAsked({ side, what: 'rollback' })}
                      >
                        Roll back
                      </button>
                    </span>
                  )}
                </td>
              </tr>
            );
          })}
        </Table>
      </div>
      {asked?.what === 'promote' && (
        <ActionDialog
          title={`Promote ${asked.side.name}`}
          word="Promote"
          onClose={() => setAsked(undefined)}
          onDone={() => promote(asked.side)}
        >
          <p>
            A new rollout takes {asked.side.model.name} {asked.side.model.version} to the whole target,
            without the share. It takes the place of the others on these devices.
          </p>
        </ActionDialog>
      )}
      {asked?.what === 'rollback' && (
        <ActionDialog
          title={`Roll back ${asked.side.name}`}
          word="Roll back"
          onClose={() => setAsked(undefined)}
          onDone={() => rollBack(asked.side)}
        >
          <p>Its devices get what they had before. The other rollout stays as it is.</p>
        </ActionDialog>
      )}
    </Panel>
  );
}

function askedWords({ fromPercent, toPercent, labels = {} }: DeviceSide): string {
  if (fromPercent !== undefined && toPercent !== undefined) return rangeWords({ fromPercent, toPercent });
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/** The same policy over the whole target. */
async function promote({ rollout, name, model }: DeviceSide): Promise<void> {
  const { policy } = await call('GET /rollouts/:rollout', { params: { rollout } });
  const { share: _, ...target } = policy.target;
  const { name: of, version, digest } = model;
  const next: RolloutPolicy = { ...policy, target, supersede: true, model: { name: of, digest } };
  const body = { name: promotedName(name, version), policy: next };
  const { id } = await call('POST /rollouts', { body });
  go(['rollouts', id]);
}

/** What is left of two is no test. */
async function rollBack({ rollout, name }: DeviceSide): Promise<void> {
  await call('POST /rollouts/:rollout/actions', { params: { rollout }, body: { action: 'rollback' } });
  notify('ok', `${name} is rolled back: its devices get what they had before.`);
  go(['rollouts']);
}

function Devices({ report }: { report: DeviceShareReport }): JSX.Element {
  return (
    <Panel title="Who runs what" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Device', 'Belongs to', 'State', 'Runs', 'Why']}>
          {report.devices.map(({ device, rollout, state, model, why }) => {
            const [tone, word] = deviceTones[state];
            return (
              <tr key={`${device} ${rollout}`}>
                <th scope="row">
                  <a href={formatRoute(['devices', device])}>{device}</a>
                </th>
                <td>{rollout}</td>
                <td>
                  <Tag tone={tone}>{word}</Tag>
                </td>
                <td>{model}</td>
                <td>{why}</td>
              </tr>
            );
          })}
        </Table>
      </div>
    </Panel>
  );
}
