import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gstreamerReady, streamProblem } from '../../../device/gstreamer/index.ts';
import { EncodedCamera, type SentPicture } from '../../fixtures/cameras/encoded-camera.ts';
import { ClipWorld, play } from '../../fixtures/clips/clip-world.ts';
import { SmallDisk, smallDiskMissing } from '../../fixtures/small-disk.ts';
import { compareWithSegments } from './segments.ts';

/*
 * Clips that are asked for while their cameras are cut, frozen, switched off and set to another resolution, and while a disk fills
 * up: does every one play, and does it begin and end where it was asked to, within one keyframe?
 * `npm run bench -- clips`, `CLIPS=1000` for a thousand. Beside it: what a ring costs, and what segments on the disk cost.
 */
const wanted = Number(process.env.CLIPS ?? 60);
const perCamera = Number(process.env.CLIPS_AT_ONCE ?? 3);
const [fps, keyframeMs] = [10, 1_000];
const folder = mkdtempSync(join(tmpdir(), 'goshawk-clips-'));

type Reader = 'ffmpeg' | 'gstreamer';
const noGstreamer = gstreamerReady()?.message ?? streamProblem();
/** The second world of each camera, and so on. */
const readerOf = (n: number): Reader => (noGstreamer === undefined && n % 2 === 1 ? 'gstreamer' : 'ffmpeg');

interface Verdict {
  readonly reader: Reader;
  readonly fault: string;
  readonly lateMs: number;
  readonly earlyMs: number;
  readonly endMs: number;
  readonly plays: boolean;
  /** Not one word of a decoder. */
  readonly sound: boolean;
  readonly encoded: boolean;
}

const verdicts: Verdict[] = [];
let made = 0;
const refused = new Map<string, number>();
let fault = 'none';
let over = false;
// Ended early, it says what there is.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    over = true;
  });

const cameras = [
  await new EncodedCamera({ fps, gop: fps }).start(),
  await new EncodedCamera({ fps, gop: fps, bFrames: 2 }).start(),
  await new EncodedCamera({ fps, gop: fps, codec: 'h265' }).start(),
];
const disk = smallDiskMissing === undefined ? new SmallDisk(join(folder, 'small'), '6m') : undefined;

interface Watched {
  readonly world: ClipWorld;
  readonly reader: Reader;
  /** What its camera sent to it. */
  readonly sent: () => readonly SentPicture[];
}

const worlds = await Promise.all(
  cameras.flatMap((camera, i) =>
    Array.from({ length: perCamera }, async (_, n): Promise<Watched> => {
      const [reader, path] = [readerOf(n), `/reader${n}`];
      const url = new URL(path, camera.url).href;
      const world = new ClipWorld({
        folder: join(folder, disk !== undefined && i === 0 && n === 0 ? 'small' : `${i}-${n}`, 'clips'),
        url: `${url}#decoder=${reader}`,
        settings: { maxBytes: 1_000_000, bytesPerDay: 1e12 },
      });
      return { world: await world.start(), reader, sent: () => camera.sent(path) };
    }),
  ),
);

/** Faults of the cameras, in turns, with some quiet between. */
async function trouble(): Promise<void> {
  const faults: Record<string, (camera: EncodedCamera) => Promise<unknown>> = {
    none: () => pause(4_000),
    cut: async (camera) => camera.cut(),
    frozen: async (camera) => {
      camera.stall(true);
      await pause(2_500);
      camera.stall(false);
    },
    'frozen for long': async (camera) => {
      camera.stall(true);
      await pause(8_000);
      camera.stall(false);
    },
    'switched off': async (camera) => {
      await camera.stop();
      await pause(2_000);
      await camera.start();
    },
    resolution: (camera) => camera.change({ size: Math.random() < 0.5 ? '320x240' : '480x360' }),
  };
  while (!over)
    for (const [name, make] of Object.entries(faults)) {
      if (over) return;
      fault = name;
      await Promise.all(cameras.map(make));
      await pause(4_000);
    }
}

async function fillDisk(): Promise<void> {
  while (!over && disk !== undefined) {
    const empty = disk.fill();
    await pause(6_000);
    empty();
    await pause(15_000);
  }
}

