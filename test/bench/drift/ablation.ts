import type { ReferenceProfile } from '../../../src/drift/index.ts';
import { defaultDriftOptions } from '../../../src/drift/monitor.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { type SignalFamily, signals } from '../../../src/drift/signals/catalogue.ts';
import { TickMonitor } from '../../../src/drift/tick-monitor.ts';
import { countFalseAlarms, noView, type RecordedDay } from './clean.ts';
import { onsets, type Scenario, streamsOf } from './detection.ts';
import { leadSeconds, ticksOf } from './streams.ts';
import { quantileOfDelays, type Row } from './table.ts';
import type { TraceFrame } from './trace.ts';

const day = 86_400_000;

/**
 * What every family of signals contributes: the same streams without it. Its share of the false alarms goes to the others,
 * so that each row may raise as many as the first. Rules of the sensor stay; causes see every signal still.
 */
export function measureAblation(
  profile: ReferenceProfile,
  recorded: readonly RecordedDay[],
  scenarios: readonly Scenario[],
  lead: readonly TraceFrame[],
  days: number,
): Row[] {
  const streams = scenarios.map((scenario) =>
    streamsOf(scenario, lead).map((frames) => ticksOf(profile, [{ timeOfDay: 'day', frames }])),
  );
  const watched = (signal: number) => profile.controls.some((control) => control.signal === signal);
  const families = [...new Set(signals.map(({ family }) => family))];
  const alone = signals.filter(({ family }, at) => family === 'multivariate' && watched(at));
  const without: (readonly [string, (signal: number) => boolean])[] = [
    ['all', () => true],
    ...families.map(
      (left: SignalFamily) => [`without ${left}`, (at: number) => signals[at]!.family !== left] as const,
    ),
    ...alone.map(({ name }) => [`without ${name}`, (at: number) => signals[at]!.name !== name] as const),
  ];
  return without.map(([name, stays]) => {
    const less = { ...profile, controls: profile.controls.filter(({ signal }) => stays(signal)) };
    const delays = streams.map((leads) => leads.map((ticks) => firstRaised(less, ticks)));
    const row: Record<string, string> = { signals: name };
    for (const kind of ['sensor', 'scene', 'model'] as const)
      for (const onset of onsets) {
        const all = delays
          .filter((_, i) => scenarios[i]!.kind === kind && scenarios[i]!.onset === onset)
          .flat();
        const missed = all.filter((delay) => delay === undefined).length;
        row[`${kind}, ${onset}`] =
          `${quantileOfDelays(all, 0.5)} / ${quantileOfDelays(all, 0.95)}, ${missed} of ${all.length} missed`;
      }
    row[`raised in ${days} made days, one in 30 days; in 1 day wanted`] = [30, 1]
      .map((every) => countFalseAlarms(less, recorded, days, every * day).raised)
      .join('; ');
    return row;
  });
}

function firstRaised(profile: ReferenceProfile, ticks: readonly Tick[]): number | undefined {
  const monitor = new TickMonitor({ ...defaultDriftOptions, arl0Ms: 30 * day }, profile);
  for (const tick of ticks) {
    const news = monitor.add(tick, {
      ...{ sameModel: true, suppressed: false, modelSuspect: false, view: noView },
    });
    if (news?.phase === 'raised' && news.atMs >= leadSeconds * 1000) return news.atMs / 1000 - leadSeconds;
  }
  return undefined;
}
