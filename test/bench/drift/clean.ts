import type { ReferenceProfile } from '../../../src/drift/index.ts';
import { defaultDriftOptions } from '../../../src/drift/monitor.ts';
import { seededRandom } from '../../../src/drift/random.ts';
import type { Tick } from '../../../src/drift/signals/assembler.ts';
import { TickMonitor, type ViewProbe } from '../../../src/drift/tick-monitor.ts';
import { startOf, type TimeOfDay } from './replay.ts';

/** Seconds that stay together when days are made of a recording. */
const blockSeconds = 300;

export interface RecordedDay {
  readonly timeOfDay: TimeOfDay;
  /** Without pauses. */
  readonly ticks: readonly Tick[];
}

/**
 * Days of signals from an hour of held-out video: five minutes at a time, drawn with replacement, half of each day from
 * the evening. The autocorrelation within five minutes is the video's own.
 */
export function* cleanSeconds(
  recorded: readonly RecordedDay[],
  seconds: number,
  seed: number,
): Generator<Tick> {
  const random = seededRandom(seed);
  let atMs = 0;
  for (let made = 0; made < seconds; ) {
    const timeOfDay: TimeOfDay = Math.floor(made / 43_200) % 2 === 0 ? 'day' : 'evening';
    const parts = recorded.filter((part) => part.timeOfDay === timeOfDay && part.ticks.length > blockSeconds);
    const part = parts[random.below(parts.length)]!;
    const begin = random.below(part.ticks.length - blockSeconds);
    for (let i = 0; i < blockSeconds && made < seconds; i++, made++) {
      atMs += 1000;
      yield { ...part.ticks[begin + i]!, atMs, settling: false, stampNs: startOf[timeOfDay] };
    }
  }
}

/** Of seconds that are kept without their pictures. */
const noView: ViewProbe = {
  shift: () => ({ dx: 0, dy: 0, match: 1, inPlace: 1 }),
  warped: () => 0,
  fit: () => undefined,
  picture: () => new Uint8Array(),
  forget: () => {},
};

export interface FalseAlarms {
  readonly days: number;
  readonly raised: number;
  readonly verdicts: Readonly<Record<string, number>>;
}

/** Every alarm on such days is false. */
export function countFalseAlarms(
  profile: ReferenceProfile,
  recorded: readonly RecordedDay[],
  days: number,
  arl0Ms: number,
): FalseAlarms {
  const monitor = new TickMonitor({ ...defaultDriftOptions, arl0Ms }, profile);
  const verdicts: Record<string, number> = {};
  let raised = 0;
  for (const tick of cleanSeconds(recorded, days * 86_400, 17)) {
    const alarm = monitor.add(tick, {
      sameModel: true,
      suppressed: false,
      modelSuspect: false,
      view: noView,
    });
    if (alarm?.phase !== 'raised') continue;
    raised++;
    const said = `${alarm.message} (${alarm.signals[0]?.name ?? 'rule'})`;
    verdicts[said] = (verdicts[said] ?? 0) + 1;
  }
  return { days, raised, verdicts };
}
