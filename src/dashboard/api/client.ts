import { signOut, token } from '../session/token.ts';
import { failureOf, noAnswer, RequestError } from './failure.ts';
import { type ServerSentEvent, ServerSentEventParser } from './server-sent-events.ts';

type QueryValue = string | number | boolean | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** Address of an endpoint below `/api/v1`, relative to the page, so that a proxy may put the page below a path. */
export function endpoint(path: readonly string[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `api/v1/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

export interface Request {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const answerTimeoutMs = 20_000;

/** One request. Rejects with a RequestError for every status of 400 or above and when no answer comes. */
export async function call<T>(path: readonly string[], request: Request = {}): Promise<T> {
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  const response = await send(path, request, signal);
  if (response.status === 204) return undefined as T;
  const body = await response.json().catch(() => undefined);
  if (!response.ok) throw refused(response.status, body);
  return body as T;
}

/** A picture or another file, as it is. Rejects like `call`. */
export async function fetchBlob(path: readonly string[], signal: AbortSignal): Promise<Blob> {
  const response = await send(path, {}, AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]));
  if (!response.ok) throw refused(response.status, await response.json().catch(() => undefined));
  return response.blob();
}

/**
 * Reads a stream of server-sent events until it ends or `signal` aborts. `alive` is called for every chunk, comments
 * too: a stream that says nothing for long is dead although the connection looks open.
 */
export async function openStream(
  path: readonly string[],
  options: {
    query?: Query;
    signal: AbortSignal;
    alive: () => void;
    onEvent: (event: ServerSentEvent) => void;
  },
): Promise<void> {
  const response = await send(path, { query: options.query ?? {} }, options.signal);
  if (!response.ok || response.body === null) {
    throw refused(response.status, await response.json().catch(() => undefined));
  }
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

async function send(path: readonly string[], request: Request, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  const bearer = token.get();
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  try {
    return await fetch(endpoint(path, request.query), {
      method: request.method ?? 'GET',
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      cache: 'no-store',
      credentials: 'omit',
      signal,
    });
  } catch (error) {
    if (signal.aborted && signal.reason?.name !== 'TimeoutError') throw error;
    throw new RequestError(noAnswer);
  }
}

function refused(status: number, body: unknown): RequestError {
  const failure = failureOf(status, body);
  // A token that the controller no longer knows is useless: back to the door, where the reason is said.
  // The server's remedy speaks of headers; a person at the door needs another one.
  if (status === 401) signOut({ ...failure, remedy: failureOf(status, undefined).remedy });
  return new RequestError(failure);
}
