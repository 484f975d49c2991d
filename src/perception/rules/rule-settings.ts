/** Parts of the picture from its left and its top, 0..1: a change of resolution keeps them. */
export type Point = readonly [x: number, y: number];

/** The point of a box that is inside a zone or not, and that crosses lines. */
export const anchors = ['bottom-center', 'center', 'top-center'] as const;
export type Anchor = (typeof anchors)[number];

/** What a zone and a line have in common. */
interface RuleSettings {
  /** Labels that count; absent or empty: all. */
  readonly classes?: readonly string[];
  readonly anchor?: Anchor;
  /** Beyond the border by this share of the height of its box, an object has changed sides at once. */
  readonly hysteresis?: number;
  /** Nearer to the border than that it has changed sides when it was seen there for so long. */
  readonly settleSeconds?: number;
  /** Events of each kind that the fleet is sent; more are counted. */
  readonly eventsPerMinute?: number;
}

/** A polygon. */
export interface ZoneSettings extends RuleSettings {
  readonly points: readonly Point[];
  /** An object that is inside for so long is told. */
  readonly dwellSeconds?: number;
  /** An empty zone is reported after this time. */
  readonly absenceSeconds?: number;
  /** So many inside at once are told. */
  readonly minimumCount?: number;
  /** Heights of the picture per second; a faster object inside is told. */
  readonly speedLimit?: number;
}

export type Direction = 'in' | 'out';

/** A segment. `in` is to the right hand of who looks from its first point to its second. */
export interface LineSettings extends RuleSettings {
  readonly points: readonly Point[];
  readonly direction?: Direction | 'both';
}

/** Zones and lines of one camera by name. */
export interface CameraRules {
  readonly zones?: Readonly<Record<string, ZoneSettings>>;
  readonly lines?: Readonly<Record<string, LineSettings>>;
}

export const noRules: CameraRules = {};

export const ruleDefaults = {
  anchor: 'bottom-center',
  hysteresis: 0.05,
  settleSeconds: 0.5,
  eventsPerMinute: 6,
} as const;

/** A camera has no more zones, and no more lines, than this. */
export const maxRules = 32;

export function hasRules(rules: CameraRules): boolean {
  return allRules(rules).length > 0;
}

/** Each with how messages call it: `The zone "gate"`. */
export function allRules({ zones = {}, lines = {} }: CameraRules): [string, ZoneSettings | LineSettings][] {
  return [
    ...Object.entries(zones).map(([name, zone]) => [`The zone "${name}"`, zone] as [string, ZoneSettings]),
    ...Object.entries(lines).map(([name, line]) => [`The line "${name}"`, line] as [string, LineSettings]),
  ];
}
