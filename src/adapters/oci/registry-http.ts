import {
  backoffMs,
  CancelledError,
  type Clock,
  describeError,
  GoshawkError,
  InputError,
  MissingError,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import { parseChallenge } from '../../model/index.ts';
import type { Credentials } from './docker-config.ts';
import { tokenFrom } from './token.ts';

export interface RegistryHttpOptions {
  /** `https://host:port`, without a path. */
  readonly base: string;
  readonly credentials?: Credentials | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** A registry that sends and takes nothing for so long is given up. Default 60 s. */
  readonly silenceMs?: number;
  /** How often a request that can be repeated is sent in all. Default 5. */
  readonly tries?: number;
}

export interface RegistryRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => Uint8Array | ReadableStream<Uint8Array>;
  /** What the token has to be good for. */
  readonly scope: string;
  /** Statuses that are answers and no failures. */
  readonly takes: readonly number[];
  /** Whether it may be sent again when nobody knows what became of it. Default: yes. */
  readonly repeats?: boolean;
}

const maxRedirects = 5;
const patience = { firstMs: 500, maxMs: 10_000 };
/** A registry that asks for more patience than this is given up. */
const longestWaitMs = 60_000;

/** Where a registry is: TLS, but on this machine itself. */
export function registryUrl(registry: string, plainHttp: boolean): string {
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
  return `${plainHttp || isHere ? 'http' : 'https'}://${registry}`;
}

/**
 * Requests to one registry: tokens, patience, redirects. A token is sent to that registry and to nobody else, wherever it
 * sends us.
 */
export class RegistryHttp {
  readonly #options: RegistryHttpOptions;
  readonly #tokens = new Map<string, string>();

  constructor(options: RegistryHttpOptions) {
    this.#options = options;
  }

  get base(): string {
    return this.#options.base;
  }

  /** The address that a `Location` of the registry means; RefusedError where it is not the registry's own. */
  own(location: string): string {
    const url = new URL(location, this.#options.base);
    if (url.origin === new URL(this.#options.base).origin) return url.href;
    throw new RefusedError(
      'registry-location',
      `${this.#options.base} wants the upload to go to ${url.origin}.`,
      'Push to a registry that takes uploads itself.',
    );
  }

  async send(url: string, request: RegistryRequest): Promise<Response> {
    const { tries = 5, clock, signal } = this.#options;
    const repeats = request.repeats !== false;
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt >= tries || !repeats;
      let waitMs: number;
      try {
        const response = await this.#authorized(url, request);
        if (request.takes.includes(response.status)) return response;
        waitMs = waitOf(response, attempt);
        if (last || !isBusy(response.status) || waitMs > longestWaitMs) throw await refusal(url, response);
        await response.body?.cancel();
      } catch (error) {
        if (signal?.aborted === true) throw new CancelledError(`The request to ${url}`, { cause: error });
        if (error instanceof GoshawkError || last) throw unreachable(url, error);
        waitMs = backoffMs(patience, attempt - 1, Math.random);
      }
      await sleep(clock, waitMs, signal);
    }
  }

  /** Once without a token where none is known, and once more with the one that the registry asks for. */
  async #authorized(url: string, request: RegistryRequest): Promise<Response> {
    const response = await this.#followed(url, request);
    if (response.status !== 401) return response;
    const wanted = parseChallenge(response.headers.get('www-authenticate'));
    await response.body?.cancel();
    const { base, credentials } = this.#options;
    if (wanted === undefined) throw noAccess(url, credentials !== undefined);
    this.#tokens.delete(request.scope);
    const token =
      wanted.kind === 'basic'
        ? basicOf(credentials, url)
        : `Bearer ${await tokenFrom(base, wanted, request.scope, credentials, this.#options.signal)}`;
    this.#tokens.set(request.scope, token);
    const again = await this.#followed(url, request);
    if (again.status !== 401) return again;
    await again.body?.cancel();
    throw noAccess(url, credentials !== undefined);
  }

  async #followed(url: string, request: RegistryRequest): Promise<Response> {
    const home = new URL(this.#options.base).origin;
    let at = new URL(url);
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#once(at, request, at.origin === home);
      const location = response.headers.get('location');
      const moved = response.status >= 301 && response.status <= 308 && location !== null;
      if (!moved || request.takes.includes(response.status)) return response;
      await response.body?.cancel();
      const next = new URL(location, at);
      const reads = request.method === undefined || request.method === 'GET' || request.method === 'HEAD';
      if (redirects >= maxRedirects || !reads || (at.protocol === 'https:' && next.protocol !== 'https:'))
        throw new RefusedError(
          'registry-redirect',
          `${url} leads to ${next.origin}, which is not followed.`,
          'Name the registry that holds the artifact.',
        );
      at = next;
    }
  }

