import type { AccessScope, Labels, Selector } from '../../api/index.ts';
import { canonicalJson, InputError } from '../../base/index.ts';

/** What a selector looks at. */
export interface Selectable {
  readonly id: string;
  readonly groups: readonly string[];
  readonly board?: string | undefined;
  readonly labels: Labels;
}

type Choice = Omit<Selector, 'all' | 'except' | 'within'>;

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
  const { except, within } = selector;
  if (within !== undefined && !isWithin(within, device)) return false;
  if (except !== undefined && partsOf(except, device).some((fits) => fits)) return false;
  return partsOf(selector, device).every((fits) => fits);
}

/** A scope without a condition has no device. */
export function isWithin(scope: AccessScope, device: Selectable): boolean {
  const parts = partsOf(scope, device);
  return parts.length > 0 && parts.every((fits) => fits);
}

/** Of the same devices those in the scope, for good: also of those that fit later. InputError `scope-other`. */
export function narrowed(selector: Selector, scope: AccessScope): Selector {
  const { within = scope } = selector;
  if (canonicalJson(within) === canonicalJson(scope)) return { ...selector, within: scope };
  throw new InputError(
    'scope-other',
    'The selector is limited to another part of the fleet than the token.',
    'Leave out `within`: the controller sets it.',
  );
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
