import {
  apiPrefix,
  type JsonKey,
  methodOf,
  pathOf,
  queryText,
  type RequestArguments,
  type RouteKey,
  type RouteReply,
  type RouteRequest,
  type UploadKey,
} from '../../api/index.ts';
import { failureOf, noAnswer, RequestError } from './failure.ts';
import { type ServerSentEvent, ServerSentEventParser } from './server-sent-events.ts';
import { cookieSession, signOut, token } from './token.ts';

/** What a request may carry, whatever its route. The types of each route are checked where it is named. */
interface Given {
  readonly params?: never;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

/** Address of a route, relative to the page, so that a proxy may put the page below a path. */
export function addressOf<K extends RouteKey>(route: K, ...[given]: RequestArguments<K>): string {
  const { params, query = {} } = (given ?? {}) as Given;
  return `${apiPrefix.slice(1)}${pathOf(route, params as never)}${queryText(query)}`;
}

/** A request that can be sent, once or again and again. */
export interface ApiRequest<T> {
  /** Equal for the same question. */
  readonly key: string;
  /** Rejects with a RequestError for every status of 400 or above and when no answer comes. */
  send(signal?: AbortSignal): Promise<T>;
}

const answerTimeoutMs = 20_000;

/** `request('GET /devices/:id', { params: { id } })`; nothing is sent yet. */
export function request<K extends JsonKey>(
  route: K,
  ...given: RequestArguments<K>
): ApiRequest<RouteReply<K>> {
  const address = addressOf(route, ...given);
  const { body } = (given[0] ?? {}) as Given;
  return {
    key: body === undefined ? address : `${address} ${JSON.stringify(body)}`,
    send: async (signal) => {
      const response = await send(methodOf(route), address, body, withTimeout(signal));
      if (response.status === 204) return undefined as RouteReply<K>;
      return (await response.json().catch(() => undefined)) as RouteReply<K>;
    },
  };
}

/** Sends one request. */
export function call<K extends JsonKey>(route: K, ...given: RequestArguments<K>): Promise<RouteReply<K>> {
  return request(route, ...given).send();
}

/** Sends bytes as they are. */
export async function upload<K extends UploadKey>(
  route: K,
  bytes: BufferSource,
  given: RouteRequest<K>,
  signal?: AbortSignal,
): Promise<RouteReply<K>> {
  const address = addressOf(route, ...([given] as unknown as RequestArguments<K>));
  const response = await send(methodOf(route), address, bytes, withTimeout(signal));
  return (await response.json()) as RouteReply<K>;
}

/** A picture or another file, as it is. Rejects like a request. */
export async function fetchBlob(
  address: string,
  signal: AbortSignal,
  timeoutMs: number = answerTimeoutMs,
): Promise<Blob> {
  const response = await send('GET', address, undefined, withTimeout(signal, timeoutMs));
  return response.blob();
}

/**
 * Reads a stream of server-sent events until it ends or `signal` aborts. `alive` is called for every chunk, comments
 * too: a stream that says nothing for long is dead although the connection looks open.
 */
export async function openStream(
  address: string,
  options: {
    signal: AbortSignal;
    alive: () => void;
    onEvent: (event: ServerSentEvent) => void;
  },
): Promise<void> {
  const response = await send('GET', address, undefined, options.signal);
  if (response.body === null) throw refused(response.status, undefined);
  options.alive();
  const parser = new ServerSentEventParser();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    options.alive();
    for (const event of parser.push(decoder.decode(value, { stream: true }))) options.onEvent(event);
  }
}

async function send(method: string, address: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  const bearer = token.get();
  const bySession = bearer === cookieSession;
  if (bearer !== undefined && !bySession) headers.authorization = `Bearer ${bearer}`;
  const bytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  if (body !== undefined) headers['content-type'] = bytes ? 'application/octet-stream' : 'application/json';
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers,
      body: body === undefined ? null : bytes ? (body as BufferSource) : JSON.stringify(body),
      cache: 'no-store',
      credentials: bySession ? 'same-origin' : 'omit',
      signal,
    });
  } catch (error) {
    if (signal.aborted && signal.reason?.name !== 'TimeoutError') throw error;
    throw new RequestError(noAnswer);
  }
  if (!response.ok) throw refused(response.status, await response.json().catch(() => undefined));
  return response;
}

function withTimeout(signal: AbortSignal | undefined, timeoutMs: number = answerTimeoutMs): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

function refused(status: number, body: unknown): RequestError {
  const failure = failureOf(status, body);
  // A token that the controller no longer knows is useless: back to the sign-in, where the reason is shown.
  // The server's remedy speaks of headers; a person who signs in needs another one.
  if (status === 401) signOut({ ...failure, remedy: failureOf(status, undefined).remedy });
  return new RequestError(failure);
}
