import type { Labels, Selector } from '../../api/index.ts';

/** What a selector looks at. */
export interface Selectable {
  readonly id: string;
  readonly groups: readonly string[];
  readonly board?: string | undefined;
  readonly labels: Labels;
}

type Choice = Omit<Selector, 'all' | 'except'>;

/** Names nothing: it would mean every device without saying so. */
export function isEmptySelector({
  devices,
  groups,
  boards,
  labels,
  all,
}: Choice & Pick<Selector, 'all'>): boolean {
  const named = [devices, groups, boards, Object.keys(labels ?? {})].some((one) => (one ?? []).length > 0);
  return !named && all !== true;
}

/** Everything that is said fits; of `except` nothing may. */
export function selects(selector: Selector, device: Selectable): boolean {
  if (isEmptySelector(selector)) return false;
  const { except } = selector;
  if (except !== undefined && partsOf(except, device).some((fits) => fits)) return false;
  return partsOf(selector, device).every((fits) => fits);
}

/** The devices that a target means, by id: of an order, a setting and a rollout alike. */
export function resolveTarget<D extends Selectable>(target: Selector, fleet: readonly D[]): D[] {
  return fleet.filter((device) => selects(target, device)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function hasLabels(device: Selectable, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => device.labels[key] === value);
}

function partsOf({ devices, groups, boards, labels }: Choice, device: Selectable): boolean[] {
  return [
    ...(devices === undefined ? [] : [devices.includes(device.id)]),
    ...(groups === undefined ? [] : [groups.some((group) => device.groups.includes(group))]),
    ...(boards === undefined ? [] : [boards.includes(device.board ?? '')]),
    ...(labels === undefined ? [] : [hasLabels(device, labels)]),
  ];
}
