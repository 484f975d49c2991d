import { profilePathIn, readBundle, readProfile, writeProfile } from '../../adapters/filesystem/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { CancelledError, type Clock, InputError, type Log, RefusedError } from '../../base/index.ts';
import { checkProfileModel, ProfileBuilder, thumbnail } from '../../drift/index.ts';
import type { Bundle } from '../../model/index.ts';
import { type DetectionSink, type Detector, type FrameSource, Pipeline } from '../../perception/index.ts';
import {
  createDetector,
  type EngineChoice,
  isStreet,
  openSource,
  type Progress,
  RosLink,
} from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';
import { RestampedSource } from './restamped-source.ts';
import { StreetRecording } from './street-recording.ts';

export interface ProfilePlace {
  readonly camera: string;
  /** Default: beside the bundle. */
  readonly out?: string;
}

export interface ProfileOptions extends ProfilePlace {
  readonly source: string;
  readonly replace?: boolean;
  readonly engine: EngineChoice;
  readonly threads: number;
  readonly fps: number;
  readonly seed: number;
  /** Of the street or of a live source; a recording is played to its end. */
  readonly durationMs: number;
  readonly timesOfDay: number;
  readonly utcOffsetHours: number;
}

export interface CheckedProfile {
  readonly path: string;
  readonly digest: string;
  readonly modelDigest: string;
  readonly model: string;
  readonly version: string;
}

export interface MadeProfile extends CheckedProfile {
  /** Of life that it was learned from. */
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** That were seen long enough. */
  readonly timesOfDay: number;
  readonly mutedRules: readonly string[];
}

interface Learned {
  readonly source: FrameSource;
  /** Recordings are learned as fast as they can be read; their time is that of their frames. */
  readonly recording: boolean;
  readonly total: number;
}

/** Whether the profile of a camera belongs to the bundle. */
export async function checkProfile(folder: string, place: ProfilePlace): Promise<CheckedProfile> {
  const bundle = await readBundle(folder, 'digests');
  const path = pathOf(bundle, place);
  const stored = await readProfile(path);
  if (stored === undefined) {
    throw new InputError(
      'profile-missing',
      `There is no profile at ${path}.`,
      'Make one: goshawk model profile bundle/ --source DIR|VIDEO|sim|ros:TOPIC',
    );
  }
  checkProfileModel(stored.profile, bundle.digest);
  const { name: model, version } = bundle.manifest;
  return { path, digest: stored.digest, modelDigest: stored.profile.modelDigest, model, version };
}

/** Learns what is usual for one camera and one model, and writes it beside the bundle. */
export async function makeProfile(
  folder: string,
  options: ProfileOptions,
  { log, startProgress, signal }: WorkPorts,
): Promise<MadeProfile> {
  const { camera, engine, threads, durationMs } = options;
  const bundle = await readBundle(folder, 'digests');
  const path = pathOf(bundle, options);
  await refuseToReplace(path, bundle, options.replace === true);
  const clock = new SystemClock();
  const ros = new RosLink({ clock, log });
  const learned = await openLearned(options, { clock, ros });
  const { detector } = await createDetector(bundle, { engine, threads, log });
  const builder = new ProfileBuilder({
    modelDigest: bundle.digest,
    camera,
    buckets: options.timesOfDay,
    utcOffsetHours: options.utcOffsetHours,
  });
  const bar = await startProgress('learning', learned.total);
  try {
    await learn(learned, builder, { clock, log, bar, detector, signal, durationMs });
  } finally {
    bar.stop();
    await detector.close();
    await ros.close();
  }
  if (signal.aborted) throw new CancelledError('Learning the profile');
  const { profile, digest } = await writeProfile(path, builder.finish());
  const { name: model, version } = bundle.manifest;
  return {
    ...{ path, digest, modelDigest: profile.modelDigest, model, version },
    seconds: builder.progress.ticks,
    framesPerSecond: profile.framesPerSecond,
    timesOfDay: profile.buckets.length,
    mutedRules: profile.mutedRules,
  };
}

function pathOf(bundle: Bundle, { camera, out }: ProfilePlace): string {
  return out ?? profilePathIn(bundle.location, camera);
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
  options: ProfileOptions,
  { clock, ros }: { readonly clock: Clock; readonly ros: RosLink },
): Promise<Learned> {
  const { source: spec, camera, seed, fps } = options;
  const seconds = options.durationMs / 1000;
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
  readonly detector: Detector;
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
