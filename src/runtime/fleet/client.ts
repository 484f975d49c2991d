import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type {
  JsonKey,
  RawKey,
  RequestArguments,
  RouteKey,
  RouteParams,
  RouteReply,
  UploadKey,
} from '../../api/index.ts';
import { describeError, InputError, MissingError } from '../../base/index.ts';
import { withNearest } from './nearest-known.ts';
import { refusal } from './refusal.ts';

export interface FleetAddress {
  /** Base URL of the controller, without `/api/v1`. */
  readonly url: string;
  readonly token: string;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;
/** What the types of a route were checked to be, where it was named. */
type Given = { readonly params?: never; readonly query?: Query; readonly body?: unknown } | undefined;

/**
 * Requests to the controller's HTTP API, by the routes of `src/api` and with their types; every refusal becomes an error
 * with the controller's own remedy.
 */
export class FleetClient {
  readonly #address: FleetAddress;

  constructor(address: FleetAddress) {
    this.#address = address;
  }

  /** One route of the API with its own types: `call('GET /devices/:id', { params: { id } })`. */
  async call<K extends JsonKey>(route: K, ...[request]: RequestArguments<K>): Promise<RouteReply<K>> {
    const { method, path } = await placeOf(route, request as Given);
    const { body } = (request ?? {}) as { body?: unknown };
    return this.#named(request as Given, () =>
      body === undefined
        ? this.#send(method, path)
        : this.#send(method, path, JSON.stringify(body), { 'content-type': 'application/json' }),
    );
  }

  /** An answer that is no JSON: a picture, an archive. Whoever asks reads it. */
  async raw<K extends RawKey>(
    route: K,
    request?: RequestArguments<K>[0],
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { method, path } = await placeOf(route, request as Given);
    return this.#named(request as Given, () => this.#request(method, path, undefined, headers));
  }

  /** An unknown name is answered with the nearest one. */
  async #named<T>(request: Given, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw await withNearest(this, error, request?.params);
    }
  }

  /** Sends a file as it is, without holding it in memory. */
  async upload<K extends UploadKey>(
    route: K,
    params: RouteParams<K>,
    file: string,
    size: number,
  ): Promise<RouteReply<K>> {
    const { method, path } = await placeOf(route, { params: params as never });
    const body = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
    return this.#send(method, path, body, {
      'content-type': 'application/octet-stream',
      'content-length': String(size),
    });
  }

  async #send<T>(
    method: string,
    path: string,
    body?: string | ReadableStream<Uint8Array>,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await this.#request(method, path, body, headers);
    const text = await response.text().catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async #request(
    method: string,
    path: string,
    body?: string | ReadableStream<Uint8Array>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    if (!/^[\x21-\x7e]+$/.test(this.#address.token))
      throw new InputError(
        'token-form',
        'This is not an access token: a token has no spaces, line ends or special letters.',
        'Copy the token again, whole and alone. It begins with gsk_.',
      );
    const request: RequestInit & { duplex?: 'half' } = {
      method,
      headers: { authorization: `Bearer ${this.#address.token}`, ...headers },
    };
    if (body !== undefined) {
      request.body = body;
      if (typeof body !== 'string') request.duplex = 'half';
    }
    let response: Response;
    try {
      response = await fetchOverKept(`${this.#address.url}/api/v1${path}`, request);
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  #unreachable(error: unknown): MissingError {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return new MissingError(
      'controller-unreachable',
      `No controller answers at ${this.#address.url}: ${describeError(cause)}.`,
      'Check --url (or GOSHAWK_URL), and that `goshawk controller` runs there.',
      { cause: error },
    );
  }
}

async function placeOf(route: RouteKey, request: Given) {
  // A command line that asks no controller starts without the schemas of the API.
  const { methodOf, pathOf, queryText } = await import('../../api/index.ts');
  const { params, query = {} } = request ?? {};
  return { method: methodOf(route), path: `${pathOf(route, params as never)}${queryText(query)}` };
}

/**
 * A kept connection may be closed by the other side at the moment when it is used again. What only reads is then asked
 * once more, as RFC 9110, 9.2.2, allows; what changes something is not, since nobody knows whether it was done.
 */
async function fetchOverKept(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const code = (error as { cause?: { code?: unknown } }).cause?.code;
    if (request.method !== 'GET' || (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET')) throw error;
    return fetch(url, request);
  }
}
