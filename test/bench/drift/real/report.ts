import { DriftMonitor, type ReferenceProfile } from '../../../../src/drift/index.ts';
import { markdownTable } from '../table.ts';
import type { Case } from './cases.ts';
import type { Said } from './episode.ts';
import { type Loop, type Place, Player } from './loop.ts';
import type { PlainDelays } from './plain.ts';

/** Share of F1 that must be gone for a fault to have done harm. */
const harmful = 0.1;

export interface Row {
  readonly one: Case;
  readonly said: Said;
  readonly plain: PlainDelays;
  readonly cells: Readonly<Record<string, string>>;
}

const number = (value: number | undefined, digits = 0) => (value === undefined ? '-' : value.toFixed(digits));

export function rowOf(video: string, one: Case, said: Said, plain: PlainDelays): Row {
  const { corruption, severity, loss, mapLoss } = one;
  const right = said.last !== undefined && corruption.right.includes(said.last);
  const cells = {
    video,
    fault: `${corruption.name} ${severity}`,
    split: corruption.held ? 'reported' : 'tuned',
    'F1 lost': number(loss, 2),
    'mAP lost': number(mapLoss, 2),
    expected: number(said.expectedLoss, 2),
    notice: number(said.noticeS),
    alarm: number(said.alarmS),
    right: said.last === undefined ? '-' : right ? 'yes' : 'no',
    names: said.names.join(' > '),
    incidents: String(said.incidents),
    over: said.names.length === 0 ? '-' : number(said.clearedS),
    ...Object.fromEntries(Object.entries(plain).map(([name, delay]) => [name, number(delay)])),
  };
  return { one, said, plain, cells };
}

export function watchClean(
  name: string,
  profile: ReferenceProfile,
  place: Place,
  loop: Loop,
  hours: number,
): void {
  const monitor = new DriftMonitor(profile);
  const raised: string[] = [];
  const highest = new Float64Array(Math.ceil(hours));
  let from: number | undefined;
  new Player(place).play(loop.play(hours * 3600), (thumbnail, result, atMs) => {
    for (const { phase, grade, message, signals } of monitor.observe(thumbnail, result, atMs))
      if (phase === 'raised' || (phase === 'changed' && grade === 'alarm'))
        raised.push(`${grade} ${message} (${signals[0]?.name ?? 'rule'}) at ${(atMs / 1000).toFixed(0)} s`);
    from ??= atMs;
    const hour = Math.min(highest.length - 1, Math.floor((atMs - from) / 3_600_000));
    highest[hour] = Math.max(highest[hour]!, monitor.state().score ?? 0);
  });
  const said = raised.length > 0 ? `: ${raised.slice(0, 12).join('; ')}` : '';
  const most = Math.max(...highest).toFixed(2);
  console.log(
    `${name}: ${hours} clean hours, ${raised.length} said${said}; highest ${most} of the threshold`,
  );
  if (highest.length >= fewestHours)
    console.log(`${name}: by extrapolation one in ${daysBetween(highest).toFixed(0)} camera-days`);
}

/** Hours that a tail can be fitted to. */
const fewestHours = 8;

/**
 * Mean days until an hour reaches the threshold. `highest`: the highest of each hour, 1 = the threshold. Peaks of a CUSUM fall off
 * exponentially (Siegmund 1985); the scale is the mean excess of the upper half over the median, and two standard errors more.
 */
export function daysBetween(highest: Float64Array): number {
  const upper = highest.toSorted().subarray(highest.length >> 1);
  const median = upper[0]!;
  const excess = upper.reduce((sum, value) => sum + value - median, 0) / upper.length;
  const scale = excess * (1 + 2 / Math.sqrt(upper.length));
  return (2 * Math.exp(Math.max(0, 1 - median) / scale)) / 24;
}

