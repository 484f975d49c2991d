import { deviceIdPattern, root } from './ids.ts';
import { type TopicRow, topicTable } from './topic-table.ts';
import type { Qos, SubscribeOptions } from './transport.ts';

type Table = typeof topicTable;
export type TopicName = keyof Table;

/** Topics that this side publishes. */
export type TopicFrom<Side extends TopicRow['from']> = {
  [K in TopicName]: Table[K]['from'] extends Side ? K : never;
}[TopicName];

type LevelOf<K extends TopicName> = Table[K] extends { readonly level: infer L extends string } ? L : never;

/** The meaning of a topic: its row, its device and its last level by name. */
export type Place<K extends TopicName = TopicName> = {
  [Name in K]: { readonly kind: Name; readonly device: string } & Readonly<Record<LevelOf<Name>, string>>;
}[K];

type Builders = {
  readonly [K in TopicName]: LevelOf<K> extends never
    ? (device: string) => string
    : (device: string, level: string) => string;
};

const rows: readonly (readonly [TopicName, TopicRow])[] = Object.entries(topicTable).map(([name, row]) => [
  name as TopicName,
  row,
]);
const byName: ReadonlyMap<string, TopicRow> = new Map(rows);

export const topics = Object.fromEntries(
  rows.map(([name]) => [
    name,
    (device: string, level?: string) =>
      level === undefined ? `${root}/${device}/${name}` : `${root}/${device}/${name}/${level}`,
  ]),
) as Builders;

const devicePattern = new RegExp(deviceIdPattern);

/** The meaning of a topic, or undefined for one that is not ours. */
export function parseTopic(topic: string): Place | undefined {
  const [product, version, device, kind, rest, ...more] = topic.split('/');
  if (`${product}/${version}` !== root || device === undefined || kind === undefined || more.length > 0)
    return undefined;
  const row = byName.get(kind);
  if (row === undefined || !devicePattern.test(device)) return undefined;
  if (row.level === undefined) return rest === undefined ? ({ kind, device } as Place) : undefined;
  return rest === undefined || rest === '' ? undefined : ({ kind, device, [row.level]: rest } as Place);
}

const namesFrom = (from: TopicRow['from'], level: string) =>
  rows.filter(([, row]) => row.from === from).map(([name, row]) => (row.level ? `${name}/${level}` : name));

/**
 * What a device may do, as filters below `goshawk/1/<device>/`. The controller may do everything below `goshawk/1/`, and
 * nobody else anything: every broker's access list is made of this.
 */
export const deviceAccess = {
  publish: namesFrom('device', '+'),
  subscribe: namesFrom('controller', '#'),
} as const;

/** Filters of what a device publishes for programs of the site; `device` may be `+`. */
export function programTopics(device: string): readonly string[] {
  return rows
    .filter(([, { to }]) => to === 'programs')
    .map(([name, { level }]) => `${root}/${device}/${name}${level ? '/+' : ''}`);
}

/** Largest packet that a broker must take: the largest payload, with room for its topic and properties. */
export const maxPacketBytes = Math.max(...rows.map(([, { maxBytes }]) => maxBytes)) + 4096;

/** Topics of a device that the broker keeps. */
export function retainedTopics(device: string): readonly string[] {
  return rows.filter(([, { retained }]) => retained).map(([name]) => `${root}/${device}/${name}`);
}

export interface Subscription {
  readonly filter: string;
  readonly qos: Qos;
  readonly options?: SubscribeOptions;
}

export function deviceSubscriptions(device: string): readonly Subscription[] {
  return rows
    .filter(([, { from }]) => from === 'controller')
    .map(([name, { level, qos }]) => ({ filter: `${root}/${device}/${name}${level ? '/#' : ''}`, qos }));
}

/** What devices store in the fleet: any process that can write to its database may take it. */
const telemetry = ['metrics', 'events'] as const satisfies readonly TopicName[];
const isTelemetry = (name: TopicName) => telemetry.some((one) => one === name);

/** Filters of what an ingest process may read. */
export const telemetryTopics: readonly string[] = telemetry.map((name) => `${root}/+/${name}`);

/** Shared: the broker gives each message to one of those who subscribe so. */
export const ingestSubscriptions: readonly Subscription[] = telemetry.map((name) => ({
  filter: `$share/goshawk-ingest/${root}/+/${name}`,
  qos: topicTable[name].qos,
}));

/**
 * What devices publish for it, and of its own what the broker keeps: generations that an earlier controller published.
 * `ingest`: also what ingest processes take where there are some.
 */
export function controllerSubscriptions({ ingest = true } = {}): readonly Subscription[] {
  return rows
    .filter(([, { from, to, retained }]) => (from === 'device' && to === undefined) || retained)
    .filter(([name]) => ingest || !isTelemetry(name))
    .map(([name, { level, qos }]) => {
      const filter = `${root}/+/${name}`;
      // At any depth, and with the sender's retain flag: the controller clears what a device made the broker keep.
      return level ? { filter: `${filter}/#`, qos, options: { retainAsPublished: true } } : { filter, qos };
    });
}
