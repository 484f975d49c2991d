import type { Cell, Scenario } from './detection.ts';
import { rampSeconds } from './plan.ts';
import { markdownTable, quantileOfDelays } from './table.ts';

const asked = { sensor: 10, scene: 60 } as const;
/** The bounds speak of this severity or worse. */
const severe = 3;

type Delay = number | undefined;

/** Seconds from the beginning of a ramp until it is as bad as the bounds speak of; 0 where it begins so. */
export function passesAt({ what, severity, onset }: Scenario): number {
  if (onset === 'abrupt') return 0;
  // Rendered ramps go in quarter steps and round, so they are there an eighth early; changes of the output do not.
  const rendered = what !== 'class-mix' && what !== 'model';
  return (rampSeconds * (rendered ? severe - 0.125 : severe)) / severity;
}

/** From that moment; what was found before it counts as found at once. */
function sinceSevere({ scenario, delays }: Cell): Delay[] {
  const at = passesAt(scenario);
  return delays.map((delay) => (delay === undefined ? undefined : Math.max(0, delay - at)));
}

function p95(delays: readonly Delay[]): number {
  const sorted = delays.map((delay) => delay ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] ?? Number.NaN;
}

/** Ramps by both clocks: from their beginning, and from when they pass severity 3. */
export function rampTable(cells: readonly Cell[]): string[] {
  const rows = new Map<string, Record<string, string>>();
  for (const cell of cells) {
    const { what, severity, onset } = cell.scenario;
    if (onset !== 'ramp' || severity < severe) continue;
    const row = rows.get(what) ?? { ramp: what };
    const at = passesAt(cell.scenario);
    const before = cell.delays.filter((delay) => delay !== undefined && delay <= at).length;
    const since = sinceSevere(cell);
    row[`severity ${severity}: from the beginning`] =
      `${quantileOfDelays(cell.delays, 0.5)} / ${quantileOfDelays(cell.delays, 0.95)}`;
    row[`from severity 3 (${severity})`] =
      `${quantileOfDelays(since, 0.5)} / ${quantileOfDelays(since, 0.95)}, ${before} of ${since.length} before it`;
    rows.set(what, row);
  }
  return markdownTable([...rows.values()]);
}

/** Every bound of detection by itself: met or missed, and by how much. */
export function boundLines(cells: readonly Cell[]): string[] {
  const lines: string[] = [];
  const say = (name: string, bound: number, delays: readonly Delay[]): void => {
    if (delays.length === 0) return;
    const value = p95(delays);
    const missed = delays.filter((delay) => delay === undefined).length;
    const seconds = Number.isFinite(value) ? `${value.toFixed(0)} s` : 'a miss';
    lines.push(
      `- ${name}: p95 ${seconds}, ${missed} of ${delays.length} not found; asked for ${bound} s and none: ${value <= bound && missed === 0 ? 'met' : 'missed'}`,
    );
  };
  for (const kind of ['sensor', 'scene'] as const) {
    const of = (onset: Scenario['onset']) =>
      cells.filter(
        ({ scenario: s }) =>
          s.kind === kind && s.onset === onset && (s.severity >= severe || s.what === 'frozen'),
      );
    const name = kind === 'sensor' ? 'sensor faults' : 'scene changes';
    say(
      `${name}, abrupt`,
      asked[kind],
      of('abrupt').flatMap(({ delays }) => delays),
    );
    say(`${name}, ramp, from passing severity 3`, asked[kind], of('ramp').flatMap(sinceSevere));
    say(
      `${name}, ramp, from its beginning`,
      asked[kind],
      of('ramp').flatMap(({ delays }) => delays),
    );
    for (const what of new Set(of('abrupt').map(({ scenario }) => scenario.what)))
      for (const cell of of('abrupt').filter(({ scenario }) => scenario.what === what)) {
        const value = p95(cell.delays);
        if (!(value <= asked[kind]))
          lines.push(
            `  - ${what} ${cell.scenario.severity} by itself: p95 ${Number.isFinite(value) ? `${value.toFixed(0)} s` : 'a miss'}`,
          );
      }
  }
  return lines;
}
