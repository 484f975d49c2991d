/**
 * What the watch says of real video with faults of 39 kinds: found, named, graded, over.
 *
 *   npm run bench -- drift-real --data DIR [--cache DIR] [--videos square,lane] [--learn-hours 4] [--hours 8] [--only NAMES] [--severities 2,4]
 *     [--onset ramp] [--plain] [--without FAMILIES] [--out FILE] [--parts FILE]
 *
 * `--onset ramp`: a fault rises through the lower severities, 15 s each; seconds count from its start. `--plain`: published
 * detectors on the same signals beside it. `--without`: families of signals, or single ones, that are not watched. DIR holds video/vtest.avi, the models and coco80.txt; ffmpeg is needed. The networks look once, then all is in the cache.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  formatProfile,
  ProfileBuilder,
  parseProfile,
  type ReferenceProfile,
  signals,
} from '../../../../src/drift/index.ts';
import { markdownTable } from '../table.ts';
import { readTrace } from '../trace.ts';
import { type Case, casesOf } from './cases.ts';
import { leadSeconds, risen, tailSeconds, watchCase } from './episode.ts';
import { partsOf } from './fit.ts';
import { identityOf, Loop, looksOf, type Place, Player } from './loop.ts';
import { PlainDetectors } from './plain.ts';
import { record } from './record.ts';
import { type Row, rowOf, summaryLines, watchClean } from './report.ts';
import { type Video, videos } from './videos.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    cache: { type: 'string', default: join(tmpdir(), 'goshawk-drift-real') },
    videos: { type: 'string', default: 'square,corner,lane,street' },
    'learn-hours': { type: 'string', default: '4' },
    hours: { type: 'string', default: '8' },
    only: { type: 'string' },
    severities: { type: 'string', default: '1,2,3,4,5' },
    onset: { type: 'string', default: 'abrupt' },
    plain: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    anew: { type: 'boolean', default: false },
    recorded: { type: 'boolean', default: false },
    out: { type: 'string' },
    parts: { type: 'string' },
  },
});
const [kinds, severities] = [values.only?.split(','), values.severities.split(',').map(Number)];
const isRamp = values.onset === 'ramp';
const wanted = (name: string, severity: number) =>
  (kinds?.includes(name) ?? true) && severities.includes(severity);
const recorded = (name: string, severity: number) =>
  wanted(name, severity) ||
  (isRamp && severities.some((wantedOne) => severity < wantedOne && wanted(name, wantedOne)));
const [learnHours, cleanHours] = [Number(values['learn-hours']), Number(values.hours)];

async function run(video: Video): Promise<Row[]> {
  const folder = join(values.cache, video.name);
  mkdirSync(folder, { recursive: true });
  const pictures = await video.pictures();
  if (!values.recorded) await record(folder, video, pictures, (text) => console.error(text), recorded);
  const [{ width, height }] = pictures as [(typeof pictures)[0]];
  const place: Place = { labels: video.labels, width, height };
  const looks = looksOf(pictures);
  const answers = ['clean', 'clean-again'].map((name) => readTrace(folder, name));
  const profile = without(learned(join(folder, 'profile.json'), place, new Loop(looks, answers, 1)));
  if (cleanHours > 0) watchClean(video.name, profile, place, new Loop(looks, answers, 2), cleanHours);
  const loop = new Loop(looks, answers, 3);
  const lead = [...loop.play(leadSeconds)];
  const tail = [...loop.play(tailSeconds)];
  const seen = { clean: answers[0]!, again: answers[1]!, width, height, classes: video.labels.length };
  const clean = (seed: number) => new Loop(looks, answers, seed).play(cleanHours * 3600);
  const plain =
    values.plain &&
    new PlainDetectors(profile, place, {
      learned: new Loop(looks, answers, 1).play(3600),
      ...{ tunedOn: clean(4), others: clean(2) },
    });
  if (plain) for (const line of plain.lines) console.log(`${video.name}: ${line}`);
  const cases = casesOf(folder, loop.stretch(), seen);
  const lower = (one: Case) =>
    isRamp
      ? cases.filter(({ corruption, severity }) => corruption === one.corruption && severity < one.severity)
      : [];
  return cases
    .filter((one) => wanted(one.corruption.name, one.severity) && (!isRamp || lower(one).length > 0))
    .map((one) => {
      const fault = [...risen(lower(one), one)];
      const said = watchCase(profile, place, fault, lead, tail);
      const row = rowOf(video.name, one, said, plain ? plain.delays(lead, fault) : {});
      console.error(Object.values(row.cells).join(' | '));
      return row;
    });
}

function learned(path: string, place: Place, loop: Loop): ReferenceProfile {
  if (!values.anew && existsSync(path)) return parseProfile(readFileSync(path, 'utf8'), path);
  const builder = new ProfileBuilder({ modelDigest: identityOf(place).digest, camera: 'real' });
  new Player(place).play(loop.play(learnHours * 3600), (thumbnail, result, atMs) =>
    builder.observe(thumbnail, result, atMs),
  );
  const profile = builder.finish();
  writeFileSync(path, formatProfile(profile));
  return profile;
}

function without(profile: ReferenceProfile): ReferenceProfile {
  const left = values.without.split(',');
  const controls = profile.controls.filter(({ signal }) => {
    const { name, family } = signals[signal]!;
    return !left.includes(name) && !left.includes(family);
  });
  return { ...profile, controls };
}

const rows: Row[] = [];
for (const video of videos(values.data).filter(({ name }) => values.videos.split(',').includes(name)))
  rows.push(...(await run(video)));
const lines = [...markdownTable(rows.map(({ cells }) => cells)), '', ...summaryLines(rows)];
for (const line of lines) console.log(line);
if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`);
// For `fit.ts`.
if (values.parts !== undefined)
  writeFileSync(values.parts, JSON.stringify(rows.map(({ cells, one, said }) => partsOf(cells, one, said))));
