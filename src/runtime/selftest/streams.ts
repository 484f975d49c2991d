import { counted, MissingError } from '../../base/index.ts';
import type { FramesOutcome, TrialJob } from '../trials/job.ts';
import { runJob } from '../trials/run-job.ts';
import { absent, attempt, failed, type Trial, works } from './trial.ts';

export interface TrialPorts {
  readonly signal: AbortSignal;
  /** What is tried now. */
  readonly onTrial: (name: string) => void;
}

const frames = 10;
const waitMs = 60_000;
/** Starting the process on a loaded board included. */
const limitMs = waitMs + 270_000;

/** Made by the machine itself, so that nothing is needed that may be far away. */
const streams: readonly {
  readonly name: string;
  readonly job: TrialJob;
  readonly missing: readonly string[];
}[] = [
  {
    name: 'GStreamer',
    job: {
      ...{ kind: 'frames', frames, waitMs, fps: 30 },
      source: 'gst:videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1',
    },
    missing: ['gstreamer-not-built', 'gstreamer-library-absent'],
  },
  {
    name: 'RTSP by GStreamer',
    job: { kind: 'rtsp', decoder: 'gstreamer', frames, waitMs },
    missing: ['gstreamer-not-built', 'gstreamer-library-absent'],
  },
  {
    name: 'RTSP by ffmpeg',
    job: { kind: 'rtsp', decoder: 'ffmpeg', frames, waitMs },
    missing: ['ffmpeg-missing'],
  },
];

/** Network cameras by each of the ways that are here: a pipeline, and an H.264 stream of a server on the loopback. */
export async function tryStreams(ports: TrialPorts, run = runJob<TrialJob>): Promise<readonly Trial[]> {
  const rows: Trial[] = [];
  for (const { name, job, missing } of streams) {
    ports.onTrial(name);
    rows.push(
      ...(await attempt('cameras', name, async () => {
        try {
          const outcome = await run(job, { what: name, limitMs, signal: ports.signal });
          return played(name, outcome as FramesOutcome);
        } catch (error) {
          const notHere = error instanceof MissingError && missing.includes(error.code);
          if (notHere) return failed('cameras', name, error, absent);
          throw error;
        }
      })),
    );
  }
  return rows;
}

function played(name: string, { frames: count, width, height, encoding, tookMs }: FramesOutcome): Trial {
  const detail = `${counted(count, 'picture')} of ${width}x${height} (${encoding}) in ${(tookMs / 1000).toFixed(1)} s`;
  return works('cameras', name, detail, { tookMs });
}
