import type { JSX } from 'preact';
import { controllerId } from '../../api/index.ts';
import type { FleetEvent } from '../api/types.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { formatAgo, formatTime, wordsOf } from '../ui/format.ts';
import { SeverityTag } from '../ui/status.tsx';

/** Events, newest first. `withDevice` names the device of each with a link. */
export function EventRows(props: { events: readonly FleetEvent[]; withDevice: boolean }): JSX.Element {
  const now = useNow(10_000);
  return (
    <ol class="event-list">
      {props.events.map((event) => (
        <EventRow key={event.id} event={event} nowMs={now} withDevice={props.withDevice} />
      ))}
    </ol>
  );
}

export function EventRow(props: { event: FleetEvent; nowMs: number; withDevice: boolean }): JSX.Element {
  const { event, nowMs, withDevice } = props;
  return (
    <li class={`event event-${event.severity}`}>
      <div class="event-head">
        <SeverityTag severity={event.severity} />
        <span class="event-kind" title={event.kind}>
          {wordsOf(event.kind)}
        </span>
        <time class="sub" dateTime={new Date(event.timeMs).toISOString()} title={formatTime(event.timeMs)}>
          {formatAgo(event.timeMs, nowMs)}
        </time>
      </div>
      <p class="event-message">{event.message}</p>
      {(withDevice || event.camera !== undefined) && (
        <p class="sub">
          {withDevice && <Whose device={event.device} />}
          {event.camera !== undefined && <span> camera {event.camera}</span>}
        </p>
      )}
    </li>
  );
}

/** The controller tells events of its own under its name, and has no page. */
function Whose({ device }: { device: string }): JSX.Element {
  if (device === controllerId) return <span>The controller</span>;
  return <a href={formatRoute(['devices', device])}>{device}</a>;
}
