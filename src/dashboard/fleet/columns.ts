import type { DeviceSummary } from '../api/types.ts';

export const sortKeys = [
  'id',
  'health',
  'fps',
  'latency',
  'temperature',
  'power',
  'model',
  'alerts',
] as const;
export type SortKey = (typeof sortKeys)[number];

interface ColumnSpec {
  readonly key: string;
  readonly name: string;
  /** Of the grid. */
  readonly width: string;
  readonly sort?: SortKey;
  readonly number?: boolean;
  /** Shown only where somebody asks for it. */
  readonly extra?: boolean;
}

/** Columns of the table of devices, in their order. The first is always there. */
export const columns = [
  { key: 'device', name: 'Device', width: 'minmax(11.25rem, 2.6fr)', sort: 'id' },
  { key: 'status', name: 'Health', width: '6rem', sort: 'health' },
  { key: 'fps', name: 'Frames/s', width: '8.5rem', sort: 'fps', number: true },
  { key: 'latency', name: 'Latency p99', width: 'minmax(5.5rem, 0.7fr)', sort: 'latency', number: true },
  { key: 'thermal', name: 'Temp / power', width: '5.75rem', sort: 'temperature', number: true },
  { key: 'model', name: 'Model', width: 'minmax(9.1rem, 1.3fr)', sort: 'model' },
  { key: 'deployment', name: 'Deployment', width: '7.25rem' },
  { key: 'labels', name: 'Labels', width: 'minmax(7rem, 1fr)', extra: true },
  { key: 'agent', name: 'Agent', width: '6rem', extra: true },
  { key: 'warnings', name: 'Alerts', width: '3.2rem', sort: 'alerts', number: true },
] as const satisfies readonly ColumnSpec[];

export type ColumnKey = (typeof columns)[number]['key'];
export type Column = ColumnSpec & { readonly key: ColumnKey };

/** The default columns: boards without sensors need no column for them, and a tight window has no room for it. */
export function usualColumns(devices: readonly DeviceSummary[], isTight: boolean): ColumnKey[] {
  const hasSensors =
    !isTight &&
    devices.some(({ temperatureC, powerW }) => temperatureC !== undefined || powerW !== undefined);
  return (columns as readonly Column[])
    .filter(({ key, extra }) => extra !== true && (key !== 'thermal' || hasSensors))
    .map(({ key }) => key);
}

/** From the address, in the order of the table; undefined where it names none. */
export function readColumns(text: string | undefined): ColumnKey[] | undefined {
  if (text === undefined) return undefined;
  const named = new Set(text.split(','));
  return columns.map(({ key }) => key).filter((key) => key === 'device' || named.has(key));
}

/** Lines of a card on a phone beside the first, with the columns that share each, in pixels. */
const cardLines: readonly (readonly [height: number, keys: readonly ColumnKey[]])[] = [
  [46, ['fps', 'latency', 'thermal', 'warnings']],
  [45, ['model', 'deployment']],
  [28, ['labels', 'agent']],
];

/** How high each card is, in pixels: all of them alike, as only those near the window exist. */
export function cardHeight(shown: readonly ColumnKey[]): number {
  const lines = cardLines.filter(([, keys]) => keys.some((key) => shown.includes(key)));
  return lines.reduce((sum, [height]) => sum + height, 61);
}
