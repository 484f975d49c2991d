/** What ffmpeg's filter `showinfo` says of one frame that it lets through. */
export interface ShownFrame {
  /** Absent where the frame has no time. */
  readonly timeNs?: bigint;
  readonly width: number;
  readonly height: number;
}

/** Lines kept for a message, and longest line that is looked at. */
const keptLines = 12;
const longestLine = 4000;

/**
 * Reads ffmpeg's messages: the frames that `showinfo` names, in their order, the errors of the decoder, and the last words
 * for a message. Raw video itself carries neither sizes nor times.
 */
export class ShownFrames {
  readonly #frames: ShownFrame[] = [];
  readonly #words: string[] = [];
  #waiting: ((frame: ShownFrame | undefined) => void) | undefined;
  #rest = '';
  #secondsPerTick: readonly [bigint, bigint] | undefined;
  #decodeErrors = 0;
  #errors = 0;
  #ended = false;

  get decodeErrors(): number {
    return this.#decodeErrors;
  }

  /** All that ffmpeg called an error. */
  get errors(): number {
    return this.#errors;
  }

  /** What ffmpeg said last, without what it says of every frame. */
  get words(): string {
    return this.#words.join('\n');
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) this.#line(line);
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    this.#ended = true;
    this.#waiting?.(undefined);
  }

  /** The next frame; undefined when ffmpeg says nothing more. One caller at a time. */
  next(): Promise<ShownFrame | undefined> {
    const first = this.#frames.shift();
    if (first !== undefined || this.#ended) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#waiting = (frame) => {
        this.#waiting = undefined;
        resolve(frame);
      };
    });
  }

  #line(line: string): void {
    if (line.includes('showinfo')) {
      this.#shown(line);
      return;
    }
    const error = /\[(error|fatal|panic)\]/.test(line);
    if (error && /^\[(h264|hevc|mjpeg|mpeg4|av1|vp[89]|libdav1d)\b/.test(line)) this.#decodeErrors += 1;
    if (error) this.#errors += 1;
    else return;
    this.#words.push(line.replace(/ @ 0x[0-9a-f]+\]/g, ']').replace(/\[(error|fatal|panic)\] /, ''));
    if (this.#words.length > keptLines) this.#words.shift();
  }

  #shown(line: string): void {
    const base = /config in time_base: (\d+)\/(\d+)/.exec(line);
    if (base !== null) this.#secondsPerTick = [BigInt(base[1] ?? 0), BigInt(base[2] ?? 1)];
    const size = /\bn: *\d+ .*\bs:(\d+)x(\d+)/.exec(line);
    if (size === null) return;
    const ticks = /\bpts: *(-?\d+)/.exec(line);
    const [count, per] = this.#secondsPerTick ?? [0n, 0n];
    const frame = {
      ...(ticks === null || per === 0n
        ? {}
        : { timeNs: (BigInt(ticks[1] ?? 0) * count * 1_000_000_000n) / per }),
      width: Number(size[1]),
      height: Number(size[2]),
    };
    if (this.#waiting === undefined) this.#frames.push(frame);
    else this.#waiting(frame);
  }
}
