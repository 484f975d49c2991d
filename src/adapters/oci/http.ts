import type { IncomingMessage } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { rejectUnanswered } from '../../platform/index.ts';
import { peerFault } from './peer-certificate.ts';

/** What a device shows a server that lets in certificates, and whom it trusts. PEM. */
export interface DownloadIdentity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** An answer, as far as it is needed here. */
export interface Got {
  readonly ok: boolean;
  readonly status: number;
  /** Of the answer, by lower-case name. */
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array> | null;
  /** Leaves what is not read. */
  end(): Promise<void>;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal;
  readonly identity?: DownloadIdentity | undefined;
  /** The server is another device of the fleet: its certificate has to be one of the fleet, whatever its name. */
  readonly peer?: boolean | undefined;
}

/** One request, without redirects: one is an answer like any other. `fetch` shows no certificate, so with one it is Node's client. */
export async function send(url: string, request: HttpRequest): Promise<Got> {
  const { method = 'GET', headers, body, signal, identity } = request;
  if (identity !== undefined && url.startsWith('https:')) return sendShown(url, request, identity);
  const init: RequestInit & { duplex?: 'half' } = {
    ...{ method, headers, redirect: 'manual', signal },
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']>, duplex: 'half' }),
  };
  const response = await fetch(url, init);
  return {
    ...{ ok: response.ok, status: response.status, body: response.body },
    header: (name) => response.headers.get(name) ?? undefined,
    end: async () => void (await response.body?.cancel().catch(() => undefined)),
  };
}

/** What devices ask for is read and never written: a body has no place here. */
function sendShown(
  url: string,
  { method = 'GET', headers, signal, peer = false }: HttpRequest,
  identity: DownloadIdentity,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = requestOverTls(url, {
      ...{ method, headers, signal, agent: false, minVersion: 'TLSv1.2' },
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
    rejectUnanswered(sent, reject);
    sent.once('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0;
      const header = (name: string) => {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      };
      const end = async () => void response.destroy();
      resolve({ ok: status >= 200 && status < 300, status, header, body: response, end });
    });
    sent.end();
  });
}
