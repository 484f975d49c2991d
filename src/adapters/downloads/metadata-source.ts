import { CancelledError, defined, LimitError, MissingError } from '../../base/index.ts';
import type { MetadataSource } from '../../trust/index.ts';
import { type DownloadIdentity, get } from './get.ts';
import { failureOf, refusalOf } from './refusal.ts';

export interface HttpMetadataOptions {
  /** Bearer token of the server. */
  readonly token?: string | undefined;
  readonly identity?: (() => DownloadIdentity | undefined) | undefined;
  /** For a whole file: metadata is small, and who drips it is given up. Default 60 s. */
  readonly withinMs?: number;
}

/** Signed metadata that a web server publishes below `base`. */
export class HttpMetadataSource implements MetadataSource {
  readonly #base: string;
  readonly #options: HttpMetadataOptions;

  constructor(base: string, options: HttpMetadataOptions = {}) {
    this.#base = base.replace(/\/+$/, '');
    this.#options = options;
  }

  async fetch(file: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const url = `${this.#base}/${file}`;
    const { token, identity, withinMs = 60_000 } = this.#options;
    const shown = identity?.();
    // Not AbortSignal.any: see download.ts.
    const stop = new AbortController();
    const end = () => stop.abort();
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end);
    const timer = setTimeout(end, withinMs);
    try {
      const response = await get(url, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        signal: stop.signal,
        ...defined({ identity: shown }),
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw refusalOf(url, response);
      return await wholeBody(url, response.body, maxBytes);
    } catch (error) {
      if (signal?.aborted) throw new CancelledError(`Fetching ${url}`, { cause: error });
      if (stop.signal.aborted)
        throw new MissingError(
          'download-silent',
          `${url} was not there after ${withinMs / 1000} s.`,
          'It is tried again.',
          {
            cause: error,
          },
        );
      throw failureOf(url, error);
    } finally {
      clearTimeout(timer);
      stop.abort();
      signal?.removeEventListener('abort', end);
    }
  }
}

async function wholeBody(
  url: string,
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes)
      throw new LimitError(
        'trust-too-long',
        `${url} sends more than the ${maxBytes} bytes that it may have.`,
        'Nothing of it is used. Look what serves it.',
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
