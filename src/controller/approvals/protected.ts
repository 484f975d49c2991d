import type { ApprovalRule, DesiredSettings, Group, Labels, ModelChoice } from '../../api/index.ts';
import { canonicalJson } from '../../base/index.ts';
import type { Desired } from '../../protocol/index.ts';
import { type Selectable, selects } from '../fleet/selector.ts';
import type { Change } from '../store/store.ts';

/** What the rules look at. */
export interface RuledFleet {
  readonly rules: readonly ApprovalRule[];
  readonly device: (id: string) => Selectable & { readonly desired?: Desired | undefined };
  readonly group: (name: string) => Pick<Group, 'members' | 'settings'> | undefined;
}

/** A command that needs a second person; `effect` is equal for commands that do the same. */
export interface Protected {
  readonly rules: readonly string[];
  readonly devices: readonly string[];
  readonly effect: string;
}

export function rulesOf(rules: readonly ApprovalRule[], device: Selectable): string[] {
  return rules.filter(({ target }) => selects(target, device)).map(({ name }) => name);
}

/**
 * By what it changes and not by how it is called: another desired state of a device that a rule has, or that a device, or
 * the fleet, loses a rule. Undefined: nothing of that.
 */
export function protectedBy(changes: readonly Change[], fleet: RuledFleet): Protected | undefined {
  const rules = new Set<string>();
  const devices = new Set<string>();
  const effects: unknown[] = [];
  for (const change of changes)
    for (const { device, rules: own, effect } of effectsOf(change, fleet)) {
      if (own.length === 0) continue;
      for (const rule of own) rules.add(rule);
      if (device !== undefined) devices.add(device);
      effects.push(effect);
    }
  if (rules.size === 0) return undefined;
  return { rules: [...rules], devices: [...devices], effect: canonicalJson(effects) };
}

interface Effect {
  readonly device?: string;
  readonly rules: readonly string[];
  readonly effect: unknown;
}

function effectsOf(change: Change, fleet: RuledFleet): Effect[] {
  switch (change.kind) {
    case 'desired': {
      const device = fleet.device(change.device);
      const [before, after] = [meaningOf(device.desired), meaningOf(change.desired)];
      if (canonicalJson(before) === canonicalJson(after)) return [];
      const rules = rulesOf(fleet.rules, device);
      return [{ device: device.id, rules, effect: [device.id, after] }];
    }
    case 'labels':
      return lost(change.labels.device, { labels: change.labels.labels }, fleet);
    case 'group':
      return [...inGroup(change.group.name, change.group.members, fleet), ...awaited(change.group, fleet)];
    case 'group-deleted':
      return inGroup(change.name, [], fleet);
    case 'device-deleted': {
      const device = fleet.device(change.id);
      return [{ device: change.id, rules: rulesOf(fleet.rules, device), effect: ['deleted', change.id] }];
    }
    case 'approval-rules': {
      const kept = new Set(change.rules.map(canonicalJson));
      const gone = fleet.rules.filter((rule) => !kept.has(canonicalJson(rule))).map(({ name }) => name);
      return [{ rules: gone, effect: change.rules }];
    }
    default:
      return [];
  }
}

/** Without when it was told, by which order and by whom: the same model again is nothing new. */
function meaningOf(given: Partial<Desired> | DesiredSettings | undefined): unknown {
  const { slots = {}, pipelines = {}, ...rest } = given ?? {};
  const models = Object.entries(slots).map(([slot, { model, ...more }]) => {
    const { order: _, ordered: __, ...chosen } = model as ModelChoice;
    return [slot, { ...more, model: chosen }] as const;
  });
  const others = Object.entries(rest).filter(([name]) => !['generation', 'timeMs', 'retries'].includes(name));
  return { ...Object.fromEntries(others), pipelines, slots: Object.fromEntries(models) };
}

function inGroup(name: string, members: readonly string[], fleet: RuledFleet): Effect[] {
  const now = new Set(members);
  const before = new Set(fleet.group(name)?.members);
  const moved = [...new Set([...before, ...now])].filter((id) => before.has(id) !== now.has(id));
  return moved.flatMap((id) => {
    const others = fleet.device(id).groups.filter((group) => group !== name);
    return lost(id, { groups: now.has(id) ? [...others, name] : others }, fleet);
  });
}

/** A device that is to come gets the settings of its groups then, without a command. */
function awaited({ name, members, settings }: Group, fleet: RuledFleet): Effect[] {
  const meant = meaningOf(settings);
  if (canonicalJson(meant) === canonicalJson(meaningOf(fleet.group(name)?.settings))) return [];
  return members.flatMap((id) => {
    const device = fleet.device(id);
    return device.desired === undefined
      ? [{ device: id, rules: rulesOf(fleet.rules, device), effect: [id, meant] }]
      : [];
  });
}

/** The rules that a device does not have any more. */
function lost(
  id: string,
  change: { readonly labels?: Labels; readonly groups?: readonly string[] },
  fleet: RuledFleet,
): Effect[] {
  const device = fleet.device(id);
  const after = new Set(rulesOf(fleet.rules, { ...device, ...change }));
  const rules = rulesOf(fleet.rules, device).filter((rule) => !after.has(rule));
  return [{ device: id, rules, effect: [id, change] }];
}
