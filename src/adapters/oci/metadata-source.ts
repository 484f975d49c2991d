import type { MetadataSource } from '../../trust/index.ts';
import { readSmall, refusalOf } from './failures.ts';
import { type DownloadIdentity, send } from './http.ts';
import { within } from './within.ts';

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

  fetch(file: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const url = `${this.#base}/${file}`;
    const { token, identity, withinMs = 60_000 } = this.#options;
    return within(url, withinMs, signal, async (bounded) => {
      const answer = await send(url, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...{ signal: bounded, identity: identity?.() },
      });
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw await refusalOf(url, answer);
      return readSmall(answer, maxBytes, url);
    });
  }
}
