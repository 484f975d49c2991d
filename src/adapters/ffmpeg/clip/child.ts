import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CancelledError, GoshawkError } from '../../../base/index.ts';
import { lastLine, missingFfmpeg } from '../probe.ts';

type Bytes = Iterable<Uint8Array>;

export interface ChildInputs {
  /** Its standard input. */
  readonly stdin?: Bytes;
  /** Its descriptor 3. */
  readonly third?: Bytes;
  readonly signal?: AbortSignal | undefined;
}

/** No clip takes so long. */
const mostMs = 600_000;
const mostWords = 8_000;

/** Runs ffmpeg behind everything else that the machine has to do. Rejects with what it said. */
export async function runFfmpeg(
  program: string,
  args: readonly string[],
  { stdin = [], third, signal }: ChildInputs,
): Promise<void> {
  const child = spawn(program, ['-hide_banner', '-nostats', '-loglevel', 'error', '-y', ...args], {
    stdio: ['pipe', 'ignore', 'pipe', third === undefined ? 'ignore' : 'pipe'],
  });
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  yieldToOthers(child.pid);
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-mostWords);
  });
  const closed = once(child, 'close').catch(() => [null]) as Promise<[number | null]>;
  const timer = setTimeout(() => child.kill('SIGKILL'), mostMs);
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  // It may be done before it has read everything.
  void feed(stdin, child.stdin!);
  if (third !== undefined) void feed(third, child.stdio[3] as Writable);
  try {
    const [code] = await closed;
    if (signal?.aborted === true) throw new CancelledError('Writing a clip');
    if (failure !== undefined) throw missingFfmpeg(failure);
    if (code !== 0) throw clipFailed(words, code);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function feed(bytes: Bytes, into: Writable): Promise<void> {
  return pipeline(Readable.from(bytes, { objectMode: false, highWaterMark: 1 << 18 }), into).catch(() => {});
}

function yieldToOthers(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It is over already, or the system does not let us.
  }
}

function clipFailed(words: string, code: number | null): GoshawkError {
  const said = lastLine(words);
  if (/No space left|ENOSPC/i.test(words))
    return new GoshawkError('clip-disk-full', 'The disk is full.', 'Make room, or lower `clips.maxBytes`.');
  if (/Unknown encoder|Encoder not found/i.test(words))
    return new GoshawkError(
      'clip-encoder',
      'This ffmpeg can’t encode H.264 (libx264).',
      'Install one that can, or set privacy.clips to "plain" and use a camera of H.264.',
    );
  return new GoshawkError(
    'clip-ffmpeg',
    `ffmpeg made no clip: ${said === '' ? `it ended with ${code ?? 'a signal'}` : said.slice(0, 300)}.`,
    'Check the stream of the camera with ffprobe.',
  );
}
