import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ApiRequest, request } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { EventList, FleetEvent, Severity } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { refine, route } from '../state/route.ts';
import { Choice, Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { EventRows } from './event-list.tsx';
import { type EventFilter, mergeEvents } from './merge.ts';

const severities = ['info', 'warning', 'error', 'critical'] as const;
const pageSize = 100;

/** Everything that happened, newest first; new events come in by themselves. */
export function EventsPage(): JSX.Element {
  const { fleet } = useSession();
  const query = useValue(route).query;
  const filter: EventFilter = {
    severity: severities.find((severity) => severity === query.get('severity')) ?? '',
    kind: query.get('kind') ?? '',
    device: query.get('device') ?? '',
  };
  const change = (part: Partial<EventFilter>): void => refine({ ...filter, ...part });
  const state = useValue(fleet.state);
  const devices = state.phase === 'ready' ? state.devices.map((device) => device.id).sort() : [];
  return (
    <>
      <header class="page-head">
        <h1>Events</h1>
      </header>
      <Panel title="Events" icon="events" class="panel-flush">
        <div class="filters">
          <Choice
            label="Severity"
            value={filter.severity}
            options={[
              ['', 'All'],
              ['warning', 'Warning and above'],
              ['error', 'Error and above'],
              ['critical', 'Critical'],
            ]}
            onChange={(severity) => change({ severity: severity as Severity | '' })}
          />
          <label class="choice">
            <span class="choice-label">Kind</span>
            <input
              type="text"
              value={filter.kind}
              placeholder="deployment"
              onChange={(event) => change({ kind: event.currentTarget.value.trim() })}
            />
          </label>
          <label class="choice">
            <span class="choice-label">Device</span>
            <input
              type="text"
              list="event-devices"
              value={filter.device}
              placeholder="All"
              onChange={(event) => change({ device: event.currentTarget.value.trim() })}
            />
            <datalist id="event-devices">
              {devices.slice(0, 500).map((id) => (
                <option key={id} value={id} />
              ))}
            </datalist>
          </label>
        </div>
        <FilteredEvents key={JSON.stringify(filter)} filter={filter} />
      </Panel>
    </>
  );
}

function pageOfEvents({ device, severity, kind }: EventFilter, before?: number): ApiRequest<EventList> {
  const query = { severity: severity || undefined, kind: kind || undefined, limit: pageSize, before };
  return device === ''
    ? request('GET /events', { query })
    : request('GET /devices/:id/events', { params: { id: device }, query });
}

function FilteredEvents({ filter }: { filter: EventFilter }): JSX.Element {
  const live = useValue(useSession().fleet.events);
  const answer = useAnswer(pageOfEvents(filter));
  const [older, setOlder] = useState<readonly FleetEvent[]>([]);
  const [next, setNext] = useState<number | undefined>(undefined);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  useEffect(() => setNext(answer.data?.next), [answer.data]);

  const loadOlder = async (): Promise<void> => {
    setFailure(undefined);
    try {
      const page = await pageOfEvents(filter, next).send();
      setOlder((known) => [...known, ...page.events]);
      setNext(page.next);
    } catch (error) {
      setFailure(asFailure(error));
    }
  };

  if (answer.failure) return <Problem failure={answer.failure} retry={answer.reload} />;
  if (answer.data === undefined) return <Loading what="events" />;
  const events = mergeEvents([...answer.data.events, ...older], live, filter);
  if (events.length === 0) {
    return (
      <Empty
        icon="check"
        title={
          filter.severity || filter.kind || filter.device ? 'No event matches these filters' : 'No events yet'
        }
      />
    );
  }
  return (
    <>
      <EventRows events={events} withDevice />
      {failure && <Problem failure={failure} />}
      {next !== undefined && (
        <button type="button" class="button more" onClick={loadOlder}>
          Show older events
        </button>
      )}
    </>
  );
}