  async #once(
    url: URL,
    { method = 'GET', headers, body, scope }: RegistryRequest,
    home: boolean,
  ): Promise<Response> {
    const { silenceMs = 60_000, signal } = this.#options;
    const stop = new AbortController();
    const end = () => stop.abort();
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
    const token = this.#tokens.get(scope);
    const content = body?.();
    const init: RequestInit & { duplex?: 'half' } = {
      ...{ method, redirect: 'manual', signal: stop.signal },
      headers: { ...headers, ...(home && token !== undefined ? { authorization: token } : {}) },
      ...(content === undefined ? {} : { body: content as NonNullable<RequestInit['body']>, duplex: 'half' }),
    };
    // A body takes as long as it takes; what has none is answered soon or never.
    const timer = content instanceof ReadableStream ? undefined : setTimeout(end, silenceMs);
    try {
      return await fetch(url, init);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  }
}

function basicOf(credentials: Credentials | undefined, url: string): string {
  if (credentials === undefined) throw noAccess(url, false);
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

function isBusy(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** As it asks for, else longer each time. */
function waitOf(response: Response, attempt: number): number {
  const after = response.headers.get('retry-after');
  return after !== null && /^\d{1,6}$/.test(after)
    ? Number(after) * 1000
    : backoffMs(patience, attempt - 1, Math.random);
}

async function refusal(url: string, response: Response): Promise<GoshawkError> {
  const { status } = response;
  const words = await wordsOf(response);
  if (status === 401 || status === 403) return noAccess(url, true, words);
  if (status === 404)
    return new MissingError(
      'registry-missing',
      `${url} is not there${words}.`,
      'Check name, tag and digest.',
    );
  if (isBusy(status))
    return new MissingError(
      'registry-busy',
      `${url} answered ${status}${words}.`,
      'Try again later; what is there already is not sent again.',
    );
  return new InputError(
    'registry-answer',
    `${url} answered ${status}${words}.`,
    'Is it the address of a registry?',
  );
}

/** The words of a registry's own error; of a page of something else none. */
async function wordsOf(response: Response): Promise<string> {
  const text = await firstText(response, 16_384);
  try {
    const { errors } = JSON.parse(text) as { errors: { code: string; message?: string }[] };
    const [first] = errors;
    return first === undefined ? '' : ` (${first.code}: ${(first.message ?? '').slice(0, 200)})`;
  } catch {
    return '';
  }
}

/** The beginning of a body. */
export async function firstText(response: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    size += chunk.byteLength;
    if (size >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most).toString('utf8');
}

function noAccess(url: string, shown: boolean, words = ''): RefusedError {
  return new RefusedError(
    'registry-refused',
    shown ? `${url} refuses what was shown to it${words}.` : `${url} wants a login.`,
    'Give --user and GOSHAWK_REGISTRY_PASSWORD, log in with docker, podman or oras; to a controller, set GOSHAWK_TOKEN.',
  );
}

function unreachable(url: string, error: unknown): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  return new MissingError(
    'registry-unreachable',
    `${url} can't be reached: ${describeError(cause)}.`,
    'Check the address, and whether the registry speaks TLS (--plain-http where it does not).',
    { cause: error },
  );
}
