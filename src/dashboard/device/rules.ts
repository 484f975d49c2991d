import type { CameraRules, DesiredSettings, DeviceDetail, PreviewFrame } from '../api/types.ts';

export type RuleKind = 'zone' | 'line';
export type Point = readonly [x: number, y: number];
type Zone = NonNullable<CameraRules['zones']>[string];
type Line = NonNullable<CameraRules['lines']>[string];

/** Zones and lines that a camera runs with: as the device reports them, else as they are desired. */
export function rulesInForce({ reported, desired }: DeviceDetail, camera: string): CameraRules {
  const told = reported?.pipelines[camera];
  if (told !== undefined) return told.rules ?? {};
  return desired?.pipelines?.[camera]?.rules ?? desired?.pipelines?.['*']?.rules ?? {};
}

/** A zone or a line in the pixels of a canvas. */
export interface PlacedRule {
  readonly name: string;
  readonly kind: RuleKind;
  readonly points: readonly Point[];
  /** Its name and what it counted. */
  readonly text: string;
}

/** Counts are those of the picture: of a rule that is too young to be in it there are none. */
export function placeRules(
  { zones = {}, lines = {} }: CameraRules,
  counts: PreviewFrame['rules'],
  width: number,
  height: number,
): PlacedRule[] {
  const placed = (points: readonly (readonly number[])[]) =>
    points.map(([x = 0, y = 0]): Point => [x * width, y * height]);
  return [
    ...Object.entries(zones).map(([name, { points }]) => {
      const found = counts?.zones[name];
      const text = found === undefined ? name : `${name}: ${found.inside} inside, ${found.entered} entered`;
      return { name, kind: 'zone' as const, points: placed(points), text };
    }),
    ...Object.entries(lines).map(([name, { points }]) => {
      const found = counts?.lines[name];
      const text = found === undefined ? name : `${name}: ${found.in} in, ${found.out} out`;
      return { name, kind: 'line' as const, points: placed(points), text };
    }),
  ];
}

/** What is being drawn. */
export interface RuleDraft {
  readonly kind: RuleKind;
  readonly name: string;
  readonly points: readonly Point[];
  /** Labels by comma; empty: all. */
  readonly classes: string;
  /** Seconds; empty: no event. */
  readonly dwell: string;
  readonly absence: string;
  /** Empty: no event. */
  readonly minimumCount: string;
  readonly speedLimit: string;
  /** Of a line: which way is counted. */
  readonly direction: Direction;
}

type Direction = NonNullable<Line['direction']>;
const noEvents = { dwell: '', absence: '', minimumCount: '', speedLimit: '', direction: 'both' } as const;

export function newDraft(kind: RuleKind, rules: CameraRules): RuleDraft {
  const taken = new Set(Object.keys((kind === 'zone' ? rules.zones : rules.lines) ?? {}));
  let number = 1;
  while (taken.has(`${kind}-${number}`)) number += 1;
  return { kind, name: `${kind}-${number}`, points: [], classes: '', ...noEvents };
}

/** A line has two ends: a third point begins another one. */
export function withPoint(draft: RuleDraft, point: Point): RuleDraft {
  const rounded: Point = [round(point[0]), round(point[1])];
  const before = draft.kind === 'line' && draft.points.length === 2 ? [] : draft.points;
  return { ...draft, points: [...before, rounded] };
}

export function isComplete({ kind, name, points }: RuleDraft): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name) && (kind === 'zone' ? points.length >= 3 : points.length === 2);
}

/** To draw anew what is there. */
export function draftOf({ zones, lines }: CameraRules, kind: RuleKind, name: string): RuleDraft {
  const zone = kind === 'zone' ? zones?.[name] : undefined;
  const line = kind === 'line' ? lines?.[name] : undefined;
  const { points = [], classes = [] } = zone ?? line ?? {};
  const { dwellSeconds = '', absenceSeconds = '', minimumCount = '', speedLimit = '' } = zone ?? {};
  return {
    ...{ kind, name, classes: classes.join(', ') },
    points: points.map(([x = 0, y = 0]): Point => [x, y]),
    ...{ dwell: String(dwellSeconds), absence: String(absenceSeconds) },
    ...{ minimumCount: String(minimumCount), speedLimit: String(speedLimit) },
    direction: line?.direction ?? 'both',
  };
}

/** Numbers of a zone, and where the form has each. */
const zoneNumbers = [
  ['dwellSeconds', 'dwell'],
  ['absenceSeconds', 'absence'],
  ['minimumCount', 'minimumCount'],
  ['speedLimit', 'speedLimit'],
] as const satisfies readonly (readonly [keyof Zone, keyof RuleDraft])[];

/** The rules with what was drawn; what is not drawn here of one that was there stays. */
export function withDraft(rules: CameraRules, draft: RuleDraft): CameraRules {
  const points = draft.points.map(([x, y]): [number, number] => [x, y]);
  const labels = draft.classes.split(',').map((label) => label.trim());
  const classes = labels.filter((label) => label !== '');
  const common = { points, ...(classes.length === 0 ? {} : { classes }) };
  if (draft.kind === 'line') {
    const { classes: _, direction: __, ...before } = rules.lines?.[draft.name] ?? {};
    const { direction } = draft;
    const line: Line = { ...before, ...common, ...(direction === 'both' ? {} : { direction }) };
    return { ...rules, lines: { ...rules.lines, [draft.name]: line } };
  }
  const known = new Set(['classes', ...zoneNumbers.map(([field]) => field)]);
  const before = Object.entries(rules.zones?.[draft.name] ?? {}).filter(([field]) => !known.has(field));
  const numbers = zoneNumbers.flatMap(([field, typed]) =>
    draft[typed] === '' ? [] : [[field, Number(draft[typed])]],
  );
  const zone: Zone = { ...Object.fromEntries([...before, ...numbers]), ...common };
  return { ...rules, zones: { ...rules.zones, [draft.name]: zone } };
}

export function withoutRule(rules: CameraRules, kind: RuleKind, name: string): CameraRules {
  const { zones = {}, lines = {} } = rules;
  const without = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([other]) => other !== name));
  return kind === 'zone' ? { ...rules, zones: without(zones) } : { ...rules, lines: without(lines) };
}

/** The whole body of the PUT: it replaces all settings, so those that are there are kept. */
export function withRules(settings: DesiredSettings, camera: string, rules: CameraRules): DesiredSettings {
  const before = settings.pipelines?.[camera];
  return { ...settings, pipelines: { ...settings.pipelines, [camera]: { ...before, rules } } };
}

const round = (share: number) => Math.min(1, Math.max(0, Number(share.toFixed(4))));
