import type { RolloutInfo } from '../../api/index.ts';
import type { DeviceSummary, Me, ModelInfo } from '../api/types.ts';
import { mayActAs, mayActOnFleet } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';

/** One line of the palette: a place to go to, or what that place opens. */
export interface Entry {
  readonly kind: 'Page' | 'Device' | 'Camera' | 'Group' | 'Rollout' | 'Model' | 'Action';
  readonly name: string;
  readonly href: string;
}

export interface PaletteSources {
  readonly pages: readonly { readonly name: string; readonly path: readonly string[] }[];
  readonly devices: readonly DeviceSummary[];
  readonly rollouts: readonly RolloutInfo[];
  readonly models: readonly ModelInfo[];
  /** What the person may do. */
  readonly actions: Actions;
}

export interface Actions {
  readonly general: readonly Entry[];
  /** With a device that the words name. */
  readonly device: readonly DeviceAction[];
}

interface DeviceAction {
  readonly verb: string;
  readonly what: string;
  readonly asks: string;
}

const action = (name: string, path: readonly string[], asks?: string): Entry => ({
  ...{ kind: 'Action', name, href: formatRoute(path, { do: asks }) },
});

/** Only what the controller would let this person do. */
export function actionsFor(me: Me): Actions {
  const fleetOperator = mayActOnFleet(me, 'operator');
  const fleetAdmin = mayActOnFleet(me, 'admin');
  return {
    general: [
      ...(mayActAs(me, 'operator') ? [action('New rollout', ['rollouts', 'new'])] : []),
      ...(fleetOperator ? [action('Upload a model', ['models'], 'upload')] : []),
      ...(fleetAdmin ? [action('New alert rule', ['settings', 'rules'], 'new')] : []),
      ...(fleetAdmin ? [action('Add a device', ['settings', 'enrolment'])] : []),
    ],
    device: mayActAs(me, 'operator')
      ? [
          { verb: 'Restart', what: 'the agent of ', asks: 'restart' },
          { verb: 'Hold', what: '', asks: 'hold' },
        ]
      : [],
  };
}

/** What the words find, the best first: names that begin with them before those that only contain them. */
export function findEntries(sources: PaletteSources, text: string, most: number): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...pagesOf(sources), ...sources.actions.general].slice(0, most);
  const first = words[0] ?? '';
  const found: { readonly entry: Entry; readonly rank: number }[] = [];
  for (const [order, entry] of entriesOf(sources, first)) {
    const name = entry.name.toLowerCase();
    if (!words.every((word) => name.includes(word) || entry.kind.toLowerCase().startsWith(word))) continue;
    const isExact = name === text.trim().toLowerCase();
    found.push({ entry, rank: order + (isExact ? 0 : name.startsWith(first) ? 10 : 20) });
  }
  return found
    .sort((a, b) => a.rank - b.rank || a.entry.name.localeCompare(b.entry.name, 'en', { numeric: true }))
    .slice(0, most)
    .map(({ entry }) => entry);
}

function pagesOf({ pages }: PaletteSources): Entry[] {
  return pages.map(({ name, path }) => ({ kind: 'Page', name, href: formatRoute(path) }));
}

function* entriesOf(sources: PaletteSources, first: string): Generator<readonly [order: number, Entry]> {
  for (const page of pagesOf(sources)) yield [0, page];
  for (const one of sources.actions.general) yield [0, one];
  // Only for who asks for the action: a device that is looked for comes alone.
  const asked = sources.actions.device.filter(
    ({ verb }) => first.length > 2 && verb.toLowerCase().startsWith(first),
  );
  const groups = new Set<string>();
  for (const { id, cameras, groups: own } of sources.devices) {
    yield [1, { kind: 'Device', name: id, href: formatRoute(['devices', id]) }];
    for (const camera of cameras)
      yield [3, { kind: 'Camera', name: `${id} ${camera}`, href: formatRoute(['cameras', id, camera]) }];
    for (const group of own) groups.add(group);
    for (const { verb, what, asks } of asked)
      yield [1, action(`${verb} ${what}${id}`, ['devices', id], asks)];
  }
  for (const group of groups)
    yield [2, { kind: 'Group', name: group, href: formatRoute(['devices'], { group }) }];
  for (const { id, name } of sources.rollouts)
    yield [2, { kind: 'Rollout', name, href: formatRoute(['rollouts', id]) }];
  for (const { name, version, digest } of sources.models)
    yield [
      2,
      { kind: 'Model', name: `${name} ${version}`, href: formatRoute(['devices'], { model: digest }) },
    ];
}
