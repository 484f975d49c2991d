import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClipHiding, ClipJob, ClipPart, WrittenClip } from '../../../agent/index.ts';
import { GoshawkError, jpegSize } from '../../../base/index.ts';
import { explainFileError } from '../../../platform/index.ts';
import { probeVideo } from '../probe.ts';
import { type FfmpegProgram, ffmpegProgram } from '../program.ts';
import { runFfmpeg } from './child.ts';
import { gridOf, hidingFilters, hidingFps, hidingPictures, maskPicture, spansOfStream } from './hiding.ts';
import { jpegsAtPace, paceOf, spansAtPace } from './jpeg-stream.ts';

export interface WriteClipOptions {
  /** Programs, where they are not on the PATH. */
  readonly ffmpeg?: string;
  readonly ffprobe?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes an MP4 that browsers play. Where nothing is to be hidden and one decoder plays all of it the camera's own packets go into
 * it; else it is encoded again, part by part, in the size of the first one. Times at which the camera gave nothing stay in
 * it: the picture stands still.
 */
export async function writeClip(
  path: string,
  job: ClipJob,
  options: WriteClipOptions = {},
): Promise<WrittenClip> {
  const program = await ffmpegProgram(options.ffmpeg);
  const { parts, hide } = job;
  const folder = `${path}.parts`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const encoded = hide !== undefined || !plays(parts);
    let files: string[];
    if (!encoded)
      files = await Promise.all(parts.map((part, i) => writeStream(join(folder, `${i}.ts`), part)));
    else files = await encodeParts(folder, parts, hide, program, options);
    const codec = encoded ? 'h264' : parts[0]?.codec;
    await joinParts(path, { files, parts, folder, isHevc: codec === 'h265' }, program, options);
    const seen = await probeClip(path, options.ffprobe);
    const { size } = await stat(path);
    return { ...seen, bytes: size, encoded };
  } catch (error) {
    throw error instanceof GoshawkError ? error : explainFileError(error, 'write the clip', path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As they are, by one decoder. */
function plays(parts: readonly ClipPart[]): boolean {
  const [first] = parts;
  return parts.every(
    ({ codec, parameters }) => codec !== 'jpeg' && codec === first?.codec && parameters === first.parameters,
  );
}

async function writeStream(file: string, { packets }: ClipPart): Promise<string> {
  await writeFile(
    file,
    packets.map(({ bytes }) => bytes),
    { mode: 0o600 },
  );
  return file;
}

async function encodeParts(
  folder: string,
  parts: readonly ClipPart[],
  hide: ClipHiding | undefined,
  program: FfmpegProgram,
  { ffprobe, signal }: WriteClipOptions,
): Promise<string[]> {
  const files: string[] = [];
  let size: { readonly width: number; readonly height: number } | undefined;
  for (const [i, part] of parts.entries()) {
    const isJpeg = part.codec === 'jpeg';
    const stream = isJpeg ? undefined : await writeStream(join(folder, `${i}.in.ts`), part);
    size ??= even(stream === undefined ? sizeOf(part) : await probeVideo(stream, ffprobe));
    const { width, height } = size;
    const grid = gridOf(width, height);
    const { blurred = false, masks = [] } = hide ?? {};
    const raw = ['-f', 'rawvideo', '-s', `${grid.columns}x${grid.rows}`];
    const mask = join(folder, 'masks.rgba');
    if (masks.length > 0) await writeFile(mask, maskPicture(masks, grid), { mode: 0o600 });
    const file = join(folder, `${i}.ts`);
    const fps = paceOf(part);
    const spans = isJpeg ? spansAtPace(part, fps) : spansOfStream(part);
    await runFfmpeg(
      program.path,
      [
        ...[
          '-threads',
          '1',
          ...(isJpeg ? ['-f', 'image2pipe', '-c:v', 'mjpeg', '-framerate', String(fps)] : []),
        ],
        ...['-i', stream ?? 'pipe:0'],
        ...(!blurred
          ? []
          : [...raw, '-pix_fmt', 'gray', '-r', String(isJpeg ? fps : hidingFps), '-i', 'pipe:3']),
        ...(masks.length === 0 ? [] : [...raw, '-pix_fmt', 'rgba', '-i', mask]),
        '-filter_complex',
        hidingFilters({ width, height, blurred, masked: masks.length > 0 }),
        ...['-map', '[out]', ...program.passthrough, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23'],
        ...[
          '-bf',
          '0',
          '-g',
          '50',
          '-threads',
          '1',
          '-f',
          'mpegts',
          '-muxdelay',
          '0',
          '-muxpreload',
          '0',
          file,
        ],
      ],
      {
        ...(isJpeg ? { stdin: jpegsAtPace(part, fps) } : {}),
        ...(blurred ? { third: hidingPictures(part.moments, spans, grid) } : {}),
        signal,
      },
    );
    files.push(file);
  }
  return files;
}

/** One after the other, each at its time. */
async function joinParts(
  path: string,
  {
    files,
    parts,
    folder,
    isHevc,
  }: {
    readonly files: readonly string[];
    readonly parts: readonly ClipPart[];
    readonly folder: string;
    readonly isHevc: boolean;
  },
  program: FfmpegProgram,
  { signal }: WriteClipOptions,
): Promise<void> {
  const list = join(folder, 'parts.txt');
  const lines = files.map((file, i) => {
    const next = parts[i + 1];
    const seconds = next === undefined ? undefined : Number(next.startNs - parts[i]!.startNs) / 1e9;
    return `file '${file.replaceAll("'", "'\\''")}'${seconds === undefined ? '' : `\nduration ${seconds.toFixed(6)}`}`;
  });
  await writeFile(list, ['ffconcat version 1.0', ...lines, ''].join('\n'), { mode: 0o600 });
  await runFfmpeg(
    program.path,
    [
      ...['-f', 'concat', '-safe', '0', '-i', list, '-map', '0:v:0', '-c', 'copy'],
      // Players of Apple's know H.265 by this name alone.
      ...(isHevc ? ['-tag:v', 'hvc1'] : []),
      ...['-video_track_timescale', '90000', '-movflags', '+faststart', '-f', 'mp4', path],
    ],
    { signal },
  );
}

function sizeOf({ packets }: ClipPart) {
  const size = jpegSize(packets[0]!.bytes);
  if (size !== undefined) return size;
  throw new GoshawkError(
    'clip-ffmpeg',
    'An image of the camera is not a JPEG.',
    'Open it in a browser, and check the settings of the camera.',
  );
}

/** H.264 with colours at half the size takes no odd ones. */
function even({ width, height }: { readonly width: number; readonly height: number }) {
  return { width: Math.max(2, width - (width % 2)), height: Math.max(2, height - (height % 2)) };
}

/** What was written, read again: only what plays is a clip. */
async function probeClip(path: string, ffprobe = 'ffprobe') {
  const entries = 'stream=codec_name,width,height,nb_frames:format=duration';
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', path];
  const { stdout } = await promisify(execFile)(ffprobe, args, { timeout: 30_000, maxBuffer: 1 << 20 });
  const { streams = [], format } = JSON.parse(stdout) as {
    readonly streams?: readonly {
      codec_name?: string;
      width?: number;
      height?: number;
      nb_frames?: string;
    }[];
    readonly format?: { readonly duration?: string };
  };
  const { codec_name: name, width = 0, height = 0, nb_frames: frames = '0' } = streams[0] ?? {};
  const durationMs = Math.round(Number(format?.duration ?? 0) * 1000);
  const codec = name === 'hevc' ? 'h265' : name === 'h264' ? 'h264' : undefined;
  if (codec !== undefined && width > 0 && height > 0 && Number(frames) > 0)
    return { durationMs, codec, width, height } as const;
  throw new GoshawkError(
    'clip-ffmpeg',
    'The file that ffmpeg wrote does not play.',
    'Check the stream of the camera with ffprobe.',
  );
}
