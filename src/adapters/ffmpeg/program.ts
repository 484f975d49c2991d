import { execFile } from 'node:child_process';
import { missingFfmpeg } from './probe.ts';

/** What the ffmpeg at hand understands; names of options have changed over its releases. */
export interface FfmpegProgram {
  readonly path: string;
  /** Each frame with its own time, none repeated or left out. */
  readonly passthrough: readonly string[];
  /** Pictures that change size come out as they are. Empty: older ones scale them to the first size. */
  readonly ownSizes: readonly string[];
  /** A list of inputs may carry options. */
  readonly listOptions: boolean;
}

const known = new Map<string, Promise<FfmpegProgram>>();

/** Asked once per program; rejects with a MissingError where there is none. */
export function ffmpegProgram(path = 'ffmpeg'): Promise<FfmpegProgram> {
  const found =
    known.get(path) ??
    versionOf(path).then(
      (version) => programOf(path, version),
      (error: unknown) => {
        // It may be installed while we run.
        known.delete(path);
        throw missingFfmpeg(error);
      },
    );
  known.set(path, found);
  return found;
}

/** `version`: what it says of itself; a build from its repository has no number and is as new as can be. */
export function programOf(path: string, version: string): FfmpegProgram {
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(version) ?? [];
  const number = major === undefined ? 99 : Number(major) + Number(minor) / 100;
  return {
    path,
    passthrough: number >= 5.01 ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'],
    ownSizes: number >= 4.04 ? ['-noautoscale'] : [],
    listOptions: number >= 5,
  };
}

function versionOf(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(path, ['-version'], { timeout: 30_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}
