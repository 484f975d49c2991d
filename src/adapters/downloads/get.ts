import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

/** What a device shows a server that lets in certificates, and whom it trusts. PEM. */
export interface DownloadIdentity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** What `fetch` answers, as far as a download needs it. */
export interface Got {
  readonly ok: boolean;
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly identity?: DownloadIdentity;
}

/** GET, without redirects. `fetch` can't show a certificate of one's own, so with one it is Node's client. */
export async function get(url: string, { headers, signal, identity }: GetOptions): Promise<Got> {
  if (identity === undefined || !url.startsWith('https:'))
    // A redirect to another host would carry the token there.
    return fetch(url, { headers, redirect: 'error', signal });
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, signal, agent: false, minVersion: 'TLSv1.2', ...identity });
    sent.once('error', reject);
    sent.once('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0;
      const ok = status >= 200 && status < 300;
      if (!ok) response.resume();
      resolve({ ok, status, body: ok ? response : null });
    });
    sent.end();
  });
}
