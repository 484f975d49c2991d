import { InputError } from '../../base/index.ts';
import { type SharedBuffer, SharedBufferPool } from '../../platform/index.ts';

export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  release(): void;
}

/** A part that says its length, on its way into memory. */
interface Filling {
  readonly buffer: SharedBuffer;
  readonly size: number;
  filled: number;
}

const mostHeaderBytes = 16 << 10;
const headerEnd = Buffer.from('\r\n\r\n');

/**
 * Cuts `multipart/x-mixed-replace` into its parts. A part that says its length is filled straight into shared memory; of
 * one that does not the boundary after it is searched. Throws an InputError for what is no such stream, or too large.
 */
export class MultipartParser {
  readonly #boundary: Buffer;
  readonly #maxBytes: number;
  readonly #onPart: (part: Part) => void;
  #waiting: Buffer = Buffer.alloc(0);
  /** Up to here no boundary begins. */
  #searched = 0;
  #headers: ReadonlyMap<string, string> | undefined;
  #filling: Filling | undefined;
  #pool: { readonly size: number; readonly buffers: SharedBufferPool } | undefined;

  constructor(boundary: string, maxBytes: number, onPart: (part: Part) => void) {
    this.#boundary = Buffer.from(`--${boundary.replace(/^--/, '')}`);
    this.#maxBytes = maxBytes;
    this.#onPart = onPart;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#filling !== undefined) {
        rest = this.#fill(this.#filling, rest);
        continue;
      }
      this.#waiting = this.#waiting.length === 0 ? rest : Buffer.concat([this.#waiting, rest]);
      rest = Buffer.alloc(0);
      while (this.#filling === undefined && this.#step());
      if (this.#filling !== undefined) {
        rest = this.#waiting;
        this.#waiting = Buffer.alloc(0);
      }
    }
  }

  /** The end of the stream, or of our interest: what is half filled goes back. */
  end(): void {
    this.#filling?.buffer.release();
    this.#filling = undefined;
  }

  /** True when it got on with what waits. */
  #step(): boolean {
    return this.#headers === undefined ? this.#readHeaders() : this.#readToBoundary(this.#headers);
  }

  #readHeaders(): boolean {
    const begin = this.#waiting.indexOf(this.#boundary);
    const end = begin < 0 ? -1 : this.#waiting.indexOf(headerEnd, begin);
    if (end < 0) {
      if (this.#waiting.length > mostHeaderBytes) throw noMultipart('no part begins');
      return false;
    }
    const lines = this.#waiting.toString('latin1', begin, end).split('\r\n').slice(1);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    this.#waiting = this.#waiting.subarray(end + headerEnd.length);
    this.#headers = headers;
    this.#searched = 0;
    const size = Number(headers.get('content-length') ?? Number.NaN);
    if (Number.isNaN(size)) return true;
    if (!Number.isInteger(size) || size < 1 || size > this.#maxBytes) throw this.#tooLarge(size);
    this.#filling = { buffer: this.#take(size), size, filled: 0 };
    return true;
  }

  #readToBoundary(headers: ReadonlyMap<string, string>): boolean {
    const at = this.#waiting.indexOf(this.#boundary, this.#searched);
    if (at < 0) {
      if (this.#waiting.length > this.#maxBytes) throw this.#tooLarge(this.#waiting.length);
      this.#searched = Math.max(0, this.#waiting.length - this.#boundary.length);
      return false;
    }
    const end = this.#waiting.toString('latin1', Math.max(0, at - 2), at) === '\r\n' ? at - 2 : at;
    const buffer = this.#take(Math.max(1, end));
    buffer.data.set(this.#waiting.subarray(0, end));
    this.#waiting = this.#waiting.subarray(at);
    this.#give(headers, buffer, end);
    return true;
  }

  #fill(filling: Filling, chunk: Buffer): Buffer {
    const count = Math.min(chunk.length, filling.size - filling.filled);
    filling.buffer.data.set(chunk.subarray(0, count), filling.filled);
    filling.filled += count;
    if (filling.filled === filling.size) {
      this.#filling = undefined;
      this.#give(this.#headers ?? new Map(), filling.buffer, filling.size);
    }
    return chunk.subarray(count);
  }

  #give(headers: ReadonlyMap<string, string>, buffer: SharedBuffer, size: number): void {
    this.#headers = undefined;
    this.#searched = 0;
    this.#onPart({ headers, bytes: buffer.data.subarray(0, size), release: () => buffer.release() });
  }

  /** Pictures of one camera are of about one size: a pool of the next power of two serves them all. */
  #take(size: number): SharedBuffer {
    if (this.#pool === undefined || this.#pool.size < size) {
      const rounded = Math.max(64 << 10, 2 ** Math.ceil(Math.log2(size)));
      this.#pool = { size: rounded, buffers: new SharedBufferPool(rounded) };
    }
    return this.#pool.buffers.take();
  }

  #tooLarge(size: number): InputError {
    return noMultipart(`a picture of ${size} bytes; at most ${this.#maxBytes} are taken`);
  }
}

function noMultipart(why: string): InputError {
  return new InputError(
    'mjpeg-stream',
    `The stream is no MJPEG over HTTP: ${why}.`,
    'Give the address of the camera’s MJPEG stream (often /video.mjpg, /mjpg/video.mjpg or ?action=stream).',
  );
}
