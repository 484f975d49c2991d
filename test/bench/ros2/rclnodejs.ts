/*
 * `npm run bench -- ros2-rclnodejs [-- --seconds 10 --turns 3]`: pictures of 1080p at 30 Hz, reliable, from a Cyclone DDS camera in C,
 * read by a plain subscriber in C with rcl and by device/rclnodejs in turns, all with the configuration that we give ourselves.
 * Bound: our CPU for a picture at most 1.2 times the plain one's, and no picture lost.
 *
 * Needs a sourced ROS 2 with rmw_cyclonedds_cpp and sensor_msgs, and GOSHAWK_RCLNODEJS=<path of rclnodejs/dist/index.js>. `--reader
 * <program>`: a plain reader that is compiled already (rcl_reader.c and rclcpp_reader.cpp beside this file say how).
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { buildCyclonePeer, needCyclonePeer } from './build-cyclone-peer.ts';

interface Reading {
  readonly frames: number;
  readonly lost: number;
  readonly cpuSeconds: number;
  readonly latencyMs: readonly [number, number];
}

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    turns: { type: 'string', default: '3' },
    reader: { type: 'string', default: '' },
  },
});
const domain = '97';
const bound = 1.2;

const prefixes = (process.env.AMENT_PREFIX_PATH ?? '').split(':').filter((each) => each !== '');
if (prefixes.length === 0 || process.env.GOSHAWK_RCLNODEJS === undefined) {
  console.error('Source a ROS 2, and set GOSHAWK_RCLNODEJS to the path of rclnodejs/dist/index.js.');
  process.exit(1);
}
needCyclonePeer();
const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-bench-rclnodejs-'));
try {
  const camera = await buildCyclonePeer(folder);
  const plainReader = values.reader === '' ? await buildReader() : values.reader;
  console.log(`1080p rgb8 at 30 Hz, reliable, ${values.turns} turns of ${values.seconds} s each, in turns`);
  console.log(`${cpus().length} x ${cpus()[0]?.model}, node ${process.version}`);
  const plain: Reading[] = [];
  const ours: Reading[] = [];
  const script = path.join(import.meta.dirname, 'dds-reader.ts');
  for (let turn = 0; turn < Number(values.turns); turn += 1) {
    plain.push(await read(camera, plainReader, [values.seconds]));
    ours.push(
      await read(camera, process.execPath, ['--import', 'tsx', script, domain, values.seconds, 'rclnodejs']),
    );
  }
  process.exitCode = print(plain, ours) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function buildReader(): Promise<string> {
  const includes = prefixes.flatMap((prefix) => {
    const all = path.join(prefix, 'include');
    return existsSync(all) ? readdirSync(all).map((each) => `-I${path.join(all, each)}`) : [];
  });
  const folders = prefixes.map((prefix) => path.join(prefix, 'lib'));
  // A ROS 2 with one middleware has no library that chooses one.
  const chooses = folders.some((each) => existsSync(path.join(each, 'librmw_implementation.so')));
  const libraries = [
    ...['rcl', 'rcutils', 'rosidl_runtime_c', chooses ? 'rmw_implementation' : 'rmw_cyclonedds_cpp'],
    ...['sensor_msgs__rosidl_typesupport_c', 'sensor_msgs__rosidl_generator_c'],
  ].map((each) => `-l${each}`);
  const program = path.join(folder, 'rcl_reader');
  const source = path.join(import.meta.dirname, 'rcl_reader.c');
  await run('cc', [
    ...['-std=c11', '-D_GNU_SOURCE', '-O2', ...includes, source, '-o', program],
    ...[...folders.map((each) => `-L${each}`), ...libraries],
  ]);
  return program;
}

async function read(camera: string, program: string, args: readonly string[]): Promise<Reading> {
  const { configuration } = rosEnvironment({ ROS_LOCALHOST_ONLY: '1' });
  const env = {
    ...process.env,
    ...{ CYCLONEDDS_URI: configuration, ROS_DOMAIN_ID: domain, RMW_IMPLEMENTATION: 'rmw_cyclonedds_cpp' },
  };
  const longest = String(Number(values.seconds) + 60);
  const sending = spawn(camera, ['camera', domain, longest, '30', '1920', '1080'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const { stdout } = await run(program, [...args], { env });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Reading;
  } finally {
    sending.kill();
  }
}

function print(plain: readonly Reading[], ours: readonly Reading[]): boolean {
  const perPicture = ({ cpuSeconds, frames }: Reading) => (1000 * cpuSeconds) / frames;
  const cpu = (readings: readonly Reading[]) => {
    const sum = readings.reduce((all, each) => all + each.cpuSeconds, 0);
    return (1000 * sum) / readings.reduce((all, { frames }) => all + frames, 0);
  };
  const told = (readings: readonly Reading[]) =>
    readings
      .map(
        (each) =>
          `${perPicture(each).toFixed(2)} ms (${each.frames} pictures, ${each.lost} lost, p50 and p99 ${each.latencyMs.map((ms) => ms.toFixed(1)).join(', ')})`,
      )
      .join('; ');
  const ratio = cpu(ours) / cpu(plain);
  const lost = ours.reduce((all, each) => all + each.lost, 0);
  const met = ratio <= bound && lost === 0;
  const reader = values.reader === '' ? 'plain C with rcl' : path.basename(values.reader);
  console.log(`${reader}: ${told(plain)}`);
  console.log(`device/rclnodejs: ${told(ours)}`);
  console.log(
    `CPU for a picture ${ratio.toFixed(2)} (bound ${bound}), lost ${lost}, load ${loadavg()[0]?.toFixed(1)}: ${met ? 'met' : 'MISSED'}`,
  );
  return met;
}
