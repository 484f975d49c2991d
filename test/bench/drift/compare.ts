import type { ReferenceProfile } from '../../../src/drift/index.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { baseCount } from '../../../src/drift/signals/catalogue.ts';
import { baselines } from './baselines.ts';
import { cleanSeconds, type RecordedDay } from './clean.ts';
import { type Cell, onsets, type Scenario, streamsOf } from './detection.ts';
import { leadSeconds, ticksOf } from './streams.ts';
import { quantileOfDelays, type Row } from './table.ts';
import type { TraceFrame } from './trace.ts';
import { type Kind, quietOn, Tuned } from './tuned.ts';

const tuningDays = 3;
/**
 * Quiet on what they were tuned on is not quiet afterwards: what such thresholds have to be multiplied by for as few false
 * alarms as ours, none in 72 hours that follow a day that was learned (`npm run bench -- drift-days`, street 61).
 */
const quietFactor: Readonly<Record<Kind, number>> = { ks: 1.23, psi: 1.52, pageHinkley: 1.86 };
/** Smaller confidences are not distinguished from zero by the logarithm. */
const adwinDeltas = [2e-3, 1e-20, 1e-100, 1e-300];

export interface Comparison {
  readonly rows: readonly Row[];
  /** What is shorter and where it is not, in words. */
  readonly sentences: readonly string[];
}

type Delays = readonly (number | undefined)[];

/**
 * Every baseline has a threshold for every signal: the lowest that raises nothing on three days of clean seconds, and with
 * those multiplied so that it is as quiet as ours on days that it was not tuned on. The first is tuned on the very stream,
 * so it is in its favour.
 */
export function measureBaselines(
  profile: ReferenceProfile,
  reference: readonly Tick[],
  recorded: readonly RecordedDay[],
  scenarios: readonly Scenario[],
  lead: readonly TraceFrame[],
  ours: readonly Cell[],
): Comparison {
  const lowest = quietOn(cleanSeconds(recorded, tuningDays * 86_400, 23), profile, reference);
  const asQuiet = (Object.entries(lowest) as [Kind, Tuned][]).map(([kind, one]) =>
    one.times(quietFactor[kind], `as quiet as ours: thresholds x ${quietFactor[kind]}`),
  );
  const tuned = [...Object.values(lowest), byDelta(profile, recorded), ...asQuiet];
  const severe = scenarios.filter(({ severity, what }) => severity >= 3 || what === 'frozen');
  const streams = severe.map((scenario) =>
    streamsOf(scenario, lead).map((frames) => ticksOf(profile, [{ timeOfDay: 'day', frames }])),
  );
  const mine = severe.map((scenario) => ours.find((cell) => cell.scenario === scenario)!.delays);
  const theirs = tuned.map((one) =>
    streams.map((leads) => leads.map((ticks) => one.delay(ticks, leadSeconds))),
  );
  return {
    rows: [row('Goshawk', severe, mine), ...tuned.map(({ name }, i) => row(name, severe, theirs[i]!))],
    sentences: tuned.map(({ name }, i) => sentence(name, severe, mine, theirs[i]!)),
  };
}

function row(name: string, severe: readonly Scenario[], delays: readonly Delays[]): Row {
  const out: Record<string, string> = { detector: name };
  for (const kind of ['sensor', 'scene', 'model'] as const)
    for (const onset of onsets) {
      const all = delays.filter((_, i) => severe[i]!.kind === kind && severe[i]!.onset === onset).flat();
      const missed = all.filter((delay) => delay === undefined).length;
      out[`${kind}, ${onset}`] =
        `${quantileOfDelays(all, 0.5)} / ${quantileOfDelays(all, 0.95)}, ${missed} of ${all.length} missed`;
    }
  return out;
}

function sentence(
  name: string,
  severe: readonly Scenario[],
  mine: readonly Delays[],
  theirs: readonly Delays[],
): string {
  const median = (delays: Delays): number => {
    const sorted = delays.map((delay) => delay ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  };
  const marks = severe.map(({ what, severity, onset }, i) => {
    const [ours, other] = [median(mine[i]!), median(theirs[i]!)];
    return { label: `${what} ${severity} ${onset}`, ours, other };
  });
  const sooner = marks.filter(({ ours, other }) => ours < other).length;
  const later = marks.filter(({ ours, other }) => other < ours);
  const list = later.map(
    ({ label, ours, other }) => `${label} (${ours.toFixed(0)} against ${other.toFixed(0)})`,
  );
  return `${name}: our median is shorter in ${sooner} of ${marks.length} rows, longer in ${later.length}${list.length > 0 ? `: ${list.join(', ')}` : ''}.`;
}

/** ADWIN has no threshold but its confidence: of every signal the loosest that is quiet for six hours. */
function byDelta(profile: ReferenceProfile, recorded: readonly RecordedDay[]): Tuned {
  const chosen = new Array<number>(baseCount).fill(adwinDeltas.at(-1)!);
  const thresholds = new Float64Array(baseCount).fill(Number.POSITIVE_INFINITY);
  for (const delta of adwinDeltas) {
    const baseline = baselines.adwin(profile, new Array<number>(baseCount).fill(delta));
    const cuts = new Float64Array(baseCount);
    for (const tick of cleanSeconds(recorded, 0.25 * 86_400, 23))
      for (const [i, value] of baseline.add(tick).entries()) cuts[i]! += value;
    for (const [i, count] of cuts.entries()) {
      if (count > 0 || thresholds[i]! < 1) continue;
      chosen[i] = delta;
      thresholds[i] = 0.5;
    }
  }
  const left = thresholds.filter((value) => value < 1).length;
  return new Tuned(
    `ADWIN on the ${left} of ${baseCount} signals that it can be quiet on`,
    () => baselines.adwin(profile, chosen),
    thresholds,
  );
}
