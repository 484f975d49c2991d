import type { ReferenceProfile } from '../../../src/drift/index.ts';
import { corruptions, framesPerSecond, rampSeconds, severities } from './plan.ts';
import { changed, leadSeconds, outputChanges, watch } from './streams.ts';
import { readTrace, type TraceFrame } from './trace.ts';

export type Onset = 'abrupt' | 'ramp';
export const onsets: readonly Onset[] = ['abrupt', 'ramp'];

export interface Scenario {
  readonly what: string;
  readonly severity: number;
  readonly onset: Onset;
  readonly kind: 'sensor' | 'scene' | 'model';
  readonly frames: readonly TraceFrame[];
}

export interface Cell {
  readonly scenario: Scenario;
  /** Seconds from the onset to the alarm, one per lead-in; undefined is a miss. */
  readonly delays: readonly (number | undefined)[];
  /** The same to the alarm of grade `alarm`: harm is expected. */
  readonly alarmDelays: readonly (number | undefined)[];
  /** What was raised first, per lead-in. */
  readonly verdicts: readonly string[];
}

const sceneKinds = new Set(['night', 'fog', 'objects', 'class-mix']);
/** Seconds at which the ordinary street before a fault begins. */
export const leadBegins = [60, 340, 700, 1000];

/** Changes of the output of recorded ordinary video: they need no recording of their own. */
function outputScenarios(clean: readonly TraceFrame[], onset: Onset, severity: number): Scenario[] {
  // Ordinary video that no lead-in uses. A ramp goes on long enough for the minute that is asked for after its end.
  const seconds = onset === 'ramp' ? rampSeconds + 120 : 120;
  const ordinary = clean.slice(500 * framesPerSecond, (500 + seconds) * framesPerSecond);
  return Object.entries(outputChanges).map(([what, change]) => {
    const frames = changed(ordinary, change, severity, onset === 'ramp' ? rampSeconds : 0);
    return { what, severity, onset, kind: what === 'model' ? 'model' : 'scene', frames };
  });
}

/** `rendered`: false leaves out the faults that have recordings of their own. */
export function scenarios(folder: string, clean: readonly TraceFrame[], rendered = true): Scenario[] {
  const list: Scenario[] = [];
  for (const onset of onsets)
    for (const severity of severities) {
      for (const what of rendered ? corruptions : []) {
        if (what === 'frozen' && (severity > 1 || onset === 'ramp')) continue;
        const frames = readTrace(folder, `${what}-${severity}-${onset}`);
        list.push({ what, severity, onset, kind: sceneKinds.has(what) ? 'scene' : 'sensor', frames });
      }
      list.push(...outputScenarios(clean, onset, severity));
    }
  return list;
}

/** The ordinary street, then the scenario, for every lead-in. */
export function streamsOf({ frames, onset }: Scenario, lead: readonly TraceFrame[]): TraceFrame[][] {
  // Played twice where it began at once: a window of a minute must be able to fill.
  const whole = onset === 'abrupt' ? [...frames, ...frames] : frames;
  return leadBegins.map((begin) => [
    ...lead.slice(begin * framesPerSecond, (begin + leadSeconds) * framesPerSecond),
    ...whole,
  ]);
}

export function detect(profile: ReferenceProfile, scenario: Scenario, lead: readonly TraceFrame[]): Cell {
  const delays: (number | undefined)[] = [];
  const verdicts: string[] = [];
  const alarmDelays: (number | undefined)[] = [];
  for (const frames of streamsOf(scenario, lead)) {
    const alarms = watch(profile, [{ timeOfDay: 'day', frames }]);
    const first = alarms.find(({ phase, atMs }) => phase === 'raised' && atMs >= leadSeconds * 1000);
    delays.push(first === undefined ? undefined : first.atMs / 1000 - leadSeconds);
    verdicts.push(first?.message ?? 'missed');
    const harm = alarms.find(
      ({ phase, grade, atMs }) => phase !== 'cleared' && grade === 'alarm' && atMs >= leadSeconds * 1000,
    );
    alarmDelays.push(harm === undefined ? undefined : harm.atMs / 1000 - leadSeconds);
  }
  return { scenario, delays, alarmDelays, verdicts };
}
