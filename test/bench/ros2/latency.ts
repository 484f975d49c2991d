/*
 * `npm run bench:ros2-latency [-- --seconds 10 --turns 3]`: pictures of 1080p and 720p at 30 Hz from a Cyclone DDS camera in C, read by a
 * plain C program and by device/dds in turns: reliable and best effort, as Cyclone comes and with the configuration that we
 * give ourselves (both sides have the same one). Bounds: never fewer pictures than the plain program by more than one of a
 * hundred, and a median latency of at most 1.2 times its own.
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
  readonly lost: number;
  readonly cpuSeconds: number;
  readonly latencyMs: readonly [number, number];
}

interface Row {
  readonly size: readonly [number, number];
  readonly reliability: 'reliable' | 'best_effort';
  readonly tuned: boolean;
}

const run = promisify(execFile);
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, turns: { type: 'string', default: '3' } },
});
const domain = '96';
const bounds = { share: 0.99, latency: 1.2 };
/** What Cyclone DDS 0.10 has without a configuration; the last word, also over our own. */
const asItComes =
  '<CycloneDDS><Domain><General><MaxMessageSize>14720B</MaxMessageSize><FragmentSize>1344B</FragmentSize></General>' +
  '<Internal><SocketReceiveBufferSize min="default" max="default"/><NackDelay>100 ms</NackDelay></Internal></Domain></CycloneDDS>';

needCyclonePeer();
const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-bench-latency-'));
try {
  const peer = await buildCyclonePeer(folder);
  console.log(`30 Hz, ${values.turns} turns of ${values.seconds} s each, in turns`);
  console.log(`${cpus().length} x ${cpus()[0]?.model}, node ${process.version}\n`);
  let met = true;
  for (const size of [
    [1920, 1080],
    [1280, 720],
  ] as const)
    for (const reliability of ['reliable', 'best_effort'] as const)
      for (const tuned of [true, false]) met = (await compare(peer, { size, reliability, tuned })) && met;
  process.exitCode = met ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(peer: string, row: Row): Promise<boolean> {
  const plain: Reading[] = [];
  const ours: Reading[] = [];
  const script = path.join(import.meta.dirname, 'dds-reader.ts');
  const more = row.reliability === 'best_effort' ? ['best_effort'] : [];
  for (let turn = 0; turn < Number(values.turns); turn += 1) {
    plain.push(await read(peer, row, peer, ['reader', domain, values.seconds, ...more]));
    const args = ['--import', 'tsx', script, domain, values.seconds, 'cyclone', ...more];
    ours.push(await read(peer, row, process.execPath, args));
  }
  return print(row, plain, ours);
}

async function read(
  peer: string,
  { size: [width, height], reliability, tuned }: Row,
  program: string,
  args: readonly string[],
): Promise<Reading> {
  const { configuration } = rosEnvironment({
    ROS_LOCALHOST_ONLY: '1',
    ...(tuned ? {} : { CYCLONEDDS_URI: asItComes }),
  });
  const env = { ...process.env, CYCLONEDDS_URI: configuration };
  const longest = String(Number(values.seconds) + 60);
  const sizes = [width, height].map(String);
  const more = reliability === 'best_effort' ? ['best_effort'] : [];
  const camera = spawn(peer, ['camera', domain, longest, '30', ...sizes, 'rgb8', ...more], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const { stdout } = await run(program, [...args], { env });
    return JSON.parse(stdout) as Reading;
  } finally {
    camera.kill();
  }
}

function print(
  { size, reliability, tuned }: Row,
  plain: readonly Reading[],
  ours: readonly Reading[],
): boolean {
  // Also of a camera that hardly anything comes from, where there are no gaps to count.
  const sent = 30 * Number(values.seconds);
  const arrived = (readings: readonly Reading[]) =>
    readings.reduce((sum, { frames }) => sum + Math.min(1, frames / sent), 0) / readings.length;
  const p50 = (readings: readonly Reading[]) => {
    const sorted = readings.map(({ latencyMs }) => latencyMs[0]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  };
  const told = (readings: readonly Reading[]) =>
    `${(100 * arrived(readings)).toFixed(1)} % (${readings.map(({ latencyMs }) => latencyMs.map((ms) => ms.toFixed(1)).join(', ')).join('; ')})`;
  const share = arrived(ours) / arrived(plain);
  const latency = p50(ours) / p50(plain);
  const met = share >= bounds.share && latency <= bounds.latency;
  console.log(
    `${size[1]}p ${reliability} ${tuned ? 'tuned' : 'as it comes'}, load ${loadavg()[0]?.toFixed(1)}: plain C ${told(plain)}, device/dds ${told(ours)}; pictures ${share.toFixed(3)}, p50 ${latency.toFixed(2)} ${met ? 'met' : 'MISSED'}`,
  );
  return met;
}
