import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClipSettings } from '../../../src/protocol/index.ts';
import { EncodedCamera } from '../../fixtures/cameras/encoded-camera.ts';
import { ClipWorld } from '../../fixtures/clips/clip-world.ts';

const seconds = Number(process.env.CLIPS_COMPARE_SECONDS ?? 60);
const clips = 5;
const ticksPerSecond = 100;

/** Seconds of processor of this process and of all children that have ended. */
function ownCpu(): { readonly own: number; readonly children: number } {
  const fields = statFields('self');
  const of = (...at: readonly number[]) => at.reduce((sum, i) => sum + Number(fields[i]), 0) / ticksPerSecond;
  return { own: of(11, 12), children: of(13, 14) };
}

function statFields(pid: number | 'self'): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
}

function cpuOf(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Bytes that this process and its children that have ended gave to disks. */
function ownWrites(): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

interface Way {
  /** Where the packets are kept; undefined: nowhere. */
  readonly ring?: ClipSettings['ring'];
  readonly record?: boolean;
}

/** The camera's pictures are decoded in both ways; what is compared is what clips cost beside that. */
async function watch(url: string, folder: string, { ring, record = false }: Way) {
  const world = new ClipWorld({
    folder,
    url,
    keep: ring !== undefined,
    settings: { ring: ring ?? 'memory' },
  });
  const [before, written] = [ownCpu(), ownWrites()];
  await world.start();
  await world.more(20);
  for (let i = 0; i < clips; i++) {
    await pause((seconds * 1000) / clips);
    if (record) await world.record({ before: 3, after: 1 });
  }
  const bytes = record
    ? readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    : 0;
  const { frames, recorder } = world;
  const ringBytes = recorder.readings()[0]?.ringWrittenBytes ?? 0;
  await world.close();
  const after = ownCpu();
  return {
    ...{ frames, bytes, ringBytes, writes: ownWrites() - written },
    ...{ own: after.own - before.own, children: after.children - before.children },
  };
}

/** As Frigate does: a second connection's stream goes to the disk in segments of ten seconds, and a clip is cut from them. */
async function segments(url: string, folder: string) {
  mkdirSync(folder, { recursive: true });
  const before = ownCpu();
  const recorder = spawn(
    'ffmpeg',
    [
      ...[
        '-v',
        'error',
        '-rtsp_transport',
        'tcp',
        '-i',
        url,
        '-c',
        'copy',
        '-f',
        'segment',
        '-segment_time',
        '10',
      ],
      ...['-segment_format', 'mp4', '-reset_timestamps', '1', join(folder, '%03d.mp4')],
    ],
    { stdio: 'ignore' },
  );
  let cpu = 0;
  for (let i = 0; i < clips; i++) {
    await pause((seconds * 1000) / clips);
    cpu = cpuOf(recorder.pid!);
    const whole = readdirSync(folder)
      .filter((name) => /^\d+\.mp4$/.test(name))
      .sort()
      .slice(-3, -1);
    if (whole.length === 0) continue;
    const list = join(folder, 'list.txt');
    writeFileSync(list, whole.map((name) => `file '${join(folder, name)}'`).join('\n'));
    const cut = ['-f', 'concat', '-safe', '0', '-ss', '3', '-t', '4', '-i', list, '-c', 'copy'];
    const child = spawn('ffmpeg', [
      '-v',
      'error',
      '-y',
      ...cut,
      '-movflags',
      '+faststart',
      join(folder, `clip-${i}.mp4`),
    ]);
    await once(child, 'close');
  }
  recorder.kill('SIGINT');
  await once(recorder, 'close');
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const after = ownCpu();
  return { bytes, cpu, children: after.children - before.children };
}

/** One camera of 720p, one minute each way in one run. */
export async function compareWithSegments(folder: string): Promise<readonly string[]> {
  const camera = await new EncodedCamera({ size: '1280x720', fps: 15, gop: 30 }).start();
  const bare = await watch(camera.url, join(folder, 'bare'), {});
  const ring = await watch(camera.url, join(folder, 'ring'), { ring: 'memory' });
  const disk = await watch(camera.url, join(folder, 'disk'), { ring: 'disk' });
  const made = await watch(camera.url, join(folder, 'made'), { ring: 'memory', record: true });
  const spooled = await watch(camera.url, join(folder, 'spooled'), { ring: 'disk', record: true });
  const cut = await segments(camera.url, join(folder, 'segments'));
  await camera.stop();
  const total = (one: { own: number; children: number }) => one.own + one.children;
  const cpu = (one: typeof bare) =>
    `${total(one).toFixed(2)} s of processor (${((1000 * total(one)) / Math.max(1, one.frames)).toFixed(2)} ms a frame)`;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const wear = (one: typeof bare) =>
    `${megabytes(one.ringBytes)} of packets given to the ring, ${megabytes(one.writes)} written`;
  return [
    '',
    `One camera of 1280x720 at 15 frames a second, ${seconds} s each way, ${clips} clips of 4 s`,
    `decoded, no clips:           ${cpu(bare)}, nothing written`,
    `decoded, ring in memory:     ${cpu(ring)}, nothing written`,
    `decoded, ring on disk:       ${cpu(disk)}, ${wear(disk)}`,
    `ring in memory, and clips:   ${cpu(made)}, ${megabytes(made.writes)} written for ${megabytes(made.bytes)} of clips`,
    `ring on disk, and clips:     ${cpu(spooled)}, ${wear(spooled)} with ${megabytes(spooled.bytes)} of clips`,
    `segments beside it (Frigate's way), alone: ${cut.children.toFixed(2)} s, of which ${cut.cpu.toFixed(2)} s the recorder; ${(cut.bytes / 1e6).toFixed(1)} MB written`,
  ];
}
