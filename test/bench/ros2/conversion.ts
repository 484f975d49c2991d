/*
 * `npm run bench -- ros2-conversion [-- --seconds 10 --turns 3]`: how long the event loop is held by pictures of 1080p at 30 Hz
 * from a Cyclone DDS camera whose encoding is converted, on the event loop (as it was) and on another thread, in turns.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { buildCyclonePeer, needCyclonePeer } from './build-cyclone-peer.ts';

interface Reading {
  readonly frames: number;
  /** Of the time in which the event loop was busy. */
  readonly share: number;
  /** By one picture's pixels; pairs are p50 and p99. */
  readonly heldMs: readonly [number, number];
  /** From asking for a picture's pixels until they are there. */
  readonly readyMs: readonly [number, number];
  readonly lateMs: readonly [number, number];
  readonly cpuMs: number;
}

const run = promisify(execFile);
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, turns: { type: 'string', default: '3' } },
});
const domain = '95';
needCyclonePeer();
const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-bench-conversion-'));
const environment = {
  ...process.env,
  CYCLONEDDS_URI: rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }).configuration,
};
try {
  const peer = await buildCyclonePeer(folder);
  console.log(`1920x1080 at 30 Hz, ${values.turns} turns of ${values.seconds} s each, in turns`);
  console.log(`${cpus().length} x ${cpus()[0]?.model}, node ${process.version}; pairs are p50, p99 in ms\n`);
  for (const encoding of ['rgba8', 'bayer_rggb8'])
    for (let turn = 0; turn < Number(values.turns); turn += 1)
      for (const where of ['here', 'aside']) print(encoding, where, await read(peer, encoding, where));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function read(peer: string, encoding: string, where: string): Promise<Reading> {
  const longest = String(Number(values.seconds) + 60);
  const camera = spawn(peer, ['camera', domain, longest, '30', '1920', '1080', encoding], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const script = path.join(import.meta.dirname, 'dds-conversion.ts');
    const args = ['--import', 'tsx', script, domain, values.seconds, where];
    const { stdout } = await run(process.execPath, args, { env: environment });
    return JSON.parse(stdout) as Reading;
  } finally {
    camera.kill();
  }
}

function print(encoding: string, where: string, reading: Reading): void {
  const { frames, share, heldMs, readyMs, lateMs, cpuMs } = reading;
  console.log(
    `${encoding.padEnd(11)} ${where.padEnd(5)} load ${loadavg()[0]?.toFixed(1).padStart(4)}  ${frames} frames, event loop busy ${(100 * share).toFixed(1)} %, held ${heldMs.join(', ')}, ready after ${readyMs.join(', ')}, late ${lateMs.join(', ')}, CPU ${cpuMs} ms each`,
  );
}
