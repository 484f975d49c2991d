import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import {
  experimentWords,
  type RolloutAction,
  type RolloutDetail,
  type RolloutDevice,
} from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { count, formatDuration, formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { Table } from '../ui/table.tsx';
import { Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { ExperimentPanel } from './experiment-panel.tsx';
import { GateEvidence } from './gate-chart.tsx';
import { GateLooks } from './gate-looks.tsx';
import { ResizeDialog } from './resize-dialog.tsx';
import { Timeline } from './timeline.tsx';
import { VersionComparison } from './version-comparison.tsx';
import { type Action, actionsFor, actionWords, deviceTones, stateTones } from './words.ts';

/** One rollout: its waves, its devices as dots, what the gate saw, what happens next and when, and its history. */
export function RolloutPage({ id }: { id: string }): JSX.Element {
  const answer = useAnswer(request('GET /rollouts/:rollout', { params: { rollout: id } }), 2_000);
  const rollout = answer.data;
  return (
    <>
      {rollout === undefined && <h1 class="off-screen">Rollout</h1>}
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="the rollout" />}
      {rollout && (
        <>
          <Head rollout={rollout} onChanged={answer.reload} />
          {rollout.policy.experiment && <ExperimentPanel rollout={rollout} />}
          <Timeline rollout={rollout} />
          <Waves rollout={rollout} />
          <VersionComparison rollout={rollout} />
          <Devices rollout={rollout} />
          <History rollout={rollout} />
        </>
      )}
    </>
  );
}

function Head({ rollout, onChanged }: { rollout: RolloutDetail; onChanged: () => void }): JSX.Element {
  const { me } = useSession();
  const [asked, setAsked] = useState<Action>();
  const now = useNow(1000);
  const { id, name, model, slot, state, sinceMs, pause, reason, next, nextMs, createdBy, partly } = rollout;
  const [tone, word] = stateTones[state];
  const { experiment } = rollout.policy;
  const part = experimentWords(rollout.policy);
  const act = async (body: RolloutAction) => {
    await call('POST /rollouts/:rollout/actions', { params: { rollout: id }, body });
    onChanged();
  };
  return (
    <>
      <header class="page-head">
        <div class="rollout-name">
          <h1>{name}</h1>
          <Tag tone={tone}>{word}</Tag>
        </div>
        <span class="sub">
          {model.name} {model.version}
          {slot === 'main' ? '' : ` in ${slot}`}
          {part === undefined ? '' : `, B is ${part}`}, by {createdBy}; since {formatTime(sinceMs)}
        </span>
        <a class="sub" href={formatRoute(['rollouts'])}>
          All rollouts
        </a>
      </header>
      <section class="next" aria-label="Next step">
        <Icon name={state === 'paused' ? 'pause' : 'next'} />
        <div>
          {(pause ?? reason) !== undefined && <p class="next-why">{pause?.what ?? reason}</p>}
          <p>
            <b>Next:</b> {next}
            {nextMs !== undefined && nextMs > now && (
              <>
                {' '}
                In {formatDuration(nextMs - now)}, {formatTime(nextMs)}.
              </>
            )}
          </p>
        </div>
        {partly === true && <p class="sub">It also has devices that your token cannot see. You see yours.</p>}
        {partly !== true && mayActAs(me, 'operator') && (
          <span class="next-actions">
            {actionsFor(rollout).map((action) => (
              <button
                key={action}
                type="button"
                class={`button${isDangerous(action) ? ' button-danger' : ''}`}
                onClick={() => setAsked(action)}
              >
                {actionWords[action][0]}
              </button>
            ))}
          </span>
        )}
      </section>
      {asked === 'resize' && experiment && (
        <ResizeDialog
          name={name}
          experiment={experiment}
          onClose={() => setAsked(undefined)}
          onDone={(percent) => act({ action: 'resize', percent })}
        />
      )}
      {asked !== undefined && asked !== 'resize' && (
        <ReasonDialog
          title={`${actionWords[asked][0]}: ${name}`}
          text={actionWords[asked][1]}
          word={actionWords[asked][0]}
          danger={isDangerous(asked)}
          onClose={() => setAsked(undefined)}
          onDone={(why) => act({ action: asked, ...(why === '' ? {} : { reason: why }) })}
        />
      )}
    </>
  );
}

const isDangerous = (action: Action): boolean => action === 'abort' || action === 'rollback';

function Waves({ rollout }: { rollout: RolloutDetail }): JSX.Element {
  return (
    <ol class="waves">
      {rollout.waves.map((wave, at) => {
        const own = rollout.devices.filter((one) => one.wave === at);
        const here = at === rollout.wave && rollout.state !== 'finished';
        return (
          <li key={wave.name} class={`wave${here ? ' wave-here' : ''}`}>
            <Panel title={wave.name} aside={<span class="sub">{count(own.length, 'device')}</span>}>
              <div class="wave-body">
                <Dots devices={own} />
                <p class="sub">
                  {wave.startedMs === undefined
                    ? wave.approval === true && wave.approvedBy === undefined
                      ? 'Waits for approval.'
                      : 'Not started.'
                    : `Started ${formatTime(wave.startedMs)}. `}
                  {wave.settledMs !== undefined && `Soaking since ${formatTime(wave.settledMs)}. `}
                  {wave.passedMs !== undefined && `Passed ${formatTime(wave.passedMs)}.`}
                  {wave.soakMinutes > 0 && ` Soak: ${formatDuration(wave.soakMinutes * 60_000)}.`}
                  {wave.approvedBy !== undefined && ` Approved by ${wave.approvedBy}.`}
                </p>
                <GateLooks wave={wave} />
                {wave.gate && <GateEvidence gate={wave.gate} />}
              </div>
            </Panel>
          </li>
        );
      })}
    </ol>
  );
}

const mostDots = 400;

/** One dot for each device; its words say what its colour means. */
function Dots({ devices }: { devices: readonly RolloutDevice[] }): JSX.Element {
  const states = new Map<string, number>();
  for (const { state } of devices) states.set(state, (states.get(state) ?? 0) + 1);
  return (
    <>
      <p class="dots">
        {devices.slice(0, mostDots).map(({ device, state, reason }) => {
          const [tone, word] = deviceTones[state];
          return (
            <a
              key={device}
              class={`device-dot device-dot-${tone}${state === 'committed' ? '' : ' device-dot-open'}`}
              href={formatRoute(['devices', device])}
              title={`${device}: ${word}. ${reason ?? ''}`}
            >
              <span class="off-screen">
                {device} {word}
              </span>
            </a>
          );
        })}
      </p>
      <p class="sub">
        {[...states]
          .map(([state, number]) => `${number} ${deviceTones[state as RolloutDevice['state']][1]}`)
          .join(', ')}
      </p>
    </>
  );
}

function Devices({ rollout }: { rollout: RolloutDetail }): JSX.Element {
  return (
    <Panel title="Devices" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Device', 'Wave', 'State', 'Since', 'Why']}>
          {rollout.devices.slice(0, 500).map(({ device, wave, state, sinceMs, reason, by }) => {
            const [tone, word] = deviceTones[state];
            return (
              <tr key={device}>
                <th scope="row">
                  <a href={formatRoute(['devices', device])}>{device}</a>
                </th>
                <td>{rollout.waves[wave]?.name}</td>
                <td>
                  <Tag tone={tone}>
                    {word}
                    {by === undefined || by === 'offline' ? '' : `: ${by}`}
                  </Tag>
                </td>
                <td class="nowrap">{formatTime(sinceMs)}</td>
                <td>{reason}</td>
              </tr>
            );
          })}
        </Table>
      </div>
    </Panel>
  );
}

function History({ rollout }: { rollout: RolloutDetail }): JSX.Element {
  return (
    <Panel title="History" class="panel-flush">
      <div class="scroll-x">
        <Table class="plain-wide" columns={['When', 'What', 'Who']}>
          {[...rollout.notes].reverse().map((note) => (
            <tr key={`${note.timeMs} ${note.what}`}>
              <td class="nowrap">{formatTime(note.timeMs)}</td>
              <td>{note.what}</td>
              <td>{note.by ?? 'automatic'}</td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}
