/**
 * What the drift monitor finds, how fast, how often it is wrong, and what published detectors do on the same streams.
 *
 *   npm run bench -- drift [--traces DIR] [--seed 5] [--days 30] [--only false-alarms] [--out FILE]
 *
 * Renders the street once (hours of it; some twenty minutes of a core) and keeps the recordings in DIR.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatProfile } from '../../../src/drift/index.ts';
import { boundLines, rampTable } from './bounds.ts';
import { countFalseAlarms, type RecordedDay } from './clean.ts';
import { measureBaselines } from './compare.ts';
import { measureMemory } from './cost.ts';
import { type Cell, detect, type Scenario, scenarios } from './detection.ts';
import { measureHarm } from './harm.ts';
import { isOrdinary } from './plan.ts';
import { record } from './record.ts';
import { learn } from './replay.ts';
import { type Part, ticksOf, watch } from './streams.ts';
import { delayTable, markdownTable } from './table.ts';
import { hasTrace, readTrace } from './trace.ts';

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: join(tmpdir(), 'goshawk-drift-traces') },
    seed: { type: 'string', default: '5' },
    days: { type: 'string', default: '30' },
    model: { type: 'string', default: 'models/street/street.onnx' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});
const falseAlarmsOnly = values.only === 'false-alarms';
const folder = join(values.traces, `street-${values.seed}`);
const lines: string[] = [];
const print = (text = ''): void => {
  lines.push(text);
  console.log(text);
};
const arl0Ms = 30 * 86_400_000;

await record(
  folder,
  Number(values.seed),
  values.model,
  (text) => console.error(text),
  (segment) => (falseAlarmsOnly ? isOrdinary(segment) : true),
);

const read = (name: string) => readTrace(folder, name);
const half = (name: string, part: 0 | 1) => {
  const frames = read(name);
  // Dusk first, then evening as it stays: learned the other way round, so that both phases of learning see both.
  return part === 0 ? frames.slice(0, 1200) : frames.slice(1200);
};
const second = hasTrace(folder, 'reference-2-evening');
const reference: Part[] = [
  { timeOfDay: 'day', frames: read('reference-day') },
  { timeOfDay: 'day', frames: read('reference-dusk') },
  ...(second
    ? ([
        { timeOfDay: 'day', frames: read('reference-2-day') },
        { timeOfDay: 'day', frames: read('reference-2-dusk') },
        { timeOfDay: 'evening', frames: read('reference-2-evening') },
      ] as const)
    : []),
  { timeOfDay: 'evening', frames: half('reference-evening', 1) },
  { timeOfDay: 'evening', frames: half('reference-evening', 0) },
];
const seconds = (parts: readonly Part[]) => parts.reduce((sum, { frames }) => sum + frames.length / 5, 0);
const profile = learn(reference.map(({ timeOfDay, frames }) => [timeOfDay, frames] as const));
print(
  `Street ${values.seed}; profile of ${seconds(reference)} s, ${formatProfile(profile).length} bytes; ARL0 30 days.`,
);
print();

const heldOut = ['held-out', ...(hasTrace(folder, 'held-out-2-evening') ? ['held-out-2'] : [])];
const clean: Part[] = heldOut.flatMap((name) => [
  { timeOfDay: 'day' as const, frames: read(`${name}-day`) },
  { timeOfDay: 'day' as const, frames: read(`${name}-dusk`) },
  { timeOfDay: 'evening' as const, frames: read(`${name}-evening`) },
]);

print('## Benign');
for (const [name, part] of [
  ...clean.map((part, i) => [`held-out video, part ${i + 1} (${part.timeOfDay})`, part] as const),
  ...(falseAlarmsOnly
    ? []
    : ([
        ['empty street', { timeOfDay: 'day', frames: read('empty-street') }],
        ['rush hour', { timeOfDay: 'day', frames: read('rush-hour') }],
      ] as const)),
]) {
  const raised = watch(profile, [part], arl0Ms).filter(({ phase }) => phase === 'raised');
  print(
    `${name}: ${seconds([part])} s, ${raised.length} false alarms ${raised.map(({ message, signals: [s] }) => `${message} (${s?.name})`).join(', ')}`,
  );
}
print();

const recorded: RecordedDay[] = clean.map((part) => ({
  timeOfDay: part.timeOfDay,
  ticks: ticksOf(profile, [part]).filter(({ settling }) => !settling),
}));
const days = Number(values.days);
const falseAlarms = countFalseAlarms(profile, recorded, days, arl0Ms);
print('## False alarms');
print(
  `${falseAlarms.raised} in ${days} camera-days of signals made of ${seconds(clean)} s of held-out video, five minutes at a time.`,
);
for (const [name, count] of Object.entries(falseAlarms.verdicts)) print(`- ${count} x ${name}`);
print();

if (falseAlarmsOnly) {
  print('## Detection, changes of the output alone');
  const lead = clean[0]!.frames;
  const cells = scenarios(folder, lead, false).map((scenario) => detect(profile, scenario, lead));
  for (const line of delayTable(cells)) print(line);
} else await measureDetection();
if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`);

/** Everything that needs the recordings of faults. */
async function measureDetection(): Promise<void> {
  const cells: Cell[] = [];
  const lead = clean[0]!.frames;
  const all: readonly Scenario[] = scenarios(folder, lead);
  for (const scenario of all) cells.push(detect(profile, scenario, lead));
  print('## Detection');
  for (const line of delayTable(cells)) print(line);
  print();
  print('## Ramps, median / p95 by two clocks');
  for (const line of rampTable(cells)) print(line);
  print();
  print('## Bounds of detection');
  for (const line of boundLines(cells)) print(line);
  print();

  print('## Beside published detectors');
  const { rows, sentences } = measureBaselines(
    profile,
    ticksOf(profile, reference),
    recorded,
    all,
    lead,
    cells,
  );
  for (const line of markdownTable(rows)) print(line);
  print();
  for (const line of sentences) print(`- ${line}`);
  print();

  print('## Harm');
  for (const line of measureHarm(cells, clean[0]!.frames, read)) print(line);
  print();

  print('## Cost');
  print(await measureMemory(profile, lead));
}
