/*
 * Processor time per frame of one 1080p30 RTSP camera, up to a picture in memory: GStreamer in process, ffmpeg as a child,
 * OpenCV's VideoCapture and the ffmpeg program alone (to nv12, thrown away), in turns.
 *
 *     npm run bench -- camera-cpu a264.mp4 [rounds] [frames]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { RtspCamera } from '../../fixtures/cameras/rtsp-camera.ts';

const [file = '', rounds = '3', frames = '300'] = process.argv.slice(2);
const camera = await new RtspCamera('--file', file, '--fps', '30').start();
const here = import.meta.dirname;
const json = (program: string, ...args: readonly string[]) =>
  (JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as { ms: number }).ms;
const ours = (decoder: string) =>
  json(
    process.execPath,
    '--import',
    'tsx',
    join(here, 'one-camera.ts'),
    `${camera.url}#decoder=${decoder}`,
    frames,
  );

function ffmpegAlone(): number {
  const args = [
    '-v',
    'info',
    '-benchmark',
    '-rtsp_transport',
    'tcp',
    '-i',
    camera.url,
    '-map',
    '0:v',
    '-frames:v',
  ];
  const run = (count: string) => {
    const { stderr } = spawnSync('ffmpeg', [...args, count, '-pix_fmt', 'nv12', '-f', 'null', '-'], {
      encoding: 'utf8',
    });
    const used = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr);
    return Number(used?.[1]) + Number(used?.[2]);
  };
  // What connecting costs is in both.
  return ((run(String(Number(frames) + 30)) - run('30')) * 1000) / Number(frames);
}

const ways = {
  'GStreamer in process': () => ours('gstreamer'),
  'ffmpeg as a child': () => ours('ffmpeg'),
  "OpenCV's VideoCapture": () => json('/usr/bin/python3', join(here, 'camera_cpu.py'), camera.url, frames),
  'ffmpeg alone': ffmpegAlone,
} as const;
const measured: Record<string, number[]> = {};
for (let round = 0; round < Number(rounds); round++)
  for (const [name, measure] of Object.entries(ways)) {
    const ms = measure();
    measured[name] = [...(measured[name] ?? []), ms];
    console.log(`${name}: ${ms.toFixed(2)} ms/frame`);
  }
for (const [name, values] of Object.entries(measured))
  console.log(
    `${name}: best ${Math.min(...values).toFixed(2)} of ${values.map((ms) => ms.toFixed(2)).join(', ')}`,
  );
await camera.stop();
