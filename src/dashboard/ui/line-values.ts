import { spacingOf } from './spacing.ts';

/**
 * Of a line among others on one time axis: null is a hole in it, undefined a time that only the others have.
 */
export type LineValues = readonly (number | null | undefined)[];

export interface TimedValues {
  readonly timeMs: readonly number[];
  readonly values: readonly LineValues[];
}

/** Two tables on one time axis, the lines of the first before those of the second. */
export function joinTables(first: TimedValues, second: TimedValues): TimedValues {
  if (second.timeMs.length === 0 && second.values.length === 0) return first;
  const timeMs = [...new Set([...first.timeMs, ...second.timeMs])].sort((a, b) => a - b);
  const onAxis = (table: TimedValues): LineValues[] => {
    const places = new Map(table.timeMs.map((time, place) => [time, place]));
    return table.values.map((line) =>
      timeMs.map((time) => {
        const place = places.get(time);
        return place === undefined ? undefined : line[place];
      }),
    );
  };
  return { timeMs, values: [...onAxis(first), ...onAxis(second)] };
}

/** The value of a line at a place of the axis, or of its own step that the place is in; undefined where it has none. */
export function valueAt(timeMs: readonly number[], line: LineValues, at: number): number | undefined {
  const time = timeMs[at];
  if (time === undefined) return undefined;
  const own = ownTimes(timeMs, line);
  const spacing = spacingOf(own);
  let nearest: number | undefined;
  for (const one of own)
    if (nearest === undefined || Math.abs(one - time) < Math.abs(nearest - time)) nearest = one;
  if (nearest === undefined || Math.abs(nearest - time) > spacing) return undefined;
  return line[timeMs.indexOf(nearest)] ?? undefined;
}

/** The newest value of a line, if it is current: older ones are not shown as such. */
export function currentValue(
  timeMs: readonly number[],
  line: LineValues,
  fromMs: number,
  toMs: number,
): number | undefined {
  const own = ownTimes(timeMs, line);
  const last = own.at(-1);
  if (last === undefined) return undefined;
  const isCurrent = toMs - last < Math.max(30_000, (toMs - fromMs) / 30, 2 * spacingOf(own));
  return isCurrent ? (line[timeMs.indexOf(last)] ?? undefined) : undefined;
}

function ownTimes(timeMs: readonly number[], line: LineValues): number[] {
  return timeMs.filter((_, place) => line[place] !== undefined);
}
