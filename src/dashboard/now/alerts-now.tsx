import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import type { Alert } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { type AlertAction, AlertActionDialog } from '../drift/alert-actions.tsx';
import { AlertMarks } from '../drift/alert-marks.tsx';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { count, formatDuration } from '../ui/format.ts';
import { SeverityTag } from '../ui/status.tsx';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { type AlertGroup, groupAlerts } from './alert-groups.ts';

const mostAlerts = 1000;
/** More of one cause are folded. */
const mostInSight = 3;

/** Active alerts, one card for each cause. */
export function AlertsNow(): JSX.Element {
  const { fleet } = useSession();
  const answer = useAnswer(request('GET /alerts', { query: { state: 'firing', limit: mostAlerts } }), 10_000);
  const revision = useValue(fleet.driftRevision);
  useEffect(() => answer.reload(), [revision]);
  const now = useNow(5000);
  const groups = groupAlerts(answer.data?.alerts ?? [], now);
  return (
    <Panel title="Alerts" icon="bell" aside={<a href={formatRoute(['drift'])}>All alerts</a>}>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading ? (
        <Loading what="alerts" />
      ) : groups.length === 0 && !answer.failure ? (
        <Empty icon="check" title="No active alerts" />
      ) : (
        <ol class="causes">
          {groups.map((group) => (
            <Cause key={group.rule} group={group} now={now} changed={answer.reload} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

const actions = [
  ['acknowledge', 'Acknowledge'],
  ['silence', 'Silence'],
  ['assign', 'Assign'],
] as const satisfies readonly (readonly [AlertAction, string])[];

function Cause(props: { group: AlertGroup; now: number; changed: () => void }): JSX.Element {
  const { group, now } = props;
  const { me } = useSession();
  const [asked, setAsked] = useState<AlertAction | undefined>(undefined);
  const { name, alerts, severity, sinceMs, open } = group;
  const isAcknowledged = alerts.every(({ acknowledgedMs }) => acknowledgedMs !== undefined);
  return (
    <li class={`cause event-${severity}${open === 0 ? ' cause-held' : ''}`} data-cause={name}>
      <div class="event-head">
        <SeverityTag severity={severity} />
        <h3 class="event-kind">{name}</h3>
        <span class="sub">
          {count(alerts.length, 'alert')}, for {formatDuration(now - sinceMs)}
        </span>
      </div>
      {alerts.length <= mostInSight ? (
        <Alerts alerts={alerts} now={now} />
      ) : (
        <details>
          <summary>{summaryOf(group)}</summary>
          <Alerts alerts={alerts} now={now} />
        </details>
      )}
      {mayActAs(me, 'operator') && (
        <p class="cause-actions">
          {actions
            .filter(([action]) => action !== 'acknowledge' || !isAcknowledged)
            .map(([action, word]) => (
              <button
                key={action}
                type="button"
                class="button"
                aria-label={`${word} ${name}`}
                onClick={() => setAsked(action)}
              >
                {word}
              </button>
            ))}
        </p>
      )}
      {asked !== undefined && (
        <AlertActionDialog
          action={asked}
          name={name}
          alerts={asked === 'acknowledge' ? alerts.filter((one) => one.acknowledgedMs === undefined) : alerts}
          onClose={() => setAsked(undefined)}
          onChanged={props.changed}
        />
      )}
    </li>
  );
}

function Alerts({ alerts, now }: { alerts: readonly Alert[]; now: number }): JSX.Element {
  return (
    <ul class="cause-alerts">
      {alerts.map((alert) => (
        <li key={alert.id}>
          {alert.device === undefined ? (
            alert.summary
          ) : (
            <a href={formatRoute(['devices', alert.device])}>{alert.summary}</a>
          )}
          <span class="sub alert-foot">
            <AlertMarks alert={alert} now={now} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Whom it is about, as far as there is room. */
function summaryOf({ alerts, open }: AlertGroup): string {
  const subjects = alerts.slice(0, 4).map(({ subject }) => subject);
  const more = alerts.length > subjects.length ? ` and ${alerts.length - subjects.length} more` : '';
  const held = open < alerts.length ? `; ${alerts.length - open} taken care of` : '';
  return `${subjects.join(', ')}${more}${held}`;
}
