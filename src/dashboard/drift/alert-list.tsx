import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, request } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import type { Alert } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { mayActAs, mayActOnFleet, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { formatAgo, formatDuration, formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { SeverityTag } from '../ui/status.tsx';
import { Empty, Loading, Panel, Problem, Segments, Tag } from '../ui/widgets.tsx';
import { AlertMarks } from './alert-marks.tsx';

const shownAlerts = [
  ['firing', 'Firing'],
  ['all', 'All'],
] as const;

/** Alerts that fire, or all of them; an operator acknowledges here. */
export function AlertsPanel(): JSX.Element {
  const { me, fleet } = useSession();
  const [all, setAll] = useState(false);
  const answer = useAnswer(
    request('GET /alerts', { query: all ? { limit: 50 } : { state: 'firing', limit: 200 } }),
    10_000,
  );
  const revision = useValue(fleet.driftRevision);
  useEffect(() => answer.reload(), [revision]);
  const now = useNow(5000);
  const alerts = answer.data?.alerts ?? [];
  return (
    <Panel
      title="Alerts"
      icon="bell"
      aside={
        <Segments
          label="Which alerts"
          options={shownAlerts}
          chosen={all ? 'all' : 'firing'}
          choose={(key) => setAll(key === 'all')}
        />
      }
    >
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading ? (
        <Loading what="alerts" />
      ) : alerts.length === 0 && !answer.failure ? (
        <Empty icon="check" title={all ? 'No alerts yet' : 'No active alerts'}>
          {mayActOnFleet(me, 'admin') ? (
            <p>
              <a href={formatRoute(['settings', 'rules'])}>Rules</a> define alerts.
            </p>
          ) : (
            <p>Rules of an admin define alerts.</p>
          )}
        </Empty>
      ) : (
        <ol class="event-list">
          {alerts.map((alert) => (
            <AlertRow key={alert.id} alert={alert} now={now} changed={answer.reload} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function AlertRow(props: { alert: Alert; now: number; changed: () => void }): JSX.Element {
  const { alert, now } = props;
  const { me } = useSession();
  const acknowledge = async (): Promise<void> => {
    try {
      await call('POST /alerts/:id/acknowledge', { params: { id: alert.id } });
      notify('ok', 'Acknowledged: no more reminders.');
    } catch (error) {
      const failure = asFailure(error);
      notify('error', `${failure.message} ${failure.remedy}`);
    }
    props.changed();
  };
  const firing = alert.state === 'firing';
  return (
    <li class={`event event-${firing ? alert.severity : 'info'} alert-row`} data-alert={alert.state}>
      <div class="event-head">
        {firing ? <SeverityTag severity={alert.severity} /> : <Tag tone="ok">Resolved</Tag>}
        <span class="event-kind">{alert.ruleName}</span>
        <time class="sub" dateTime={new Date(alert.sinceMs).toISOString()} title={formatTime(alert.sinceMs)}>
          {firing || alert.resolvedMs === undefined
            ? `for ${formatDuration(now - alert.sinceMs)}`
            : `${formatAgo(alert.resolvedMs, now)}, after ${formatDuration(alert.resolvedMs - alert.sinceMs)}`}
        </time>
      </div>
      <p class="event-message">
        {alert.device === undefined ? (
          alert.summary
        ) : (
          <a class="alert-link" href={formatRoute(['devices', alert.device])}>
            {alert.summary}
          </a>
        )}
      </p>
      <p class="sub alert-foot">
        <AlertMarks alert={alert} now={now} />
        {alert.delivery?.state === 'failed' && (
          <span class="alert-note tone-error">
            <Icon name="error" />
            Not delivered: {alert.delivery.error}
          </span>
        )}
        {alert.delivery?.state === 'waiting' && <span>Sending the message…</span>}
        {!firing && alert.endReason !== undefined && alert.endReason !== 'over' && (
          <span>{alert.endReason === 'merged' ? 'Merged into a wider alert' : alert.endReason}</span>
        )}
      </p>
      {firing && alert.acknowledgedMs === undefined && mayActAs(me, 'operator') && (
        <button type="button" class="button alert-action" onClick={acknowledge}>
          Acknowledge
        </button>
      )}
    </li>
  );
}
