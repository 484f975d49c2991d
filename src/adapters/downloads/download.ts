import { open, stat } from 'node:fs/promises';
import {
  CancelledError,
  describeError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';
import { digestFile } from '../../platform/index.ts';
import { type DownloadIdentity, get } from './get.ts';

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
 * is not what was promised; the file is empty then, so that the next try begins anew.
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
  const { digest } = await digestFile(target);
  if (digest === expected.digest) return;
  const file = await open(target, 'w');
  await file.close();
  throw new InputError(
    'download-mismatch',
    `What ${url} sent has the digest ${digest}; ${expected.digest} was promised.`,
    'The server or something on the way changed the file. It is fetched again with the next order.',
  );
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
  const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
  try {
    const { identity } = options;
    const response = await get(url, {
      headers,
      signal: stop.signal,
      ...(identity === undefined ? {} : { identity }),
    });
    if (!response.ok || response.body === null) throw refusalOf(url, response.status);
    const goesOn = response.status === 206;
    let at = goesOn ? have : 0;
    const file = await open(target, goesOn ? 'a' : 'w');
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(whenSilent, silenceMs);
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

/**
 * What a server's refusal means. InputError and RefusedError stay so however often one asks; a server that is only out of
 * order (5xx, 408, 429) is a MissingError, which is tried again.
 */
export function refusalOf(url: string, status: number): GoshawkError {
  if (status === 401 || status === 403) {
    return new RefusedError(
      'download-refused',
      `${url} wants another token or certificate (${status}).`,
      'Give the agent a token of role `device` (settings: artifacts.tokenFile), or let it enrol; was it revoked?',
    );
  }
  if (status >= 500 || status === 408 || status === 429) {
    return new MissingError('download-failed', `${url} answered ${status}.`, 'It is tried again.');
  }
  return new InputError(
    'download-missing',
    `${url} can't be fetched: the controller answered ${status}.`,
    'Push the bundle to the controller again, then order the model again.',
  );
}

/** For what a fetch or a disk threw: ours as it is, the network's with its cause, which `fetch` hides behind "fetch failed". */
export function failureOf(url: string, error: unknown): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  return new MissingError(
    'download-failed',
    `${url} can't be fetched: ${describeError(cause)}.`,
    `Check that the controller runs, that its publicUrl is right, and that this device reaches ${new URL(url).host}.`,
    { cause: error },
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
