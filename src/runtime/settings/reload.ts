/** What takes effect at a reload; everything else waits for a restart. `*` is any name, and what lies below is meant too. */
export const liveAgentSettings: readonly string[] = ['cameras.*.settings'];
export const liveControllerSettings: readonly string[] = [
  'drift.falseDiscoveryRate',
  'quotas.messagesPerMinute',
  'quotas.bytesPerMinute',
  'quotas.eventsPerMinute',
  'quotas.birthsPerMinute',
  'retention',
];

export interface SettingsChanges<Settings> {
  /** Paths whose new values take effect now. */
  readonly applied: readonly string[];
  /** Paths whose new values need a restart. */
  readonly waiting: readonly string[];
  /** What is in force then: the next file is compared with this, so what waits is told until it is not different any more. */
  readonly inForce: Settings;
}

type Path = readonly string[];
type Section = Readonly<Record<string, unknown>>;

/** Sorts what a new file changes. A section that comes or goes is one change, e.g. a camera; so is a list. */
export function compareSettings<Settings extends object>(
  running: Settings,
  next: Settings,
  live: readonly string[],
): SettingsChanges<Settings> {
  const changes = differences(running, next);
  const patterns = live.map((pattern) => pattern.split('.'));
  const isLive = (path: Path) => patterns.some((pattern) => covers(pattern, path));
  const applied = changes.filter(isLive);
  return {
    applied: applied.map(named).sort(),
    waiting: changes
      .filter((path) => !isLive(path))
      .map(named)
      .sort(),
    inForce: applied.reduce<unknown>(
      (all, path) => withValue(all, path, valueAt(next, path)),
      running,
    ) as Settings,
  };
}

function differences(one: unknown, other: unknown, path: Path = []): Path[] {
  if (isSection(one) && isSection(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) => differences(one[key], other[key], [...path, key]));
  }
  return JSON.stringify(one) === JSON.stringify(other) ? [] : [path];
}

function covers(pattern: Path, path: Path): boolean {
  return pattern.every((name, index) => name === '*' || name === path[index]);
}

function withValue(all: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const { [key]: before, ...others } = isSection(all) ? all : {};
  const after = withValue(before, rest, value);
  return after === undefined ? others : { ...others, [key]: after };
}

function valueAt(all: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (isSection(inner) ? inner[key] : undefined), all);
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const named = (path: Path) => path.join('.');
