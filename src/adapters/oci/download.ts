import { open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { MissingError } from '../../base/index.ts';
import { digestFile } from '../../platform/index.ts';
import { broken, refuseWebPage, tooLong, wrongBytes } from './failures.ts';
import type { Got } from './http.ts';
import { within } from './within.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that are there, those of an earlier try included. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** A server that sends nothing for so long is given up. Default 30 s. */
  readonly silenceMs?: number | undefined;
  /** How long to wait after so many bytes before more are read. */
  readonly pace?: ((bytes: number) => number) | undefined;
  /** A server that sends less than this for a minute is given up. Default 6,000 bytes; 0: never. */
  readonly leastBytesPerMinute?: number | undefined;
}

export interface ExpectedFile {
  /** sha256:<64 hex> */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** Asks for the file; the answer is one of success. */
export type Ask = (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Got>;

/**
 * Fetches a file whose size and digest are known, going on where an earlier try stopped (RFC 9110, range requests).
 * A server that can't do ranges is read from the beginning. Rejects with an InputError `registry-digest` when what came
 * is not what was promised; the file is empty then, so that the next try begins anew. What was gone on with and does not
 * fit may be the fault of who sent the beginning: it is fetched whole before anybody is blamed.
 */
export async function download(
  url: string,
  target: string,
  expected: ExpectedFile,
  ask: Ask,
  options: DownloadOptions,
): Promise<void> {
  const { size } = expected;
  let have = await sizeOf(target);
  if (have > size) have = 0;
  if (have < size || size === 0) await fetchRest(url, target, have, size, ask, options);
  let { digest } = await digestFile(target);
  if (digest !== expected.digest && have > 0) {
    await emptied(target);
    await fetchRest(url, target, 0, size, ask, options);
    digest = (await digestFile(target)).digest;
  }
  if (digest === expected.digest) return;
  await emptied(target);
  throw wrongBytes(url, digest, expected.digest);
}

async function emptied(path: string): Promise<void> {
  const file = await open(path, 'w');
  await file.close();
}

function fetchRest(
  url: string,
  target: string,
  have: number,
  size: number,
  ask: Ask,
  { signal, silenceMs = 30_000, onBytes, pace, leastBytesPerMinute = 6_000 }: DownloadOptions,
): Promise<void> {
  return within(url, silenceMs, signal, async (bounded, heard) => {
    const answer = await ask(have > 0 ? { range: `bytes=${have}-` } : {}, bounded);
    refuseWebPage(url, answer);
    const goesOn = answer.status === 206 && (startOf(answer) ?? have) === have;
    if (answer.status === 206 && !goesOn) throw broken(url, 'sends another part than requested');
    const minimum = new LeastRate(leastBytesPerMinute);
    let at = goesOn ? have : 0;
    const file = await open(target, goesOn ? 'a' : 'w');
    try {
      for await (const chunk of answer.body ?? []) {
        at += chunk.byteLength;
        if (at > size) throw tooLong(url, size);
        await file.writeFile(chunk);
        onBytes?.(at);
        minimum.came(chunk.byteLength, url);
        const pauseMs = pace?.(chunk.byteLength) ?? 0;
        if (pauseMs > 0) {
          // The pause is ours: the server is not silent meanwhile.
          for (let left = pauseMs; left > 0; left -= silenceMs / 2) {
            heard();
            await wait(Math.min(left, silenceMs / 2), undefined, { signal: bounded });
          }
          minimum.rested();
        }
        heard();
      }
      await file.sync();
    } finally {
      await file.close();
      await answer.end();
    }
    if (at < size) throw broken(url, `ended after ${at} of ${size} bytes`);
  });
}

/** First byte of a part; one that does not say begins where it was asked to. */
function startOf(response: Got): number | undefined {
  const range = response.header('content-range');
  return range === undefined ? undefined : Number(/^bytes (\d+)-/.exec(range)?.[1] ?? Number.NaN);
}

/** A server that sends a byte now and then would keep a device busy for ever. */
class LeastRate {
  readonly #least: number;
  #sinceMs = performance.now();
  #bytes = 0;

  constructor(leastBytesPerMinute: number) {
    this.#least = leastBytesPerMinute;
  }

  came(bytes: number, url: string): void {
    this.#bytes += bytes;
    if (performance.now() - this.#sinceMs < 60_000) return;
    if (this.#bytes < this.#least)
      throw new MissingError(
        'registry-slow',
        `${url} sent ${this.#bytes} bytes in a minute.`,
        'Goshawk retries, and resumes where it stopped.',
      );
    this.rested();
  }

  /** A minute begins anew. */
  rested(): void {
    this.#sinceMs = performance.now();
    this.#bytes = 0;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
