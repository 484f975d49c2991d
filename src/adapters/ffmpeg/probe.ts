import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { InputError, MissingError } from '../../base/index.ts';
import { installRemedy } from '../../platform/index.ts';

export interface VideoInfo {
  /** Pixels, after the rotation that the file asks for. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly codec: string;
  /** Where the container tells. */
  readonly frames?: number;
}

interface ProbedStream {
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly nb_frames?: string;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

/** Size, rate and codec of the first video stream, from ffprobe. */
export async function probeVideo(path: string, ffprobe = 'ffprobe'): Promise<VideoInfo> {
  const text = await runFfprobe(path, ffprobe);
  const parsed = JSON.parse(text) as { readonly streams?: readonly ProbedStream[] };
  const stream = parsed.streams?.[0];
  const name = basename(path);
  if (stream === undefined) {
    throw new InputError(
      'video-no-stream',
      `${name} holds no video stream.`,
      'Name a file with a picture in it.',
    );
  }
  const { width = 0, height = 0, codec_name: codec = 'unknown' } = stream;
  if (codec === 'unknown' || codec === 'none') throw missingCodec(name, 'a codec that it does not know');
  if (width < 1 || height < 1) {
    throw new InputError(
      'video-size',
      `${name} says its picture is ${width}x${height}.`,
      'The file is damaged; copy it again.',
    );
  }
  const rotation = stream.side_data_list?.find((entry) => entry.rotation !== undefined)?.rotation ?? 0;
  const turned = Math.abs(rotation) % 180 === 90;
  const frames = Number(stream.nb_frames);
  return {
    width: turned ? height : width,
    height: turned ? width : height,
    fps: rate(stream.avg_frame_rate) ?? rate(stream.r_frame_rate) ?? 25,
    codec,
    ...(Number.isInteger(frames) && frames > 0 ? { frames } : {}),
  };
}

export function missingCodec(name: string, what: string): MissingError {
  return new MissingError(
    'video-codec',
    `This machine's ffmpeg can't decode ${name}: ${what}.`,
    'Install an ffmpeg with that codec, or convert the file elsewhere: ffmpeg -i in -c:v libx264 out.mp4',
  );
}

export function missingFfmpeg(cause: unknown): MissingError {
  return new MissingError(
    'ffmpeg-missing',
    'Video files are read through ffmpeg, which is not installed.',
    `${installRemedy('ffmpeg')} Or give a folder of pictures.`,
    { cause },
  );
}

function runFfprobe(path: string, ffprobe: string): Promise<string> {
  const entries =
    'stream=codec_name,width,height,avg_frame_rate,r_frame_rate,nb_frames:stream_side_data=rotation';
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', '-i', path];
  return new Promise((resolve, reject) => {
    execFile(ffprobe, args, { timeout: 30_000, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') reject(missingFfmpeg(error));
      else {
        const said = lastLine(stderr).replace(`${path}: `, '') || error.message;
        reject(
          new InputError(
            'video-broken',
            `${basename(path)} can't be read as a video: ${said}.`,
            'Check the path, copy the file again, or convert it with ffmpeg.',
            { cause: error },
          ),
        );
      }
    });
  });
}

function rate(text: string | undefined): number | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(text ?? '');
  const value = match === null ? Number.NaN : Number(match[1]) / Number(match[2]);
  return Number.isFinite(value) && value > 0 && value <= 1000 ? value : undefined;
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
