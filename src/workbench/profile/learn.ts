import { type Clock, InputError, type Log } from '../../base/index.ts';
import type { ProfileBuilder } from '../../drift/index.ts';
import {
  type DetectionSink,
  type Detector,
  type FrameSource,
  type PerceptionResult,
  Pipeline,
  type Thumbnail,
} from '../../perception/index.ts';
import { isStreet, openSource, type Progress, type RosLink } from '../../runtime/index.ts';
import { RestampedSource } from './restamped-source.ts';
import { StreetRecording } from './street-recording.ts';

/** What a profile is learned from. */
export interface Learned {
  readonly source: FrameSource;
  /** Recordings are learned as fast as they can be read; their time is that of their frames. */
  readonly recording: boolean;
  readonly total: number;
  /** Stamp at which a loop has been learned for long enough. */
  readonly untilNs?: bigint;
}

export interface LearnedOptions {
  readonly source: string;
  readonly camera: string;
  readonly fps: number;
  readonly seed: number;
  /** Of the street, of a live source and of a recording in a loop; else a recording is played to its end. */
  readonly durationMs: number;
  /** A recording begins anew at its end. */
  readonly loop: boolean;
  /** When a recording or the street begins, nanoseconds since 1970, for the time of day; default: now. */
  readonly startNs?: bigint;
}

export async function openLearned(
  options: LearnedOptions,
  { clock, ros }: { readonly clock: Clock; readonly ros: RosLink },
): Promise<Learned> {
  const { source: spec, camera, seed, fps, loop } = options;
  const seconds = options.durationMs / 1000;
  const { startNs = clock.wallNs() } = options;
  if (isStreet(spec)) {
    const street = new StreetRecording(spec, { camera, seed, fps, seconds });
    return {
      source: new RestampedSource(street, fps, startNs),
      recording: true,
      total: Math.round(seconds * fps),
    };
  }
  const opened = await openSource(spec, { clock, camera, ros, realtime: false, fps, loop });
  if (!opened.lossless) return { source: opened.source, recording: false, total: Math.round(seconds) };
  return {
    source: new RestampedSource(opened.source, opened.fps ?? fps, startNs),
    recording: true,
    total: loop ? Math.round(seconds * (opened.fps ?? fps)) : (opened.total ?? 0),
    ...(loop ? { untilNs: startNs + BigInt(Math.round(seconds * 1e9)) } : {}),
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

/** Lets the builder see every frame with what the model makes of it, to the end of the recording or of the time. */
export async function learn(
  { source, recording, untilNs }: Learned,
  builder: ProfileBuilder,
  { clock, log, bar, detector, signal, durationMs }: LearnPorts,
): Promise<void> {
  let broken: unknown;
  const enough = new AbortController();
  const beganMs = clock.monotonicMs();
  let shown = 0;
  const sink: DetectionSink = {
    publish(result) {
      const atMs = recording ? Number(result.stampNs / 1000n) / 1000 : clock.monotonicMs();
      try {
        builder.observe(thumbnailOf(result), result, atMs);
      } catch (error) {
        broken = error;
        enough.abort();
        return;
      }
      if (recording) {
        bar.advance(1, `${builder.progress.ticks} s`);
        if (untilNs !== undefined && result.stampNs >= untilNs) enough.abort();
      } else {
        const seconds = Math.floor((clock.monotonicMs() - beganMs) / 1000);
        bar.advance(seconds - shown, `${builder.progress.ticks} s`);
        shown = seconds;
        if (seconds * 1000 >= durationMs) enough.abort();
      }
    },
  };
  const pipeline = new Pipeline({ detector, sinks: [sink], watched: true, clock, log });
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

function thumbnailOf({ camera, thumbnail, width }: PerceptionResult): Thumbnail {
  if (thumbnail !== undefined) return thumbnail;
  throw new InputError(
    'frame-size',
    `A frame of ${camera} is ${width} pixels wide, or its pixels can't be read.`,
    'Use larger pictures.',
  );
}
