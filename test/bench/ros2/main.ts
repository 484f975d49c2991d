/*
 * `npm run bench -- ros2 [-- --seconds 60]`: 1080p rgb8 at 30 Hz from a plain Cyclone DDS camera in C, received by a plain C
 * subscriber and by device/dds, in turns; then through the whole chain with the native engine, also at 720p and, where
 * libfastdds-dev and fastddsgen are, from a Fast DDS camera: through UDP, and over shared memory with the Fast DDS addon. The
 * bounds are for 1080p of all: our CPU at most 1.2 times that of a plain program, no picture lost, 2 ms outside the network
 * at the median, the event loop late by 2 ms at p99; 0.25 ms to encode and publish twenty detections, at the median.
 *
 * `--only fastdds`: shared memory alone.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { rosEnvironment } from '../../../device/dds/index.ts';
import type { Middleware } from '../../../native/index.ts';
import { buildPeer, whyNoPeer } from '../../integration/ros2/fastdds-peer.ts';
import { buildCyclonePeer, needCyclonePeer } from './build-cyclone-peer.ts';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    turns: { type: 'string', default: '6' },
    only: { type: 'string', default: '' },
  },
});
const turns = Number(values.turns);
const secondsOfATurn = Number(values.seconds) / turns;
const domain = '94';
const bounds = { cpuRatio: 1.2, lost: 0, outsideNetworkMs: 2, loopP99Ms: 2, publishMs: 0.25 };

interface Reading {
  readonly frames: number;
  readonly lost: number;
  readonly cpuSeconds: number;
  /** Stamp to reader, p50 and p99. */
  readonly latencyMs: readonly [number, number];
}

/** The same camera read by a plain program and by us. */
interface Readings {
  readonly names: readonly [plain: string, ours: string];
  readonly plain: Reading[];
  readonly ours: Reading[];
}

/** A program that publishes pictures until it is killed. */
type Camera = (width: number, height: number) => readonly [program: string, args: readonly string[]];

/** Encode and publish of twenty detections. */
interface Publishing {
  readonly over: string;
  readonly messages: number;
  /** p50 and p99. */
  readonly publishMs: readonly [number, number];
}

interface Row {
  readonly camera: string;
  readonly bound: boolean;
  readonly chain: Chain;
}

/** Pairs are p50 and p99. */
interface Chain {
  readonly engine: string;
  readonly frames: number;
  readonly lost: number;
  readonly captureToPublishMs: readonly [number, number];
  readonly networkMs: readonly [number, number];
  readonly outsideNetworkMs: readonly [number, number];
  readonly stampToUsMs: readonly [number, number];
  readonly usToPublishMs: readonly [number, number];
  readonly loopMs: readonly [number, number];
}

/** Before and after: what a camera needs twice before a picture is out, once to serialize and once to send it. */
const restedCopyMs = [await copyAfterRest()];

needCyclonePeer();

