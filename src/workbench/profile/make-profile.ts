import { profilePathIn, readBundle, readProfile, writeProfile } from '../../adapters/filesystem/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { CancelledError, type Clock, InputError, type Log, RefusedError } from '../../base/index.ts';
import type { CommandContext } from '../../cli/command.ts';
import { outputLog, type Progress } from '../../cli/output.ts';
import { checkProfileModel, ProfileBuilder, thumbnail } from '../../drift/index.ts';
import type { Bundle } from '../../model/index.ts';
import { type DetectionSink, type FrameSource, Pipeline } from '../../perception/index.ts';
import { createDetector, type EngineChoice } from '../../runtime/engines/detectors.ts';
import { RosLink } from '../../runtime/ros/ros-link.ts';
import { openSource } from '../../runtime/sources/open-source.ts';
import { isStreet } from '../../runtime/sources/street.ts';
import { RestampedSource } from './restamped-source.ts';
import { StreetRecording } from './street-recording.ts';

export interface ProfileCommandOptions {
  readonly source?: string;
  readonly camera: string;
  readonly out?: string;
  readonly replace?: boolean;
  readonly engine: EngineChoice;
  readonly threads: number;
  readonly fps: number;
  readonly seed: number;
  /** Milliseconds of the street or of a live source; a recording is played to its end. */
  readonly duration: number;
  readonly timesOfDay: number;
  readonly utcOffset: number;
}

interface Learned {
  readonly source: FrameSource;
  /** Recordings are learned as fast as they can be read; their time is that of their frames. */
  readonly recording: boolean;
  readonly total: number;
}

/** Learns what is usual for one camera and one model, and writes it beside the bundle. Without a source: checks it. */
export async function makeProfile(
  { output: out, signal }: CommandContext,
  folder: string,
  options: ProfileCommandOptions,
): Promise<number> {
  const { camera } = options;
  const bundle = await readBundle(folder, 'digests');
  const path = options.out ?? profilePathIn(bundle.location, camera);
  if (options.source === undefined) return checkProfile(out, bundle, path);
  await refuseToReplace(path, bundle, options.replace === true);
  const clock = new SystemClock();
  const log = outputLog(out);
  const ros = new RosLink({ clock, log });
  const learned = await openLearned(options.source, options, { clock, ros });
  const { detector } = await createDetector(bundle, {
    engine: options.engine,
    threads: options.threads,
    log,
  });
  const builder = new ProfileBuilder({
    modelDigest: bundle.digest,
    camera,
    buckets: options.timesOfDay,
    utcOffsetHours: options.utcOffset,
  });
  const bar = await out.progress('learning', learned.total);
  try {
    await learn(learned, builder, { clock, log, bar, detector, signal, durationMs: options.duration });
  } finally {
    bar.stop();
    await detector.close();
    await ros.close();
  }
  if (signal.aborted) throw new CancelledError('Learning the profile');
  const stored = await writeProfile(path, builder.finish());
  const { profile, digest } = stored;
  const { ticks } = builder.progress;
  out.line(`Profile of camera ${camera} with ${bundle.manifest.name} ${bundle.manifest.version}`);
  out.line(`  learned from  ${ticks} s, ${profile.framesPerSecond.toFixed(1)} frames/s`);
  out.line(`  times of day  ${profile.buckets.length} of ${options.timesOfDay}`);
  if (profile.mutedRules.length > 0) {
    out.warn(
      `The camera was ${profile.mutedRules.join(', ')} for a minute or more; these rules are muted for it.`,
    );
  }
  out.line(`  digest        ${digest}`);
  out.line(`  written to    ${path}`);
  out.value({
    ok: true,
    path,
    digest,
    modelDigest: profile.modelDigest,
    seconds: ticks,
    timesOfDay: profile.buckets.length,
    mutedRules: profile.mutedRules,
  });
  return 0;
}

async function checkProfile(out: CommandContext['output'], bundle: Bundle, path: string): Promise<number> {
  const stored = await readProfile(path);
  if (stored === undefined) {
    throw new InputError(
      'profile-missing',
      `There is no profile at ${path}.`,
      'Make one: goshawk model profile bundle/ --source DIR|VIDEO|sim|ros:TOPIC',
    );
  }
  checkProfileModel(stored.profile, bundle.digest);
  out.line(`${path} belongs to ${bundle.manifest.name} ${bundle.manifest.version}; digest ${stored.digest}.`);
  out.value({ ok: true, path, digest: stored.digest, modelDigest: stored.profile.modelDigest });
  return 0;
}

/** What took hours to learn is not lost by a mistyped camera. */
async function refuseToReplace(path: string, bundle: Bundle, replace: boolean): Promise<void> {
  if (replace) return;
  const there = await readProfile(path);
  if (there === undefined) return;
  checkProfileModel(there.profile, bundle.digest);
  throw new RefusedError(
    'profile-exists',
    `There is a profile of this model at ${path} already.`,
    'Give --replace to learn it anew, or another --camera or --out.',
  );
}

async function openLearned(
  spec: string,
  options: ProfileCommandOptions,
  { clock, ros }: { readonly clock: Clock; readonly ros: RosLink },
): Promise<Learned> {
  const { camera, seed, fps } = options;
  const seconds = options.duration / 1000;
  const startNs = clock.wallNs();
  if (isStreet(spec)) {
    const street = new StreetRecording(spec, { camera, seed, fps, seconds });
    return {
      source: new RestampedSource(street, fps, startNs),
      recording: true,
      total: Math.round(seconds * fps),
    };
  }
  const opened = await openSource(spec, { clock, camera, ros, realtime: false, fps, loop: false });
  if (!opened.lossless) return { source: opened.source, recording: false, total: Math.round(seconds) };
  return {
    source: new RestampedSource(opened.source, opened.fps ?? fps, startNs),
    recording: true,
    total: opened.total ?? 0,
  };
}

interface LearnPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly bar: Progress;
  readonly detector: ConstructorParameters<typeof Pipeline>[0]['detector'];
  readonly signal: AbortSignal;
  readonly durationMs: number;
}

async function learn(
  { source, recording }: Learned,
  builder: ProfileBuilder,
  { clock, log, bar, detector, signal, durationMs }: LearnPorts,
): Promise<void> {
  let broken: unknown;
  const enough = new AbortController();
  const beganMs = clock.monotonicMs();
  let shown = 0;
  const sink: DetectionSink = {
    publish(result, frame) {
      const atMs = recording ? Number(result.stampNs / 1000n) / 1000 : clock.monotonicMs();
      try {
        const { width, height, step, encoding, pixels } = frame;
        builder.observe(thumbnail({ data: pixels.data, width, height, step, encoding }), result, atMs);
      } catch (error) {
        broken = error;
        enough.abort();
        return;
      }
      if (recording) bar.advance(1, `${builder.progress.ticks} s`);
      else {
        const seconds = Math.floor((clock.monotonicMs() - beganMs) / 1000);
        bar.advance(seconds - shown, `${builder.progress.ticks} s`);
        shown = seconds;
        if (seconds * 1000 >= durationMs) enough.abort();
      }
    },
  };
  const pipeline = new Pipeline({ detector, sinks: [sink], clock, log });
  const stopped = new Promise<void>((resolve) => {
    const any = AbortSignal.any([signal, enough.signal]);
    if (any.aborted) resolve();
    else any.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await pipeline.add(source, { policy: recording ? 'every' : 'newest' });
    await pipeline.start();
    await Promise.race([pipeline.finished(), stopped]);
  } finally {
    await pipeline.close();
  }
  if (broken !== undefined) throw broken;
}
