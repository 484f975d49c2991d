import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { RefusedError } from '../../base/index.ts';
import { peerFault } from './peer-certificate.ts';

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
  /** Of the answer, by lower-case name. */
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly identity?: DownloadIdentity;
  /** The server is another device of the fleet: its certificate has to be one of the fleet, whatever its name. */
  readonly peer?: boolean;
}

/** GET, without redirects: one is an answer like any other. `fetch` shows no certificate, so with one it is Node's client. */
export async function get(url: string, options: GetOptions): Promise<Got> {
  const { headers, signal, identity, peer = false } = options;
  if (identity === undefined || !url.startsWith('https:')) {
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    const { ok, status, body } = response;
    if (!ok) await body?.cancel();
    return { ok, status, body: ok ? body : null, header: (name) => response.headers.get(name) ?? undefined };
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      ...{ headers, signal, agent: false, minVersion: 'TLSv1.2' },
      ...identity,
      // Looked at below, before anything that it says is.
      ...(peer ? { rejectUnauthorized: false } : {}),
    });
    if (peer)
      sent.once('socket', (socket) =>
        socket.once('secureConnect', () => {
          const fault = peerFault(socket as TLSSocket, identity.ca, Date.now());
          if (fault !== undefined) sent.destroy(new Error(fault));
        }),
      );
    sent.once('error', reject);
    sent.once('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0;
      const ok = status >= 200 && status < 300;
      // What it says beside a refusal is not read: it may have no end.
      if (!ok) response.destroy();
      const header = (name: string) => {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      };
      resolve({ ok, status, header, body: ok ? response : null });
    });
    sent.end();
  });
}

const mostRedirects = 3;

/**
 * GET that follows redirects, as registries send them to where their bytes lie. Another origin gets neither the token nor
 * the certificate, and no redirect leads from https to http.
 */
export async function getFollowing(url: string, options: GetOptions): Promise<Got> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const own = new URL(at).origin === new URL(url).origin;
    const answer = await get(at, own ? options : withoutCredentials(options));
    const location = answer.status >= 300 && answer.status < 400 ? answer.header('location') : undefined;
    if (location === undefined) return answer;
    const next = new URL(location, at);
    const weaker = at.startsWith('https:') && next.protocol !== 'https:';
    if (redirects >= mostRedirects || weaker || !/^https?:$/.test(next.protocol)) {
      throw new RefusedError(
        'download-redirect',
        `${url} sends on to ${next.origin}${weaker ? ', without TLS' : `, after ${redirects} others`}.`,
        'Look at the registry, and at what stands in front of it.',
      );
    }
    at = next.href;
  }
}

function withoutCredentials({ headers, signal }: GetOptions): GetOptions {
  const { authorization: _, ...others } = headers;
  return { headers: others, signal };
}