const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-bench-ros2-'));
// All three with the configuration that we give ourselves.
const { configuration } = rosEnvironment({ ROS_LOCALHOST_ONLY: '1' });
const environment = { ...process.env, CYCLONEDDS_URI: configuration };
try {
  const peer = values.only === '' ? await buildCyclonePeer(folder) : '';
  // A camera goes on a little longer than whoever listens to it.
  const longest = secondsOfATurn + 60;
  const cyclone: Camera = (width, height) => [
    peer,
    ['camera', domain, longest, 30, width, height].map(String),
  ];
  const readings: Readings[] = [];
  const rows: Row[] = [];
  const publishing: Publishing[] = [];
  const whole = (camera: Camera, over: Middleware = 'cyclone', size?: readonly [number, number]) =>
    receive<Chain>(camera, process.execPath, script('dds-pipeline.ts', over), size);
  if (values.only === '') {
    const plain = [peer, ['reader', domain, String(secondsOfATurn)]] as const;
    readings.push(await inTurns('plain C', 'device/dds', cyclone, plain, 'cyclone'));
    rows.push({ camera: 'Cyclone DDS, 1080p', bound: true, chain: await whole(cyclone) });
    rows.push({
      camera: 'Cyclone DDS, 720p',
      bound: false,
      chain: await whole(cyclone, 'cyclone', [1280, 720]),
    });
  }
  const absent = whyNoPeer('fastdds');
  if (absent === undefined) {
    const other = await buildPeer(folder);
    const fastdds =
      (mode: 'run' | 'send', road: 'udp' | 'shm'): Camera =>
      (width, height) => [
        other,
        [mode, domain, Math.ceil(30 * longest), 30, width, height, road].map(String),
      ];
    if (values.only === '')
      rows.push({ camera: 'Fast DDS, 1080p', bound: true, chain: await whole(fastdds('run', 'udp')) });
    rows.push({
      camera: 'Fast DDS, 1080p, shared memory',
      bound: true,
      chain: await whole(fastdds('run', 'shm'), 'fastdds'),
    });
    rows.push({
      camera: 'Fast DDS, 720p, shared memory',
      bound: false,
      chain: await whole(fastdds('run', 'shm'), 'fastdds', [1280, 720]),
    });
    const publisher = async (over: string, road: 'udp' | 'shm', middleware: Middleware) =>
      publishing.push({
        over,
        ...(await receive<Omit<Publishing, 'over'>>(
          fastdds('run', road),
          process.execPath,
          script('dds-publisher.ts', middleware),
        )),
      });
    if (values.only === '') await publisher('UDP', 'udp', 'cyclone');
    await publisher('shared memory', 'shm', 'fastdds');
    const plain = [other, ['read', domain, String(secondsOfATurn), 'shm']] as const;
    readings.push(
      await inTurns('plain C++, Fast DDS', 'device/dds, Fast DDS', fastdds('send', 'shm'), plain, 'fastdds'),
    );
  } else console.log(`No Fast DDS camera: ${absent}`);
  restedCopyMs.push(await copyAfterRest());
  process.exitCode = print(readings, rows, publishing) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Median in ms, at the pace of the camera: a processor that slept has its caches cold. */
async function copyAfterRest(): Promise<number> {
  const picture = Buffer.alloc(1920 * 1080 * 3, 1);
  const copy = Buffer.alloc(picture.length);
  const times: number[] = [];
  for (let turn = 0; turn < 60; turn += 1) {
    picture.fill(turn);
    await sleep(33);
    const began = performance.now();
    picture.copy(copy);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[30] ?? Number.NaN;
}

async function inTurns(
  plain: string,
  ours: string,
  camera: Camera,
  [program, args]: readonly [string, readonly string[]],
  over: Middleware,
): Promise<Readings> {
  const readings: Readings = { names: [plain, ours], plain: [], ours: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    readings.plain.push(await receive(camera, program, args));
    readings.ours.push(await receive(camera, process.execPath, script('dds-reader.ts', over)));
  }
  return readings;
}

function script(name: string, over: Middleware): string[] {
  return ['--import', 'tsx', path.join(import.meta.dirname, name), domain, String(secondsOfATurn), over];
}

async function receive<Result = Reading>(
  cameraOf: Camera,
  program: string,
  args: readonly string[],
  [width, height]: readonly [number, number] = [1920, 1080],
): Promise<Result> {
  const [cameraProgram, cameraArgs] = cameraOf(width, height);
  const camera = spawn(cameraProgram, [...cameraArgs], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const { stdout } = await run(program, [...args], { env: environment });
    return JSON.parse(stdout) as Result;
  } finally {
    camera.kill();
  }
}

function print(
  readings: readonly Readings[],
  rows: readonly Row[],
  publishing: readonly Publishing[],
): boolean {
  const [cpu] = cpus();
  const load = loadavg()[0]?.toFixed(1);
  const copies = restedCopyMs.map((ms) => ms.toFixed(2)).join(' to ');
  console.log(`1920x1080 rgb8 at 30 Hz, ${turns} turns of ${secondsOfATurn.toFixed(0)} s each, in turns`);
  console.log(`${cpus().length} x ${cpu?.model}, load ${load}, node ${process.version}`);
  console.log(`one copy of such a picture by a thread that rested since the last one: ${copies} ms\n`);
  for (const { names, plain, ours } of readings) {
    for (const [name, reading] of [
      ...plain.map((each) => [names[0], each] as const),
      ...ours.map((each) => [names[1], each] as const),
    ]) {
      const { frames, lost, cpuSeconds, latencyMs } = reading;
      const each = ((1000 * cpuSeconds) / Math.max(1, frames)).toFixed(2);
      console.log(
        `${name.padEnd(20)}  ${frames} frames, ${lost} lost, ${each} ms CPU each, stamp to reader p50 ${latencyMs[0]}, p99 ${latencyMs[1]} ms`,
      );
    }
  }
  for (const row of rows) printChain(row);
  console.log('');
  for (const { over, messages, publishMs } of publishing)
    console.log(
      `20 detections to a Fast DDS subscriber over ${over}: ${messages} messages, encode and publish p50 ${publishMs[0]}, p99 ${publishMs[1]} ms`,
    );
  const cost = (readings: readonly Reading[]) =>
    readings.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) /
    readings.reduce((sum, { frames }) => sum + frames, 0);
  console.log('');
  return [
    ...readings.flatMap(({ names: [plainly, name], plain, ours }) => [
      holds(`CPU, ${name} : ${plainly}`, cost(ours) / cost(plain), bounds.cpuRatio),
      holds(
        `pictures lost in ${values.seconds} s, ${name}`,
        ours.reduce((sum, reading) => sum + reading.lost, 0),
        bounds.lost,
      ),
    ]),
    ...rows
      .filter(({ bound }) => bound)
      .flatMap(({ camera, chain }) => [
        holds(`${camera}: outside the network, p50 ms`, chain.outsideNetworkMs[0], bounds.outsideNetworkMs),
        holds(`${camera}: event loop late, p99 ms`, chain.loopMs[1], bounds.loopP99Ms),
      ]),
    ...publishing.map(({ over, publishMs }) =>
      holds(`20 detections over ${over}, p50 ms`, publishMs[0], bounds.publishMs),
    ),
  ].every(Boolean);
}

function printChain({ camera, chain }: Row): void {
  console.log(
    `\n${camera}, the whole chain with ${chain.engine}: ${chain.frames} frames, ${chain.lost} lost; p50 and p99`,
  );
  for (const [what, [p50, p99]] of [
    ['stamp to our frame source', chain.stampToUsMs],
    ['network', chain.networkMs],
    ['the rest: queue, preprocess, decode, encode, publish', chain.usToPublishMs],
    ['capture to publish', chain.captureToPublishMs],
    ['outside the network', chain.outsideNetworkMs],
    ['event loop late', chain.loopMs],
  ] as const) {
    console.log(`  ${what.padEnd(54)} ${p50.toFixed(2).padStart(7)} ${p99.toFixed(2).padStart(7)} ms`);
  }
}

function holds(what: string, value: number, bound: number): boolean {
  const met = value <= bound;
  console.log(
    `${what.padEnd(48)} ${value.toFixed(2).padStart(6)}  (at most ${bound})  ${met ? 'met' : 'MISSED'}`,
  );
  return met;
}
