import { type DriftAlarm, DriftMonitor, type ReferenceProfile } from '../../../../src/drift/index.ts';
import { type Case, repeated } from './cases.ts';
import { type Moment, type Place, Player } from './loop.ts';

export const leadSeconds = 90;
export const faultSeconds = 120;
export const tailSeconds = 60;
/** A ramp stays so long at each lower severity. */
const stepSeconds = 15;

/** What the monitor said of one case; seconds since the onset, or since the end. */
export interface Said {
  readonly noticeS: number | undefined;
  readonly alarmS: number | undefined;
  /** Names in their order, of whatever incident. */
  readonly names: readonly string[];
  /** In force when the fault ended. */
  readonly last: string | undefined;
  readonly incidents: number;
  /** Of the last incident: seconds after the end of the fault. Undefined: it was open when the tail ended. */
  readonly clearedS: number | undefined;
  readonly expectedLoss: number | undefined;
  readonly lossParts: Readonly<Record<string, number>>;
  readonly alarms: readonly DriftAlarm[];
}

/** `before`: the same fault at lower severities, from which it rises. */
export function* risen(before: readonly Case[], one: Case): Generator<Moment> {
  for (const { moments } of before) yield* repeated(moments, stepSeconds);
  yield* repeated(one.moments, faultSeconds);
}

export function watchCase(
  profile: ReferenceProfile,
  place: Place,
  fault: Iterable<Moment>,
  lead: readonly Moment[],
  tail: readonly Moment[],
): Said {
  const monitor = new DriftMonitor(profile);
  const player = new Player(place);
  const alarms: DriftAlarm[] = [];
  const take: Parameters<Player['play']>[1] = (thumbnail, result, atMs) => {
    alarms.push(...monitor.observe(thumbnail, result, atMs));
  };
  player.play(lead, take);
  const beganMs = player.atMs;
  player.play(fault, take);
  const endedMs = player.atMs;
  const { expectedLoss, lossParts } = monitor.state();
  player.play(tail, take);
  return { ...summary(alarms, beganMs, endedMs), expectedLoss, lossParts };
}

function summary(
  alarms: readonly DriftAlarm[],
  beganMs: number,
  endedMs: number,
): Omit<Said, 'expectedLoss' | 'lossParts'> {
  const during = alarms.filter(({ atMs }) => atMs > beganMs && atMs <= endedMs + 1000);
  const seconds = (atMs: number | undefined, from: number) =>
    atMs === undefined ? undefined : (atMs - from) / 1000;
  const said = during.filter(({ phase }) => phase !== 'cleared');
  const names: string[] = [];
  for (const { message } of said) if (names.at(-1) !== message) names.push(message);
  const newest = during.at(-1);
  const open = newest !== undefined && newest.phase !== 'cleared';
  const cleared = alarms.findLast(({ atMs, phase }) => phase === 'cleared' && atMs > endedMs);
  const stillOpen = alarms.at(-1) !== undefined && alarms.at(-1)!.phase !== 'cleared';
  return {
    noticeS: seconds(said[0]?.atMs, beganMs),
    alarmS: seconds(said.find(({ grade }) => grade === 'alarm')?.atMs, beganMs),
    names,
    last: open ? newest.message : said.at(-1)?.message,
    incidents: new Set(said.map(({ incident }) => incident)).size,
    clearedS: stillOpen ? undefined : seconds(cleared?.atMs, endedMs),
    alarms,
  };
}
