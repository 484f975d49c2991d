import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { healthStates } from '../../api/index.ts';
import { EventRows } from '../activity/event-list.tsx';
import { mergeEvents } from '../activity/merge.ts';
import { request } from '../api/client.ts';
import type { DeviceDetail, DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { personOf } from '../drift/actor.ts';
import { useSelected, useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import type { Fleet, FleetState } from '../state/fleet.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { count, formatAgo, formatBytes, formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { StatusTag } from '../ui/status.tsx';
import { Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { CamerasPanel } from './cameras-panel.tsx';
import { Charts } from './charts.tsx';
import { ClipsPanel } from './clips-panel.tsx';
import { DeviceActions } from './device-actions.tsx';
import { DriftPanel } from './drift-panel.tsx';
import { LiveView } from './live-view.tsx';
import { ModelPanel } from './model-panel.tsx';
import { Readings } from './readings.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { SlotsPanel } from './slots-panel.tsx';
import { SystemPanel } from './system-panel.tsx';
import { TargetsPanel } from './targets-panel.tsx';
import { useMarkedEvents } from './use-marked-events.ts';

export function DevicePage({ id }: { id: string }): JSX.Element {
  const { fleet } = useSession();
  const answer = useAnswer(request('GET /devices/:id', { params: { id } }), 4000);
  const summary = useLiveSummary(fleet, id) ?? answer.data?.summary;
  const events = useMarkedEvents(id);
  // A new state of the deployment or of the line means that the rest of the detail is old: ask now.
  const turn = JSON.stringify([summary?.slots, summary?.online, summary?.reportedGeneration]);
  useEffect(() => {
    if (answer.data !== undefined) answer.reload();
  }, [turn]);

  if (answer.data === undefined) {
    if (answer.failure) {
      return (
        <>
          <BackLink />
          {summary === undefined ? (
            <h1 class="off-screen">{id}</h1>
          ) : (
            <DeviceHead summary={summary} reload={answer.reload} />
          )}
          <Problem failure={answer.failure} retry={answer.reload} />
        </>
      );
    }
    return <Loading what={id} />;
  }
  const detail = summary === undefined ? answer.data : { ...answer.data, summary };
  return (
    <>
      <BackLink />
      <DeviceHead summary={detail.summary} detail={detail} reload={answer.reload} />
      <div class="device-grid">
        <div class="device-main">
          <LiveView detail={detail} reload={answer.reload} />
          <ClipsPanel detail={detail} />
          <DriftPanel device={detail.summary} events={events} />
          <Charts device={id} metrics={detail.metrics} events={events} />
          <SystemPanel detail={detail} />
          <DeviceEvents id={id} />
        </div>
        <div class="device-side">
          <Readings detail={detail} />
          <CamerasPanel detail={detail} />
          <TargetsPanel detail={detail} />
          <ModelPanel detail={detail} reload={answer.reload} />
          <SlotsPanel detail={detail} reload={answer.reload} />
          <SettingsPanel detail={detail} reload={answer.reload} />
          <BoardPanel detail={detail} />
        </div>
      </div>
    </>
  );
}

/** The summary that the stream keeps up to date; views of one device wake only for that device. */
function useLiveSummary(fleet: Fleet, id: string): DeviceSummary | undefined {
  const select = useMemo(() => (_state: FleetState) => fleet.device(id), [fleet, id]);
  return useSelected(fleet.state, select);
}

function BackLink(): JSX.Element {
  return (
    <a class="back" href={formatRoute(['devices'])}>
      <Icon name="back" />
      Devices
    </a>
  );
}

function DeviceHead(props: {
  summary: DeviceSummary;
  detail?: DeviceDetail;
  reload: () => void;
}): JSX.Element {
  const { summary, detail, reload } = props;
  const now = useNow(1000);
  return (
    <header class="page-head">
      <div>
        <h1>{summary.id}</h1>
        <p class="page-facts">
          <StatusTag device={summary} />
          <span>{summary.board ?? 'Board not reported'}</span>
          {summary.groups.map((group) => (
            <a key={group} class="tag tag-idle" href={formatRoute(['devices'], { group })}>
              {group}
            </a>
          ))}
        </p>
      </div>
      <DeviceActions summary={summary} detail={detail} reload={reload} />
      {detail?.hold && (
        <p class="offline-note" role="status">
          <Icon name="pause" />
          <span>
            <b>Held</b> by {personOf(detail.hold.by)} since {formatTime(detail.hold.sinceMs)}:{' '}
            {detail.hold.reason}. No rollout changes it.
          </span>
        </p>
      )}
      {!summary.online && (
        <p class="offline-note" role="status">
          <Icon name="offline" />
          <span>
            <b>Offline.</b> Last seen {formatAgo(summary.lastSeenMs, now)}
            {summary.lastSeenMs !== undefined && ` (${formatTime(summary.lastSeenMs)})`}.{' '}
            {summary.offlineReason !== undefined && `Reason: ${summary.offlineReason}. `}
            Grey values are the last received. The device keeps its data and sends it after it reconnects.
          </span>
        </p>
      )}
      {summary.online && <HealthNote summary={summary} />}
    </header>
  );
}

/** What is wrong with it, in words, and whether an alert fires. */
function HealthNote({ summary }: { summary: DeviceSummary }): JSX.Element | null {
  const { health, alerts = 0 } = summary;
  const { reasons } = health;
  const { tone, words } = healthStates[health.state];
  if (reasons.length === 0 && alerts === 0) return null;
  return (
    <p class="offline-note health-note" role="status">
      <Icon name={tone === 'error' ? 'error' : 'warning'} />
      <span>
        {reasons.length > 0 && (
          <>
            <b>{words}.</b> {reasons.join('; ')}.{' '}
          </>
        )}
        {alerts > 0 && <a href={formatRoute([])}>{count(alerts, 'active alert')}</a>}
      </span>
    </p>
  );
}

function DeviceEvents({ id }: { id: string }): JSX.Element {
  const live = useValue(useSession().fleet.events);
  const answer = useAnswer(request('GET /devices/:id/events', { params: { id }, query: { limit: 50 } }));
  const events = mergeEvents(answer.data?.events ?? [], live, { severity: '', kind: '', device: id }).slice(
    0,
    50,
  );
  return (
    <Panel
      title="Events"
      icon="events"
      aside={<a href={formatRoute(['activity'], { device: id })}>All events</a>}
    >
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading ? (
        <Loading what="events" />
      ) : events.length === 0 && !answer.failure ? (
        <Empty icon="check" title="No events yet" />
      ) : (
        <EventRows events={events} withDevice={false} />
      )}
    </Panel>
  );
}

/** Whether what runs is what its owner signed. */
function TrustWords({ trust }: { trust: NonNullable<DeviceDetail['reported']>['trust'] }): JSX.Element {
  const mode = trust?.mode ?? 'unsigned';
  return (
    <>
      <Tag tone={mode === 'signed' ? 'ok' : 'warning'}>{trustWords[mode]}</Tag>
      {trust?.targets !== undefined && ` targets ${trust.targets}`}
      {trust?.problem !== undefined && <p>{trust.problem}</p>}
    </>
  );
}

const trustWords = {
  signed: 'Runs only signed models',
  'throw-away': 'Signed with throw-away keys',
  unsigned: 'Unsigned: runs any model',
  insecure: 'Insecure: no signature checks',
} as const;

function BoardPanel({ detail }: { detail: DeviceDetail }): JSX.Element {
  const { birth, summary } = detail;
  return (
    <Panel title="Board" icon="chip">
      {birth === undefined ? (
        <Empty icon="chip" title="The device has not reported its board yet" />
      ) : (
        <dl class="facts">
          <dt>Board</dt>
          <dd>{birth.board.name}</dd>
          <dt>System</dt>
          <dd>{birth.board.os}</dd>
          <dt>Processor</dt>
          <dd>
            {birth.board.cores} cores, {birth.board.arch}
          </dd>
          <dt>Memory</dt>
          <dd>{formatBytes(birth.board.memoryBytes)}</dd>
          {birth.board.powerMode !== undefined && (
            <>
              <dt>Power mode</dt>
              <dd>{birth.board.powerMode}</dd>
            </>
          )}
          <dt>Agent</dt>
          <dd>{birth.agentVersion}</dd>
          <dt>Session</dt>
          <dd>
            {birth.session}, since {formatTime(summary.sessionSinceMs ?? birth.timeMs)}
          </dd>
          <dt>Trust</dt>
          <dd>
            <TrustWords trust={detail.reported?.trust} />
          </dd>
          <dt>Order</dt>
          <dd>
            wanted {summary.desiredGeneration}, active {summary.reportedGeneration ?? 'none'}{' '}
            {summary.desiredGeneration === (summary.reportedGeneration ?? 0) && <Tag tone="ok">In sync</Tag>}
          </dd>
        </dl>
      )}
    </Panel>
  );
}
