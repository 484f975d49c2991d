/**
 * False alarms on whole days of rendered street: the first day is learned, three are watched.
 *
 *   npm run bench -- drift-days [--traces DIR] [--seed 61] [--hours 96] [--learn-hours 24] [--times-of-day 1,4] [--arl0-hours 720]
 *                               [--out FILE] [--record-only SHARE/OF | --watch-only]
 *
 * One hour of street is some 35 s of one core. The recordings stay in DIR, and an hour that is there is not made again, so
 * the command may be stopped and given again until all 96 hours are there; it says how many it watched. Several processes
 * may record side by side: `--record-only 1/2` makes every other hour and stops there.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareDays } from './compare.ts';
import { hourS, referenceHours, totalHours } from './plan.ts';
import { recordDays } from './record.ts';
import { learnDays, watchDays } from './watch.ts';

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: join(tmpdir(), 'goshawk-drift-traces') },
    seed: { type: 'string', default: '61' },
    hours: { type: 'string', default: String(totalHours) },
    model: { type: 'string', default: 'models/street/street.onnx' },
    'learn-hours': { type: 'string', default: String(referenceHours) },
    'times-of-day': { type: 'string', default: '1,4,24' },
    'arl0-hours': { type: 'string', default: '720' },
    'record-only': { type: 'string' },
    'watch-only': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const folder = join(values.traces, `days-${values.seed}`);
const hours = Number(values.hours);
const learnHours = Number(values['learn-hours']);
const arl0Ms = Number(values['arl0-hours']) * 3_600_000;
if (!(hours > learnHours && learnHours > 0)) {
  throw new Error(`--hours ${values.hours}: the first ${learnHours} are learned, so give more than that.`);
}
const [share = 1, of = 1] = (values['record-only'] ?? '1/1').split('/').map(Number);
if (!(Number.isInteger(share) && Number.isInteger(of) && share >= 1 && share <= of)) {
  throw new Error(`--record-only ${values['record-only']}: give the share and their number, e.g. 1/2.`);
}
if (!values['watch-only']) {
  const mine = Array.from({ length: hours }, (_, hour) => hour).filter((hour) => hour % of === share - 1);
  await recordDays(folder, Number(values.seed), values.model, mine, (text) => console.error(text));
}
if (values['record-only'] !== undefined) process.exit();

const lines: string[] = [];
const print = (text: string): void => {
  lines.push(text);
  console.log(text);
};
for (const [which, timesOfDay] of values['times-of-day'].split(',').map(Number).entries()) {
  const profile = learnDays(folder, learnHours, timesOfDay);
  const { hours: watched, alarms } = watchDays(folder, profile, learnHours, hours, arl0Ms);
  const raised = alarms.filter(({ phase }) => phase === 'raised');
  print(
    `Street ${values.seed}, ${learnHours} h learned with ${timesOfDay} times of day: ${raised.length} false alarms in ${watched} h, ${((raised.length * 24) / Math.max(1, watched)).toFixed(2)} per camera-day.`,
  );
  for (const { message, atMs, signals } of raised) {
    const day = Math.floor(atMs / 86_400_000);
    const hour = ((atMs / 1000 / hourS) % 24).toFixed(2);
    const [first] = signals;
    print(
      `- day ${day}, ${hour} h: ${message}${first === undefined ? '' : ` (${first.name}, ${first.deviations.toFixed(1)} deviations)`}`,
    );
  }
  if (which > 0) continue;
  for (const { name, alarms, factor } of compareDays(
    folder,
    profile,
    learnHours,
    learnHours + watched,
    raised.length,
  )) {
    print(
      `- beside it ${name}: ${alarms} with thresholds that are quiet on what was learned; ${raised.length} with thresholds ${factor.toFixed(2)} times as high.`,
    );
  }
}
if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`);
