import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { healthStates, mainSlot, unwellStates } from '../../api/index.ts';
import { request } from '../api/client.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { FiringPanel } from '../drift/alert-list.tsx';
import { EventRows } from '../events/event-list.tsx';
import { mergeEvents } from '../events/merge.ts';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute, refine, route } from '../state/route.ts';
import { useNarrow } from '../state/use-element.ts';
import { count, formatNumber } from '../ui/format.ts';
import { Choice, Empty, Loading, Panel, Problem, SearchField } from '../ui/widgets.tsx';
import { DeviceTable } from './device-table.tsx';
import { type FleetFilter, readFilter, type SortKey, selectDevices, writeFilter } from './filter.ts';
import { FleetFigures } from './summary.tsx';

export function FleetPage(): JSX.Element {
  const { fleet } = useSession();
  const state = useValue(fleet.state);
  if (state.phase === 'failed') return <Problem failure={state.failure} retry={() => fleet.load()} />;
  if (state.phase === 'loading') {
    const progress =
      state.total !== undefined && state.total > 1000 ? ` (${state.loaded} of ${state.total})` : '';
    return <Loading what={`the fleet${progress}`} />;
  }
  if (state.devices.length === 0) return <NoDevices />;
  return <FleetView devices={state.devices} />;
}

function NoDevices(): JSX.Element {
  const { me, fleet } = useSession();
  const broker = useValue(fleet.summary)?.broker;
  return (
    <Empty icon="chip" title="No device has reported yet">
      {mayActAs(me, 'admin') && (
        <p>
          <a class="button button-main" href={formatRoute(['add-device'])}>
            Add a device
          </a>
        </p>
      )}
      <p>Or start an agent with this fleet's broker in its settings:</p>
      <pre>goshawk agent --config agent.json</pre>
      <p>It appears here within seconds.</p>
      {broker !== undefined && broker !== 'online' && (
        <p class="tone-warning">
          The controller's own connection to the broker is {broker}, so it receives no data from devices.
        </p>
      )}
    </Empty>
  );
}

function FleetView({ devices }: { devices: readonly DeviceSummary[] }): JSX.Element {
  const query = useValue(route).query;
  const filter = useMemo(() => readFilter(query), [query]);
  const shown = useMemo(() => selectDevices(devices, filter), [devices, filter]);
  const change = (part: Partial<FleetFilter>): void => refine(writeFilter({ ...filter, ...part }));
  const sortBy = (key: SortKey): void => {
    const numeric = key !== 'id' && key !== 'model';
    change({ sort: key, descending: filter.sort === key ? !filter.descending : numeric });
  };
  const thermal = devices.some((device) => device.temperatureC !== undefined || device.powerW !== undefined);

  return (
    <>
      <h1 class="off-screen">Fleet</h1>
      <FleetFigures devices={devices} />
      <div class="fleet-columns">
        <Panel
          title="Devices"
          icon="chip"
          class="panel-flush"
          aside={
            <span class="sub" role="status">
              {shown.length === devices.length
                ? count(devices.length, 'device')
                : `${formatNumber(shown.length)} of ${count(devices.length, 'device')}`}
            </span>
          }
        >
          <Filters devices={devices} filter={filter} onChange={change} />
          {shown.length === 0 ? (
            <Empty icon="search" title="No device matches these filters">
              <button type="button" class="button" onClick={() => refine({})}>
                Clear the filters
              </button>
            </Empty>
          ) : (
            <DeviceTable devices={shown} filter={filter} thermal={thermal} onSort={sortBy} />
          )}
        </Panel>
        <Attention />
      </div>
    </>
  );
}

function Filters(props: {
  devices: readonly DeviceSummary[];
  filter: FleetFilter;
  onChange: (part: Partial<FleetFilter>) => void;
}): JSX.Element {
  const { filter, onChange } = props;
  const { groups, models } = useMemo(() => choicesOf(props.devices), [props.devices]);
  return (
    <div class="filters">
      <SearchField value={filter.search} label="Search devices" onInput={(search) => onChange({ search })} />
      <Choice
        label="Status"
        value={filter.status}
        options={[
          ['', 'All'],
          ['online', 'Online'],
          ...[...unwellStates, 'offline' as const].map((state): readonly [string, string] => [
            state,
            healthStates[state].words,
          ]),
          ['attention', 'Need attention'],
          ['deploying', 'Deploying'],
        ]}
        onChange={(status) => onChange({ status: status as FleetFilter['status'] })}
      />
      <Choice label="Group" value={filter.group} options={groups} onChange={(group) => onChange({ group })} />
      <Choice label="Model" value={filter.model} options={models} onChange={(model) => onChange({ model })} />
    </div>
  );
}

type Options = readonly (readonly [string, string])[];

function choicesOf(devices: readonly DeviceSummary[]): { groups: Options; models: Options } {
  const groups = new Set<string>();
  const models = new Map<string, string>();
  for (const device of devices) {
    for (const group of device.groups) groups.add(group);
    const model = device.slots[mainSlot]?.loaded;
    if (model) models.set(model.digest, `${model.name} ${model.version}`);
  }
  return {
    groups: [['', 'All'], ...[...groups].sort().map((name) => [name, name] as const)],
    models: [['', 'All'], ...[...models].sort((a, b) => a[1].localeCompare(b[1]))],
  };
}

const warningsOnly = { severity: 'warning', kind: '', device: '' } as const;

/** What fires now, and what was warned of lately: an alert is a rule that holds, a warning is an event. */
function Attention(): JSX.Element {
  const { fleet } = useSession();
  const live = useValue(fleet.events);
  const answer = useAnswer(request('GET /events', { query: { severity: 'warning', limit: 12 } }), 60_000);
  // Beside the table there is room; above it only the newest few stand.
  const above = useNarrow(1400);
  const events = mergeEvents(answer.data?.events ?? [], live, warningsOnly).slice(0, above ? 3 : 8);
  return (
    <div class="attention">
      <FiringPanel most={above ? 3 : 12} />
      {(!above || events.length > 0) && (
        <Panel
          title="Latest warnings"
          icon="warning"
          aside={<a href={formatRoute(['events'], { severity: 'warning' })}>All warnings</a>}
        >
          {answer.failure && events.length === 0 ? (
            <Problem failure={answer.failure} retry={answer.reload} />
          ) : answer.loading && events.length === 0 ? (
            <Loading what="warnings" />
          ) : events.length === 0 ? (
            <Empty icon="check" title="No warnings" />
          ) : (
            <EventRows events={events} withDevice />
          )}
        </Panel>
      )}
    </div>
  );
}
