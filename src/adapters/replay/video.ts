import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type GoshawkError, InputError } from '../../base/index.ts';
import type { FrameReceiver, FrameSource } from '../../perception/index.ts';
import { SharedBufferPool } from '../../platform/index.ts';
import { lastLine, missingCodec, missingFfmpeg, probeVideo, type VideoInfo } from './probe.ts';
import { type RecordedFrame, type ReplayOptions, ReplayStream } from './stream.ts';

export interface VideoOptions extends ReplayOptions {
  /** Programs, where they are not on the PATH. */
  readonly ffmpeg?: string;
  readonly ffprobe?: string;
}

type Decoder = ChildProcessByStdio<null, Readable, Readable>;

/**
 * `FrameSource` that plays a video file through the system's ffmpeg, as rgb8. A file with a changing frame rate is
 * played at its average rate (ffmpeg repeats or leaves out pictures). The child process is gone when `close` resolved.
 */
export class VideoFrameSource implements FrameSource {
  readonly camera: string;
  readonly #path: string;
  readonly #options: VideoOptions;
  readonly #stream: ReplayStream;
  #child: Decoder | undefined;

  constructor(path: string, options: VideoOptions) {
    this.#path = path;
    this.#options = options;
    this.#stream = new ReplayStream(options);
    this.camera = this.#stream.camera;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const info = await probeVideo(this.#path, this.#options.ffprobe);
    const pool = new SharedBufferPool(info.width * info.height * 3);
    this.#stream.start(() => this.#frames(info, pool), receiver);
  }

  async close(): Promise<void> {
    // A read that waits for ffmpeg ends when ffmpeg does.
    this.#child?.kill('SIGKILL');
    await this.#stream.stop();
  }

  async *#frames(info: VideoInfo, pool: SharedBufferPool): AsyncGenerator<RecordedFrame | GoshawkError> {
    const child = this.#spawn();
    this.#child = child;
    const closed = once(child, 'close').catch(() => []);
    let failure: unknown;
    child.once('error', (error) => {
      failure = error;
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    let frames = 0;
    try {
      for await (const frame of assemble(child.stdout, info, pool)) {
        frames += 1;
        yield frame;
      }
      const [code] = await closed;
      if (this.#stream.stopped) return;
      const name = basename(this.#path);
      if (failure !== undefined) throw missingFfmpeg(failure);
      if (/Decoder .*not found|no decoder/i.test(stderr)) throw missingCodec(name, info.codec);
      if (frames === 0 || code !== 0) throw damaged(name, frames, lastLine(stderr));
      if (stderr !== '') yield damaged(name, frames, lastLine(stderr));
    } finally {
      child.kill('SIGKILL');
      await closed;
      this.#child = undefined;
    }
  }

  #spawn(): Decoder {
    const input = ['-i', this.#path, '-map', '0:v:0', '-an', '-sn', '-dn'];
    const output = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
    return spawn(this.#options.ffmpeg ?? 'ffmpeg', ['-v', 'error', '-nostdin', ...input, ...output], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

/** Cuts the byte stream into frames, straight into shared memory: a detector's worker reads them where they lie. */
async function* assemble(
  stdout: Readable,
  { width, height }: VideoInfo,
  pool: SharedBufferPool,
): AsyncGenerator<RecordedFrame> {
  const size = width * height * 3;
  let pixels = pool.take();
  let filled = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    // The pipe holds a good part of a picture, and all of it would be read and copied in one turn of the event loop.
    await nextTurn();
    for (let at = 0; at < chunk.length; ) {
      const count = Math.min(size - filled, chunk.length - at);
      pixels.data.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < size) continue;
      yield { width, height, step: width * 3, encoding: 'rgb8', pixels };
      pixels = pool.take();
      filled = 0;
    }
  }
}

function damaged(name: string, frames: number, said: string): InputError {
  const why = said === '' ? 'ffmpeg gave no picture' : said;
  return new InputError(
    'video-damaged',
    frames === 0
      ? `${name} gave no picture: ${why}.`
      : `${name} is damaged; ${frames} frames came out: ${why}.`,
    'Copy the file again, or convert it with ffmpeg.',
  );
}
