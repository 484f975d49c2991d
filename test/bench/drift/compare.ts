import type { ReferenceProfile } from '../../../src/drift/index.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { type Baseline, baselines, firstAlarm } from './baselines.ts';
import { cleanSeconds, type RecordedDay } from './clean.ts';
import { type Cell, type Scenario, streamsOf } from './detection.ts';
import { leadSeconds, ticksOf } from './streams.ts';
import { quantileOfDelays, type Row } from './table.ts';
import type { TraceFrame } from './trace.ts';

const tuningDays = 3;
/** Smaller confidences are not distinguished from zero by the logarithm. */
const adwinDeltas = [2e-3, 1e-20, 1e-100, 1e-300];

interface Tuned {
  readonly name: string;
  readonly threshold: number;
  readonly alarmsPerDay: number;
  make(): Baseline;
}

/**
 * Every baseline gets the lowest threshold that raises nothing on three days of clean seconds: at one alarm in thirty
 * days it would be higher, so this is in its favour.
 */
export function measureBaselines(
  profile: ReferenceProfile,
  reference: readonly Tick[],
  recorded: readonly RecordedDay[],
  scenarios: readonly Scenario[],
  lead: readonly TraceFrame[],
  ours: readonly Cell[],
): Row[] {
  const tuned: Tuned[] = [
    byThreshold(() => baselines.ks(profile, reference), recorded),
    byThreshold(() => baselines.psi(profile, reference), recorded),
    byThreshold(() => baselines.pageHinkley(profile), recorded),
    byDelta(profile, recorded),
  ];
  const streams = scenarios.map((scenario) => ({
    scenario,
    ticks: streamsOf(scenario, lead).map((frames) => ticksOf(profile, [{ timeOfDay: 'day', frames }])),
  }));
  const rows: Row[] = [];
  const add = (
    name: string,
    alarms: string,
    delaysOf: (scenario: Scenario) => readonly (number | undefined)[],
  ): void => {
    const row: Record<string, string> = { detector: name, 'false alarms per day, clean': alarms };
    for (const kind of ['sensor', 'scene', 'model'] as const) {
      for (const onset of ['abrupt', 'ramp'] as const) {
        const severe = scenarios.filter(
          (s) => s.kind === kind && s.onset === onset && (s.severity >= 3 || s.what === 'frozen'),
        );
        const delays = severe.flatMap(delaysOf);
        const missed = delays.filter((delay) => delay === undefined).length;
        row[`${kind}, ${onset}`] =
          `${quantileOfDelays(delays, 0.5)} / ${quantileOfDelays(delays, 0.95)}, ${missed} of ${delays.length} missed`;
      }
    }
    rows.push(row);
  };
  add('Goshawk', 'see above', (scenario) => ours.find((cell) => cell.scenario === scenario)!.delays);
  for (const { name, threshold, alarmsPerDay, make } of tuned) {
    add(name, alarmsPerDay.toFixed(1), (scenario) =>
      streams
        .find((stream) => stream.scenario === scenario)!
        .ticks.map((ticks) => {
          const at = firstAlarm(make(), ticks, threshold, leadSeconds);
          return at === undefined ? undefined : at - leadSeconds;
        }),
    );
  }
  return rows;
}

function byThreshold(make: () => Baseline, recorded: readonly RecordedDay[]): Tuned {
  const baseline = make();
  let largest = 0;
  for (const tick of cleanSeconds(recorded, tuningDays * 86_400, 23))
    largest = Math.max(largest, baseline.add(tick));
  return {
    name: `${baseline.name}, threshold ${largest.toPrecision(3)}`,
    threshold: largest,
    alarmsPerDay: 0,
    make,
  };
}

/** ADWIN has no threshold but its confidence: the loosest that is quiet, or the strictest there is. */
function byDelta(profile: ReferenceProfile, recorded: readonly RecordedDay[]): Tuned {
  let last: Tuned | undefined;
  for (const delta of adwinDeltas) {
    const make = () => baselines.adwin(profile, delta);
    const baseline = make();
    let alarms = 0;
    const days = 0.25;
    for (const tick of cleanSeconds(recorded, days * 86_400, 23)) alarms += baseline.add(tick);
    last = { name: baseline.name, threshold: 0.5, alarmsPerDay: alarms / days, make };
    if (alarms === 0) return last;
  }
  return last!;
}
