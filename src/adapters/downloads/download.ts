import { open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, defined, InputError, LimitError, MissingError } from '../../base/index.ts';
import { digestFile } from '../../platform/index.ts';
import { type DownloadIdentity, type Got, get } from './get.ts';
import { failureOf, refusalOf, refuseWebPage } from './refusal.ts';

export interface DownloadOptions {
  /** Bearer token of the server. */
  readonly token?: string;
  /** What is shown to the server beside it. */
  readonly identity?: DownloadIdentity;
  readonly signal: AbortSignal;
  /** Called with the bytes that are there, those of an earlier try included. */
  onBytes?(bytes: number): void;
  /** A server that sends nothing for so long is given up. Default 30 s. */
  readonly silenceMs?: number;
  /** Asks for it in another way; default: GET without redirects. */
  readonly ask?: (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Got>;
  /** How long to wait after so many bytes before more are read. */
  readonly pace?: (bytes: number) => number;
  /** A server that sends less than this for a minute is given up. Default 6,000 bytes; 0: never. */
  readonly leastBytesPerMinute?: number;
}

export interface ExpectedFile {
  /** sha256:<64 hex> */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Fetches a file whose size and digest are known, going on where an earlier try stopped (RFC 9110, range requests).
 * A server that can't do ranges is read from the beginning. Rejects with an InputError `download-mismatch` when what came
 * is not what was promised; the file is empty then, so that the next try begins anew. What was gone on with and does not
 * fit may be the fault of who sent the beginning: it is fetched whole before anybody is blamed.
 */
export async function download(
  url: string,
  target: string,
  expected: ExpectedFile,
  options: DownloadOptions,
): Promise<void> {
  let have = await sizeOf(target);
  if (have > expected.size) have = 0;
  if (have < expected.size) await fetchRest(url, target, have, expected.size, options);
  let { digest } = await digestFile(target);
  if (digest !== expected.digest && have > 0) {
    await emptied(target);
    await fetchRest(url, target, 0, expected.size, options);
    digest = (await digestFile(target)).digest;
  }
  if (digest === expected.digest) return;
  await emptied(target);
  throw new InputError(
    'download-mismatch',
    `What ${url} sent has the digest ${digest}; ${expected.digest} was promised.`,
    'The server or something on the way changed the file. It is fetched again with the next order.',
  );
}

async function emptied(path: string): Promise<void> {
  const file = await open(path, 'w');
  await file.close();
}

async function fetchRest(
  url: string,
  target: string,
  have: number,
  size: number,
  options: DownloadOptions,
): Promise<void> {
  const silenceMs = options.silenceMs ?? 30_000;
  // Not AbortSignal.any: on Node 20 the signal that it makes may be collected while `fetch` still relies on it, and then an
  // abort reaches nobody.
  const stop = new AbortController();
  const end = () => stop.abort();
  if (options.signal.aborted) end();
  options.signal.addEventListener('abort', end);
  let silent = false;
  const whenSilent = () => {
    silent = true;
    end();
  };
  let timer = setTimeout(whenSilent, silenceMs);
  const hurry = new Hurry(options.leastBytesPerMinute ?? 6_000);
  try {
    const response = await ask(url, have, options, stop.signal);
    if (!response.ok || response.body === null) throw refusalOf(url, response);
    refuseWebPage(url, response);
    const goesOn = response.status === 206 && (startOf(response) ?? have) === have;
    if (response.status === 206 && !goesOn)
      throw new MissingError(
        'download-broken',
        `${url} sends another part than was asked for.`,
        'It is tried again.',
      );
    let at = goesOn ? have : 0;
    const file = await open(target, goesOn ? 'a' : 'w');
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        at += chunk.byteLength;
        if (at > size) {
          throw new LimitError(
            'download-too-long',
            `${url} sends more than the ${size} bytes promised.`,
            'The server holds another file there. Push the bundle to the controller again.',
          );
        }
        await file.writeFile(chunk);
        options.onBytes?.(at);
        hurry.came(chunk.byteLength, url);
        const pauseMs = options.pace?.(chunk.byteLength) ?? 0;
        if (pauseMs > 0) {
          await wait(pauseMs, undefined, { signal: stop.signal });
          hurry.rested();
        }
        timer = setTimeout(whenSilent, silenceMs);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (at < size) {
      throw new MissingError(
        'download-broken',
        `${url} ended after ${at} of ${size} bytes.`,
        'It goes on there.',
      );
    }
  } catch (error) {
    if (options.signal.aborted) throw new CancelledError(`The download of ${url}`, { cause: error });
    if (silent) {
      throw new MissingError(
        'download-silent',
        `${url} sent nothing for ${silenceMs / 1000} s.`,
        'It is tried again.',
        {
          cause: error,
        },
      );
    }
    throw failureOf(url, error);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', end);
  }
}

function ask(
  url: string,
  have: number,
  { token, identity, ask: otherWay }: DownloadOptions,
  signal: AbortSignal,
): Promise<Got> {
  const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (otherWay !== undefined) return otherWay(headers, signal);
  return get(url, { headers, signal, ...defined({ identity }) });
}

/** First byte of a part; one that does not say begins where it was asked to. */
function startOf(response: Got): number | undefined {
  const range = response.header('content-range');
  return range === undefined ? undefined : Number(/^bytes (\d+)-/.exec(range)?.[1] ?? Number.NaN);
}

/** A server that sends a byte now and then would keep a device busy for ever. */
class Hurry {
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
        'download-slow',
        `${url} sent ${this.#bytes} bytes in a minute.`,
        'It is tried again, and goes on where it stopped.',
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
