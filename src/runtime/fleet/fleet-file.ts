import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { readPlacedYaml } from '../../adapters/yaml/index.ts';
import {
  type DeviceLabelsList,
  FleetFile,
  type GroupList,
  type Labels,
  type RolloutDetail,
  type RolloutList,
  RolloutPolicy,
} from '../../api/index.ts';
import { canonicalJson, counted, InputError } from '../../base/index.ts';
import { describeProblem, settingsProblems } from '../settings/problems.ts';

/** `where`: the file, for messages. InputErrors `yaml-form`, `yaml-circle`, `fleet-file`. */
export function parseFleetFile(text: string, where: string): FleetFile {
  return fitting(FleetFile, text, where);
}

/** The same for a policy in a separate file. */
export function parsePolicy(text: string, where: string): RolloutPolicy {
  return fitting(RolloutPolicy, text, where);
}

function fitting<S extends TSchema>(schema: S, text: string, where: string): Static<S> {
  const file = readPlacedYaml(text, where);
  const value = file.value ?? {};
  if (Value.Check(schema, value)) return value;
  const lines = settingsProblems(schema, value).map(
    (problem) => `${where}:${file.placeOf(problem.path) ?? '1:1'}: ${describeProblem(problem)}`,
  );
  throw new InputError(
    'fleet-file',
    lines.join('\n'),
    '`goshawk fleet apply --schema` prints the fields; docs/rollouts.md explains them.',
  );
}

/** What the fleet is now, as far as a file says it. */
export interface FleetNow {
  readonly labels: DeviceLabelsList;
  readonly groups: GroupList;
  readonly rollouts: RolloutList;
  /** Of the rollouts that the file names and the fleet has. */
  readonly details: Readonly<Record<string, RolloutDetail>>;
  /** Of the rollouts that the file names, those that were made and are no longer kept. */
  readonly gone: ReadonlySet<string>;
}

/** `change`: what applying does. `differs`: what the fleet has and the file cannot, or does not, change. */
export interface Difference {
  readonly kind: 'change' | 'differs';
  readonly about: 'labels' | 'group' | 'rollout';
  readonly name: string;
  readonly what: string;
}

const over = new Set(['aborted', 'rolled-back', 'finished', 'superseded']);

/** From the fleet as it is to what the file says. What the file does not name stays, and is told. */
export function compareFleet(file: FleetFile, now: FleetNow): Difference[] {
  return [...labels(file, now), ...groups(file, now), ...rollouts(file, now)];
}

function labels({ labels: wanted }: FleetFile, now: FleetNow): Difference[] {
  if (wanted === undefined) return [];
  const about = 'labels' as const;
  const devices = new Map(now.labels.devices.map((one) => [one.device, one.labels]));
  const changes = Object.entries(wanted).flatMap(([name, own]): Difference[] => {
    const before = devices.get(name) ?? {};
    const after = { ...before, ...own };
    if (canonicalJson(before) === canonicalJson(after)) return [];
    return [{ kind: 'change', about, name, what: `${words(before)} -> ${words(after)}` }];
  });
  const others = [...devices].flatMap(([name, own]): Difference[] => {
    const named = wanted[name] ?? {};
    const more = Object.fromEntries(Object.entries(own).filter(([key]) => !(key in named)));
    if (Object.keys(more).length === 0) return [];
    return [{ kind: 'differs', about, name, what: `has ${words(more)}, which the file does not name` }];
  });
  return [...changes, ...others];
}

/** What a device has after the file was applied: those that the file does not name stay. */
export function labelsAfter({ labels: wanted = {} }: FleetFile, now: FleetNow, device: string): Labels {
  const before = now.labels.devices.find((one) => one.device === device)?.labels;
  return { ...before, ...wanted[device] };
}

function words(values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return all.length === 0 ? 'none' : all.map(([key, value]) => `${key}=${value}`).join(' ');
}

function groups({ groups: wanted }: FleetFile, now: FleetNow): Difference[] {
  if (wanted === undefined) return [];
  const known = new Map(now.groups.groups.map((one) => [one.name, one]));
  const changes = Object.entries(wanted).flatMap(([name, { members }]) => {
    const before = new Set(known.get(name)?.members ?? []);
    const after = new Set(members);
    const more = [...after].filter((one) => !before.has(one)).map((one) => `+${one}`);
    const less = [...before].filter((one) => !after.has(one)).map((one) => `-${one}`);
    const what = [...more, ...less].join(' ');
    if (what === '' && known.has(name)) return [];
    return [{ kind: 'change' as const, about: 'group' as const, name, what: what || 'new and empty' }];
  });
  const others = [...known.values()]
    .filter(({ name, members }) => wanted[name] === undefined && members.length > 0)
    .map(({ name, members }) => ({
      ...{ kind: 'differs' as const, about: 'group' as const, name },
      what: `has ${counted(members.length, 'member')}, and the file does not name it`,
    }));
  return [...changes, ...others];
}

function rollouts({ rollouts: wanted }: FleetFile, now: FleetNow): Difference[] {
  if (wanted === undefined) return [];
  const about = 'rollout' as const;
  const own = Object.entries(wanted).flatMap(([name, policy]): Difference[] => {
    const there = now.details[name];
    if (now.gone.has(name))
      return [
        { kind: 'differs', about, name, what: 'is over and no longer stored; remove it from the file' },
      ];
    if (there === undefined) return [{ kind: 'change', about, name, what: `new: ${policy.model.name}` }];
    const same = canonicalJson(there.policy) === canonicalJson(policy);
    if (!same) {
      const what = `is ${there.state} with another policy; a rollout cannot be changed, give the new one another name`;
      return [{ kind: 'differs', about, name, what }];
    }
    const bad = there.state === 'aborted' || there.state === 'rolled-back';
    return bad ? [{ kind: 'differs', about, name, what: `was ${there.state}: ${there.reason ?? ''}` }] : [];
  });
  const others = now.rollouts.rollouts
    .filter(({ name, state }) => wanted[name] === undefined && !over.has(state))
    .map(
      ({ name, state }): Difference => ({
        ...{ kind: 'differs', about, name },
        what: `is ${state}, and the file does not name it`,
      }),
    );
  return [...own, ...others];
}
