import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { healthStates, type Labels, mainSlot, unwellStates } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { PlanView } from '../map/plan-view.tsx';
import { WorldView } from '../map/world-view.tsx';
import { useValue } from '../observable/value.ts';
import { mayActAs, mayActOnFleet, useSession } from '../state/app.ts';
import { formatRoute, refine, replaceQuery, route } from '../state/route.ts';
import { useAwaited, useDevices } from '../state/use-devices.ts';
import { useNarrow } from '../state/use-element.ts';
import { CheckMenu } from '../ui/check-menu.tsx';
import { count, formatNumber } from '../ui/format.ts';
import { Choice, Empty, Loading, Panel, Problem, SearchField, Segments } from '../ui/widgets.tsx';
import { mostDevices } from './bulk-actions.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { type ColumnKey, columns, type SortKey, usualColumns } from './columns.ts';
import { DeviceTable } from './device-table.tsx';
import { type FleetFilter, type FleetView, readFilter, selectDevices, writeFilter } from './filter.ts';
import { NoDevices } from './no-devices.tsx';
import { useSteadyOrder } from './steady-order.ts';
import { FleetFigures } from './summary.tsx';
import { labelPairs, useLabels } from './use-labels.ts';
import { ViewsBar } from './views-bar.tsx';

export function FleetPage(): JSX.Element {
  const { fleet } = useSession();
  const state = useValue(fleet.state);
  const total = useAwaited();
  const search = useValue(route).query.get('q');
  const found = useDevices(search ? { search } : undefined);
  const devices = useUnwell(found, total !== undefined && total > 0);
  if (state.phase === 'failed') return <Problem failure={state.failure} retry={() => fleet.load()} />;
  if (total !== undefined && devices.length === 0) return <Loading what="the fleet" />;
  if (devices.length === 0) return <NoDevices />;
  return <FleetContent devices={devices} total={total} />;
}

/** With those that are not well, which the server names while the others are on their way. */
function useUnwell(devices: readonly DeviceSummary[], asks: boolean): readonly DeviceSummary[] {
  const blind = useDevices(asks ? { health: 'blind' } : undefined);
  const offline = useDevices(asks ? { health: 'offline' } : undefined);
  const degraded = useDevices(asks ? { health: 'degraded' } : undefined);
  return useMemo(() => {
    if (!asks) return devices;
    const all = [...blind, ...offline, ...degraded, ...devices].map((one) => [one.id, one] as const);
    return [...new Map(all).values()];
  }, [devices, blind, offline, degraded, asks]);
}

