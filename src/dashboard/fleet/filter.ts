import { type HealthState, type Labels, mainSlot, unwellStates } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { isBehind } from '../ui/is-behind.ts';
import { type ColumnKey, readColumns, type SortKey, sortKeys } from './columns.ts';

export type StatusFilter = '' | 'online' | UnwellState | 'offline' | 'attention' | 'deploying';
type UnwellState = (typeof unwellStates)[number];
export type FleetView = '' | 'map' | 'plan';
export interface FleetFilter {
  readonly search: string;
  readonly group: string;
  readonly status: StatusFilter;
  /** Digest of a model. */
  readonly model: string;
  /** `site=west`, or a key alone. */
  readonly label: string;
  /** Undefined: the usual ones. */
  readonly columns: readonly ColumnKey[] | undefined;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly view: FleetView;
  /** Of the plan. */
  readonly site: string;
}

const views: readonly FleetView[] = ['', 'map', 'plan'];

const settled = new Set(['idle', 'committed', 'failed']);

/** True while a deployment is under way, or desired and not begun. */
export function isDeploying(device: DeviceSummary): boolean {
  const state = device.slots[mainSlot]?.deployment.state;
  if (state !== undefined && !settled.has(state)) return true;
  return device.online && isBehind(device);
}

/** Not well, or an alert fires: somebody should look. The same everywhere on the page. */
export function needsAttention(device: DeviceSummary): boolean {
  const failed = device.slots[mainSlot]?.deployment.state === 'failed';
  return healthRank(device) > 0 || (device.alerts ?? 0) > 0 || failed;
}

/** Worst last. Devices are often offline; one that is there and blind needs a look now. */
const healthOrder: readonly HealthState[] = ['ok', 'offline', ...unwellStates];

function healthRank({ health }: DeviceSummary): number {
  return healthOrder.indexOf(health.state);
}

const statusTests: Record<StatusFilter, (device: DeviceSummary) => boolean> = {
  '': () => true,
  online: (device) => device.online,
  ...(Object.fromEntries(
    unwellStates.map((state) => [state, (device: DeviceSummary) => device.health.state === state]),
  ) as Record<UnwellState, (device: DeviceSummary) => boolean>),
  offline: (device) => !device.online,
  attention: needsAttention,
  deploying: isDeploying,
};

// A device that is offline has no current numbers, whatever its last ones were.
const live = (device: DeviceSummary, value: number | undefined) => (device.online ? value : undefined);
const sortValues: Record<SortKey, (device: DeviceSummary) => number | string | undefined> = {
  id: (device) => device.id,
  // Between those that are well, one that needs attention for another reason comes first.
  health: (device) => healthRank(device) || (needsAttention(device) ? 0.5 : 0),
  fps: (device) => live(device, device.fps),
  latency: (device) => live(device, device.latencyP99Ms),
  temperature: (device) => live(device, device.temperatureC),
  power: (device) => live(device, device.powerW),
  model: modelName,
  alerts: (device) => (device.alerts ?? 0) * 1_000_000 + device.warnings,
};

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The devices to show, in order. What has no value comes last in both directions. */
export function selectDevices(
  devices: readonly DeviceSummary[],
  filter: FleetFilter,
  labels: ReadonlyMap<string, Labels> = new Map(),
): DeviceSummary[] {
  const [key = '', value] = filter.label.split('=');
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = devices.filter(
    (device) =>
      statusTests[filter.status](device) &&
      (filter.group === '' || device.groups.includes(filter.group)) &&
      (filter.model === '' || device.slots[mainSlot]?.loaded?.digest === filter.model) &&
      (key === '' || hasLabel(labels.get(device.id), key, value)) &&
      words.every((word) => textOf(device).includes(word)),
  );
  const valueIn = sortValues[filter.sort];
  const sign = filter.descending ? -1 : 1;
  return shown.sort((a, b) => {
    const left = valueIn(a);
    const right = valueIn(b);
    if (left !== right) {
      if (left === undefined) return 1;
      if (right === undefined) return -1;
      const order =
        typeof left === 'number' && typeof right === 'number'
          ? left - right
          : natural.compare(String(left), String(right));
      if (order !== 0) return order * sign;
    }
    return natural.compare(a.id, b.id);
  });
}

function hasLabel(labels: Labels | undefined, key: string, value: string | undefined): boolean {
  const own = labels?.[key];
  return own !== undefined && (value === undefined || value === own);
}

function modelName({ slots }: DeviceSummary): string | undefined {
  const model = slots[mainSlot]?.loaded;
  return model && `${model.name} ${model.version}`;
}

function textOf(device: DeviceSummary): string {
  return `${device.id} ${device.board ?? ''} ${device.groups.join(' ')} ${device.cameras.join(' ')} ${modelName(device) ?? ''} ${device.slots[mainSlot]?.loaded?.digest ?? ''}`.toLowerCase();
}

/** What needs attention on top. */
const usualSort: SortKey = 'health';

/** Filter from the address, so that a view can be shared as a link. */
export function readFilter(query: ReadonlyMap<string, string>): FleetFilter {
  const status = query.get('status') ?? '';
  const sort = sortKeys.find((key) => key === query.get('sort')) ?? usualSort;
  const order = query.get('order');
  return {
    search: query.get('q') ?? '',
    group: query.get('group') ?? '',
    status: Object.hasOwn(statusTests, status) ? (status as StatusFilter) : '',
    model: query.get('model') ?? '',
    label: query.get('label') ?? '',
    columns: readColumns(query.get('columns')),
    sort,
    descending: order === undefined ? sort === usualSort : order === 'down',
    view: views.find((one) => one === query.get('view')) ?? '',
    site: query.get('site') ?? '',
  };
}

export function writeFilter(filter: FleetFilter): Record<string, string | undefined> {
  return {
    q: filter.search || undefined,
    group: filter.group || undefined,
    status: filter.status || undefined,
    model: filter.model || undefined,
    label: filter.label || undefined,
    columns: filter.columns?.join(','),
    sort: filter.sort === usualSort ? undefined : filter.sort,
    order: filter.descending === (filter.sort === usualSort) ? undefined : filter.descending ? 'down' : 'up',
    view: filter.view || undefined,
    site: (filter.view === 'plan' && filter.site) || undefined,
  };
}