async function recordOn({ world, reader, sent }: Watched): Promise<void> {
  while (made < wanted && !over) {
    const begun = fault;
    try {
      const clip = await world.record({ before: 1.5, after: 1 });
      const during = begun === fault ? begun : `${begun}, ${fault}`;
      // Now: it makes room for newer ones.
      const played = play(clip.path);
      made += 1;
      if (made % 50 === 0) process.stderr.write(`${made} clips\n`);
      verdicts.push({ reader, fault: during, ...judge(sent(), clip, played) });
    } catch (error) {
      const { code = 'other' } = error as { code?: string };
      const key = `${code} (${reader})`;
      refused.set(key, (refused.get(key) ?? 0) + 1);
      await pause(500);
    }
  }
}

/**
 * A clip begins with the last keyframe before the time that was asked, or with the first picture in it, and ends with the last
 * picture in it. Which those are is what the camera sent, and not what was decoded: a busy machine decodes late, and what it
 * has not decoded when a connection ends it never does.
 */
function judge(
  sent: readonly SentPicture[],
  { fromMs, untilMs, timeMs, encoded }: Awaited<ReturnType<ClipWorld['record']>>,
  played: ReturnType<typeof play>,
): Omit<Verdict, 'reader' | 'fault'> {
  const from = sent.filter(({ atMs }) => atMs >= fromMs).map(({ atMs }) => atMs);
  const before = sent.filter(({ atMs, keyframe }) => keyframe && atMs <= fromMs).map(({ atMs }) => atMs);
  const given = sent.filter(({ atMs }) => atMs <= untilMs).map(({ atMs }) => atMs);
  const first = from.length === 0 ? timeMs : Math.min(...from);
  const keyframe = before.length === 0 ? first : Math.max(...before);
  const last = given.length === 0 ? timeMs : Math.max(...given);
  return {
    ...{ plays: played.frames > 0 && played.seconds > 0, sound: played.errors === '', encoded },
    ...{ lateMs: timeMs - first, earlyMs: Math.min(first, keyframe) - timeMs },
    endMs: Math.abs(timeMs + played.seconds * 1000 - last),
  };
}

const began = Date.now();
const working = [trouble(), fillDisk()];
await Promise.all(worlds.map(recordOn));
over = true;
await Promise.all(working);
for (const { world } of worlds) await world.close();
for (const camera of cameras) await camera.stop();
disk?.remove();

// A frame more: it is shown for as long.
const within = keyframeMs + 1000 / fps;
function table(reader: Reader): string[] {
  const own = verdicts.filter((one) => one.reader === reader);
  const share = (ok: (verdict: Verdict) => boolean) => `${own.filter(ok).length} of ${own.length}`;
  const worst = (of: (verdict: Verdict) => number) => Math.round(Math.max(0, ...own.map(of)));
  return [
    `read by ${reader}:`,
    `play:                          ${share(({ plays }) => plays)}`,
    `without a lost picture:        ${share(({ sound }) => sound)}`,
    `begin within one keyframe:     ${share(({ lateMs, earlyMs }) => lateMs <= within && earlyMs <= within)} (worst ${worst(({ lateMs }) => lateMs)} ms late, ${worst(({ earlyMs }) => earlyMs)} ms early)`,
    `end within one keyframe:       ${share(({ endMs }) => endMs <= within)} (worst ${worst(({ endMs }) => endMs)} ms)`,
    `not encoded again:             ${share(({ encoded }) => !encoded)}`,
  ];
}
const lines = [
  `${verdicts.length} clips in ${((Date.now() - began) / 60_000).toFixed(1)} minutes, load ${loadavg()[0]?.toFixed(1)}`,
  ...table('ffmpeg'),
  ...(noGstreamer === undefined ? table('gstreamer') : [`not read by GStreamer: ${noGstreamer}`]),
  `not made, and said so:         ${[...refused].map(([code, count]) => `${count} ${code}`).join(', ') || 'none'}`,
];
for (const verdict of verdicts.filter(
  ({ plays, lateMs, earlyMs, endMs }) => !plays || lateMs > within || earlyMs > within || endMs > within,
))
  lines.push(`  ${JSON.stringify(verdict)}`);
process.stdout.write(`${lines.join('\n')}\n`);
process.stdout.write(`${(await compareWithSegments(folder)).join('\n')}\n`);
rmSync(folder, { recursive: true, force: true });
process.exit(verdicts.every(({ plays }) => plays) ? 0 : 1);
