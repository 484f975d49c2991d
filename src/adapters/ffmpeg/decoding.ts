import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pixels } from '../../perception/index.ts';
import { SharedBufferPool } from '../../platform/index.ts';
import { type ShownFrame, ShownFrames } from './shown-frames.ts';

export type RawEncoding = 'rgb8' | 'nv12';
export interface DecodedFrame extends ShownFrame {
  readonly pixels: Pixels;
}

const pixelFormat = { rgb8: 'rgb24', nv12: 'nv12' } as const;
type Child = ChildProcess & {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
};

/** Not encoded again, at once, and with the times that the pictures have. */
const streamOutput = [
  ...['-map', '0:v:0', '-c', 'copy', '-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0'],
  ...['-flush_packets', '1', '-avoid_negative_ts', 'disabled', 'pipe:3'],
];
const bytesOf = {
  rgb8: (width: number, height: number) => width * height * 3,
  nv12: (width: number, height: number) => (width * height * 3) / 2,
} as const;

/**
 * One ffmpeg as a child process that decodes one video stream into raw frames, each with the time that the stream gave it.
 * It has ended when `stop` resolves, and ends when its output is no longer read.
 */
export class Decoding {
  readonly #child: Child;
  readonly #encoding: RawEncoding;
  readonly #closed: Promise<number | null>;
  readonly shown = new ShownFrames();
  /** It could not be started. */
  spawnError: Error | undefined;

  /** `input` and `output`: arguments around the input. `text`: what it reads on its standard input. */
  constructor(
    program: string,
    options: {
      readonly input: readonly string[];
      readonly output: readonly string[];
      readonly filters?: readonly string[];
      readonly encoding: RawEncoding;
      readonly text?: string;
      /** The stream as it came, beside its pictures: an MPEG transport stream, piece by piece. */
      readonly onStream?: (piece: Buffer) => void;
    },
  ) {
    this.#encoding = options.encoding;
    const { onStream } = options;
    const filters = [
      ...(options.filters ?? []),
      `format=${pixelFormat[options.encoding]}`,
      'showinfo=checksum=0',
    ];
    this.#child = spawn(
      program,
      [
        ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'],
        ...options.input,
        ...['-map', '0:v:0', '-an', '-sn', '-dn', '-vf', filters.join(',')],
        ...options.output,
        ...['-f', 'rawvideo', '-pix_fmt', pixelFormat[options.encoding], 'pipe:1'],
        ...(onStream === undefined ? [] : streamOutput),
      ],
      { stdio: ['pipe', 'pipe', 'pipe', onStream === undefined ? 'ignore' : 'pipe'] },
    ) as Child;
    if (onStream !== undefined) (this.#child.stdio[3] as Readable).on('data', onStream).on('error', () => {});
    const closed = once(this.#child, 'close') as Promise<[number | null]>;
    this.#closed = closed.then(
      ([code]) => code,
      () => null,
    );
    this.#child.once('error', (error) => {
      this.spawnError = error;
    });
    // It may be gone before it has read.
    this.#child.stdin.on('error', () => {}).end(options.text ?? '');
    this.#child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => this.shown.push(text))
      .on('close', () => this.shown.end());
  }

  /** Resolves with its exit status, null where it was killed or could not be started. */
  get closed(): Promise<number | null> {
    return this.#closed;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  /**
   * Cuts the byte stream into frames, straight into shared memory: a detector's worker reads them where they lie.
   * `check` throws for a size that is not wanted.
   */
  async *frames(check: (width: number, height: number) => void): AsyncGenerator<DecodedFrame> {
    let pool: { readonly size: number; readonly buffers: SharedBufferPool } | undefined;
    let frame: DecodedFrame | undefined;
    let size = 0;
    let filled = 0;
    for await (const chunk of this.#child.stdout as AsyncIterable<Buffer>) {
      // The pipe holds a good part of a picture, and all of it would be read and copied in one turn of the event loop.
      await nextTurn();
      for (let at = 0; at < chunk.length; ) {
        if (frame === undefined) {
          const shown = await this.shown.next();
          if (shown === undefined) return;
          check(shown.width, shown.height);
          size = bytesOf[this.#encoding](shown.width, shown.height);
          if (pool?.size !== size) pool = { size, buffers: new SharedBufferPool(size) };
          frame = { ...shown, pixels: pool.buffers.take() };
          filled = 0;
        }
        const count = Math.min(size - filled, chunk.length - at);
        frame.pixels.data.set(chunk.subarray(at, at + count), filled);
        at += count;
        filled += count;
        if (filled < size) continue;
        yield frame;
        frame = undefined;
      }
    }
  }
}
