import type { JSX } from 'preact';
import type { Alert } from '../api/types.ts';
import { formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { personOf } from './actor.ts';

/** The person who handles an alert, and the end of its silence. */
export function AlertMarks({ alert, now }: { alert: Alert; now: number }): JSX.Element {
  const { acknowledgedBy, assigned, silence } = alert;
  return (
    <>
      {acknowledgedBy !== undefined && (
        <span class="alert-note">
          <Icon name="check" />
          Acknowledged by {personOf(acknowledgedBy)}
        </span>
      )}
      {assigned !== undefined && (
        <span class="alert-note" title={`By ${personOf(assigned.by)}, ${formatTime(assigned.timeMs)}`}>
          <Icon name="person" />
          Assigned to {assigned.to}
        </span>
      )}
      {silence !== undefined && silence.untilMs > now && (
        <span class="alert-note" title={silence.reason}>
          <Icon name="pause" />
          Silent until {formatTime(silence.untilMs)}, by {personOf(silence.by)}
          {silence.reason !== undefined && `: ${silence.reason}`}
        </span>
      )}
    </>
  );
}