/** The summary of tuned kinds and of those that are only reported. */
export function summaryLines(rows: readonly Row[]): string[] {
  const held = (wanted: boolean) => rows.filter(({ one }) => one.corruption.held === wanted);
  return [
    ...plainLines(rows),
    ...part('all', rows),
    ...part('tuned on', held(false)),
    ...part('only reported', held(true)),
    ...part(
      'of pictures',
      rows.filter(({ one }) => one.corruption.family !== 'answers'),
    ),
    ...part(
      'of answers and the stream',
      rows.filter(({ one }) => one.corruption.family === 'answers'),
    ),
  ];
}

/** What the watch and each plain detector found, and how much sooner. */
function plainLines(rows: readonly Row[]): string[] {
  const names = Object.keys(rows[0]?.plain ?? {});
  if (names.length === 0) return [];
  const line = (name: string, delayOf: (row: Row) => number | undefined) => {
    const delays = rows.map(delayOf).filter((delay) => delay !== undefined);
    const both = rows.filter((row) => delayOf(row) !== undefined && row.said.noticeS !== undefined);
    const apart = both.map((row) => delayOf(row)! - row.said.noticeS!);
    const sooner = apart.filter((seconds) => seconds < 0).length;
    return {
      ...{
        detector: name,
        found: `${delays.length} of ${rows.length}`,
        median: `${quantile(delays, 0.5)} s`,
      },
      ...{ p95: `${quantile(delays, 0.95)} s`, sooner: `${sooner} of ${both.length}` },
      later: `${apart.filter((seconds) => seconds > 0).length}`,
    };
  };
  return [
    ...markdownTable([
      line('Goshawk, first notice', ({ said }) => said.noticeS),
      ...names.map((name) => line(name, ({ plain }) => plain[name])),
    ]),
    '',
  ];
}

function part(name: string, rows: readonly Row[]): string[] {
  const found = rows.filter(({ said }) => said.last !== undefined);
  const harm = rows.filter(({ one }) => one.loss > harmful);
  const alarmed = rows.filter(({ said }) => said.alarmS !== undefined);
  const both = harm.filter((row) => alarmed.includes(row)).length;
  const right = found.filter(({ one, said }) => one.corruption.right.includes(said.last!));
  const graded = rows.filter(({ said }) => said.expectedLoss !== undefined);
  const changes = found.map(({ said }) => (said.names.length - 1) / Math.max(1, said.incidents));
  const ends = found.map(({ said }) => said.clearedS ?? Number.POSITIVE_INFINITY);
  const share = (part: number, all: number) =>
    `${((100 * part) / Math.max(1, all)).toFixed(0)} % (${part} of ${all})`;
  return [
    `**${name}**: ${rows.length} cases, found ${found.length}, harmful ${harm.length} of which found ${harm.filter((row) => found.includes(row)).length}`,
    `- right verdict ${share(right.length, found.length)}, of harmful ones ${share(right.filter((row) => harm.includes(row)).length, found.filter((row) => harm.includes(row)).length)}`,
    `- harm: precision ${(both / Math.max(1, alarmed.length)).toFixed(2)}, recall ${(both / Math.max(1, harm.length)).toFixed(2)}; correlation of expected and true loss ${correlation(graded.map(({ one, said }) => [said.expectedLoss!, one.loss])).toFixed(2)} (${graded.length})`,
    `- notice: median ${quantile(
      found.map(({ said }) => said.noticeS!),
      0.5,
    )} s, p95 ${quantile(
      found.map(({ said }) => said.noticeS!),
      0.95,
    )} s; changes of name: median ${quantile(changes, 0.5)}, p95 ${quantile(changes, 0.95)}; over within 15 s ${share(ends.filter((end) => end <= 15).length, ends.length)}, median ${quantile(ends, 0.5)} s`,
  ];
}

function quantile(values: readonly number[], q: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return value === undefined ? '-' : value === Number.POSITIVE_INFINITY ? 'never' : value.toFixed(0);
}

export function correlation(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [a, b] of points) {
    xy += (a - x) * (b - y);
    xx += (a - x) ** 2;
    yy += (b - y) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
