import { basename } from 'node:path';
import { counted, type GoshawkError, InputError } from '../../base/index.ts';
import {
  checkCameraSize,
  type FrameReceiver,
  type FrameSource,
  type RecordedFrame,
  type ReplayOptions,
  ReplayStream,
} from '../../perception/index.ts';
import { Decoding } from './decoding.ts';
import { lastLine, missingCodec, missingFfmpeg, probeVideo, type VideoInfo } from './probe.ts';
import { type FfmpegProgram, ffmpegProgram } from './program.ts';

export interface VideoOptions extends ReplayOptions {
  /** Programs, where they are not on the PATH. */
  readonly ffmpeg?: string;
  readonly ffprobe?: string;
}

/**
 * `FrameSource` that plays a video file through the system's ffmpeg, as rgb8: every frame that is in it, once, with the
 * time that the file gives it. The child process is gone when `close` resolved.
 */
export class VideoFrameSource implements FrameSource {
  readonly camera: string;
  readonly #path: string;
  readonly #options: VideoOptions;
  readonly #stream: ReplayStream;
  #decoding: Decoding | undefined;

  constructor(path: string, options: VideoOptions) {
    this.#path = path;
    this.#options = options;
    this.#stream = new ReplayStream(options);
    this.camera = this.#stream.camera;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const play = this.#stream.begin();
    const info = await probeVideo(this.#path, this.#options.ffprobe);
    const program = await ffmpegProgram(this.#options.ffmpeg);
    play(() => this.#frames(info, program), receiver);
  }

  async close(): Promise<void> {
    // A read that waits for ffmpeg ends when ffmpeg does.
    void this.#decoding?.stop();
    await this.#stream.stop();
  }

  async *#frames(
    info: VideoInfo,
    { path, passthrough, ownSizes }: FfmpegProgram,
  ): AsyncGenerator<RecordedFrame | GoshawkError> {
    const decoding = new Decoding(path, {
      input: ['-i', this.#path],
      output: [...passthrough, ...ownSizes],
      // An old one scales what changes its size, behind the filter that tells sizes.
      filters: ownSizes.length > 0 ? [] : [`scale=${info.width}:${info.height}`],
      encoding: 'rgb8',
    });
    this.#decoding = decoding;
    const name = basename(this.#path);
    let frames = 0;
    let lastNs = 0n;
    try {
      for await (const decoded of decoding.frames((width, height) => checkCameraSize(name, width, height))) {
        const { width, height, pixels, timeNs = lastNs } = decoded;
        // A damaged file may say anything, and time does not go back.
        if (timeNs > lastNs) lastNs = timeNs;
        const origin = { name, index: frames, timeMs: Number(lastNs / 1000n) / 1000 };
        frames += 1;
        yield { width, height, step: width * 3, encoding: 'rgb8', pixels, timeNs: lastNs, origin };
      }
      const code = await decoding.closed;
      if (this.#stream.stopped) return;
      if (decoding.spawnError !== undefined) throw missingFfmpeg(decoding.spawnError);
      const { words } = decoding.shown;
      if (/Decoder .*not found|no decoder/i.test(words)) throw missingCodec(name, info.codec);
      if (frames === 0 || code !== 0) throw damaged(name, frames, lastLine(words));
      if (decoding.shown.errors > 0) yield damaged(name, frames, lastLine(words));
    } finally {
      await decoding.stop();
      this.#decoding = undefined;
    }
  }
}

function damaged(name: string, frames: number, said: string): InputError {
  const why = said === '' ? 'ffmpeg gave no picture' : said;
  return new InputError(
    'video-damaged',
    frames === 0
      ? `${name} gave no picture: ${why}.`
      : `${name} is damaged; ${counted(frames, 'frame')} came out: ${why}.`,
    'Copy the file again, or convert it with ffmpeg.',
  );
}
