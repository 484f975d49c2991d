/*
 * `npm run bench -- ros2-latency [-- --seconds 10 --turns 3 --middleware cyclone|fastdds --only 1080p,udp]`: pictures of 1080p and
 * 720p at 30 Hz from a plain camera, read by a plain program and by device/dds in turns, over Cyclone DDS (both in C) and over
 * Fast DDS (both in C++; over shared memory and over UDP): reliable and best effort, as the middleware comes and tuned. Tuned is
 * the configuration that we give ourselves, for Fast DDS deploy/ros2/fastdds.xml; all three programs have the same one. Bounds:
 * never fewer pictures than the plain program by more than one of a hundred, and a median latency of at most 1.2 times its own.
 * Where fewer than a tenth of the pictures come to either, the row is printed and not compared. A program that hangs is ended after a
 * minute more than it should take: the table says so; a turn in which the plain one hung is not compared, ours misses its row then.
 *
 * `--only` takes rows that have all of its words: 1080p, 720p, shm, udp, reliable, best_effort, tuned, untuned.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Middleware } from '../../../native/index.ts';
import { buildPeer, whyNoPeer } from '../../integration/ros2/fastdds-peer.ts';
import { buildCyclonePeer, needCyclonePeer } from './build-cyclone-peer.ts';
import { type Row, rowsOf, type Variables, variablesOf, wordsOf } from './latency-rows.ts';
import { compareTurns, type Reading, type Turn, tableHead } from './latency-table.ts';
import { endWithin, runLimited } from './limited-run.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    turns: { type: 'string', default: '3' },
    middleware: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
  },
});
const domain = '96';
const seconds = Number(values.seconds);
const words = values.only.split(',').filter((word) => word !== '');
const rows = (['cyclone', 'fastdds'] as const)
  .filter((each) => values.middleware === '' || values.middleware === each)
  .flatMap(rowsOf)
  .filter((row) => words.every((word) => wordsOf(row).includes(word)));
if (rows.length === 0) {
  console.error('There is no such row.');
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-bench-latency-'));
try {
  const peers = new Map<Middleware, string>();
  for (const { middleware } of rows)
    if (!peers.has(middleware)) peers.set(middleware, await build(middleware));
  console.log(`30 Hz, ${values.turns} turns of ${values.seconds} s each, in turns`);
  console.log(`${cpus().length} x ${cpus()[0]?.model}, node ${process.version}\n`);
  for (const line of tableHead) console.log(line);
  let met = true;
  for (const row of rows) met = (await compare(peers.get(row.middleware) ?? '', row)) && met;
  process.exitCode = met ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function build(middleware: Middleware): Promise<string> {
  const place = path.join(folder, middleware);
  mkdirSync(place);
  if (middleware === 'cyclone') {
    needCyclonePeer();
    return buildCyclonePeer(place);
  }
  const absent = whyNoPeer(middleware);
  if (absent !== undefined) throw new Error(`No Fast DDS camera: ${absent}`);
  return buildPeer(place, path.join(import.meta.dirname, 'plain_fastdds.cc'));
}

async function compare(peer: string, row: Row): Promise<boolean> {
  const plain: Turn[] = [];
  const ours: Turn[] = [];
  const variables = variablesOf(row, folder);
  const script = path.join(import.meta.dirname, 'dds-reader.ts');
  const more = row.reliability === 'best_effort' ? ['best_effort'] : [];
  for (let turn = 0; turn < Number(values.turns); turn += 1) {
    plain.push(await read(peer, row, variables, peer, ['reader', domain, values.seconds, ...more]));
    const args = ['--import', 'tsx', script, domain, values.seconds, row.middleware, ...more];
    ours.push(await read(peer, row, variables, process.execPath, args));
  }
  const { cells, met } = compareTurns(plain, ours, 30 * seconds);
  const name = wordsOf(row).join(', ').replace('untuned', 'as it comes');
  console.log(`| ${[name, loadavg()[0]?.toFixed(1), ...cells].join(' | ')} |`);
  return met;
}

async function read(
  peer: string,
  { size, reliability, middleware }: Row,
  variables: Variables,
  program: string,
  args: readonly string[],
): Promise<Turn> {
  const env = { ...process.env, ...variables };
  const longest = String(seconds + 120);
  const what = [
    ...['camera', domain, longest, '30', ...size.map(String)],
    ...(middleware === 'cyclone' ? ['rgb8'] : []),
    ...(reliability === 'best_effort' ? ['best_effort'] : []),
  ];
  const camera = spawn(peer, what, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const { stdout, hung } = await runLimited(program, args, { env, limitMs: (seconds + 60) * 1000 });
    // One that hung where it leaves had said before what it saw.
    return hung && stdout === '' ? undefined : (JSON.parse(stdout) as Reading);
  } finally {
    // The next one must not be heard beside it.
    await endWithin(camera, 10_000);
  }
}