/** `total`: so many devices there are, of which these are the first that came. */
function FleetContent({
  devices,
  total,
}: {
  devices: readonly DeviceSummary[];
  total: number | undefined;
}): JSX.Element {
  const { me } = useSession();
  const [bulk, setBulk] = useState<readonly string[] | undefined>(undefined);
  const query = useValue(route).query;
  const filter = useMemo(() => readFilter(query), [query]);
  const { labels, reload } = useLabels();
  const shown = useMemo(() => selectDevices(devices, filter, labels), [devices, filter, labels]);
  const table = useRef<HTMLDivElement>(null);
  // A page that is still loading sorts with each part that comes.
  const key = JSON.stringify([filter, total === undefined ? '' : devices.length]);
  const order = useSteadyOrder(shown, key, () => isHeld(table.current));
  const change = (part: Partial<FleetFilter>): void => refine(writeFilter({ ...filter, ...part }));
  const sortBy = (key: SortKey): void => {
    const numeric = key !== 'id' && key !== 'model';
    change({ sort: key, descending: filter.sort === key ? !filter.descending : numeric });
  };
  // Below 761 pixels a device is a card.
  const [isNarrow, isPhone] = [useNarrow(1100), useNarrow(760)];
  const own = filter.columns ?? usualColumns(devices, isNarrow && !isPhone);

  return (
    <>
      <h1 class="off-screen">Devices</h1>
      <FleetFigures devices={devices} total={total} />
      <Panel
        title="Devices"
        icon="chip"
        class={`panel-flush${filter.search === '' ? '' : ' fleet-narrowed'}`}
        aside={
          <div class="tools">
            <span class="sub" role="status">
              {total !== undefined
                ? `Loading: ${formatNumber(devices.length)} of ${count(total, 'device')}`
                : shown.length === devices.length
                  ? count(devices.length, 'device')
                  : `${formatNumber(shown.length)} of ${count(devices.length, 'device')}`}
            </span>
            {order.isOld && filter.view === '' && (
              <button type="button" class="button" onClick={order.sortAgain}>
                Sort again
              </button>
            )}
            {mayActOnFleet(me, 'admin') && (
              <a class="button" href={formatRoute(['settings', 'enrolment'])}>
                Add a device
              </a>
            )}
            {mayActAs(me, 'operator') && (
              <button
                type="button"
                class="button"
                disabled={total !== undefined || shown.length === 0 || shown.length > mostDevices}
                title={
                  shown.length > mostDevices
                    ? `For at most ${mostDevices} devices: filter them, or make a rollout`
                    : undefined
                }
                onClick={() => setBulk(shown.map(({ id }) => id))}
              >
                Act on these
              </button>
            )}
          </div>
        }
      >
        <Filters devices={devices} labels={labels} filter={filter} columns={own} onChange={change} />
        {shown.length === 0 && total === undefined ? (
          <Empty icon="search" title="No device matches these filters">
            <button type="button" class="button" onClick={() => replaceQuery({})}>
              Clear the filters
            </button>
          </Empty>
        ) : filter.view === 'map' ? (
          <WorldView devices={shown} labels={labels} />
        ) : filter.view === 'plan' ? (
          <PlanView
            devices={shown}
            labels={labels}
            site={filter.site}
            onSite={(site) => change({ site })}
            onLabels={reload}
          />
        ) : (
          <div ref={table}>
            <DeviceTable devices={order.rows} filter={filter} labels={labels} shown={own} onSort={sortBy} />
          </div>
        )}
      </Panel>
      {bulk && <BulkDialog ids={bulk} onClose={() => setBulk(undefined)} />}
    </>
  );
}

/** The pointer or the focus is at the rows, or somebody reads further down. */
function isHeld(table: HTMLElement | null): boolean {
  if (table === null) return false;
  return table.matches(':hover, :focus-within') || table.getBoundingClientRect().top < 0;
}

const views: readonly (readonly [FleetView, string])[] = [
  ['', 'Table'],
  ['map', 'Map'],
  ['plan', 'Plan'],
];

/** The first one is always there. */
const optional = columns.slice(1).map(({ key, name }): readonly [ColumnKey, string] => [key, name]);

function Filters(props: {
  devices: readonly DeviceSummary[];
  labels: ReadonlyMap<string, Labels>;
  filter: FleetFilter;
  columns: readonly ColumnKey[];
  onChange: (part: Partial<FleetFilter>) => void;
}): JSX.Element {
  const { filter, onChange } = props;
  const { groups, models } = useMemo(() => choicesOf(props.devices), [props.devices]);
  const pairs = useMemo(() => labelPairs(props.labels), [props.labels]);
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
      {pairs.length > 0 && (
        <Choice
          label="Label"
          value={filter.label}
          options={[['', 'All'], ...pairs.map((pair) => [pair, pair] as const)]}
          onChange={(label) => onChange({ label })}
        />
      )}
      <Segments label="Show as" options={views} chosen={filter.view} choose={(view) => onChange({ view })} />
      {filter.view === '' && (
        <CheckMenu
          name="Columns"
          options={optional}
          chosen={props.columns}
          onChange={(chosen) => onChange({ columns: [columns[0].key, ...chosen] })}
        />
      )}
      <ViewsBar />
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
