import {
  BusyError,
  backoffMs,
  CancelledError,
  type Clock,
  MissingError,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import { parseChallenge } from '../../model/index.ts';
import { failureOf, notAllowed, redirectRefused, refusalOf } from './failures.ts';
import { type DownloadIdentity, type Got, type HttpRequest, send } from './http.ts';
import { type TokenServer, tokenFrom } from './token.ts';
import { within } from './within.ts';

export interface RegistryAccess {
  /** https://host:port, with what stands in front of /v2. */
  readonly url: string;
  /** Shown to the registry's token server, or to a registry that wants it itself: `Basic ...` or `Bearer ...`. */
  readonly authorization?: string | undefined;
  readonly tokenServer?: TokenServer;
  /** Asked for every request: it may come later, and is renewed. */
  readonly identity?: (() => DownloadIdentity | undefined) | undefined;
  /** It is another device of the fleet, known by its certificate and not by its name. */
  readonly peer?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** An answer that does not come within this time is given up. Default 30 s. */
  readonly answerMs?: number | undefined;
  /** How often a request that can be repeated is sent in all; default once, for who tries again otherwise. */
  readonly patience?: { readonly tries: number; readonly clock: Clock } | undefined;
}

export interface RegistryRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => Uint8Array | ReadableStream<Uint8Array>;
  /** What the token has to be good for. */
  readonly scope: string;
  /** Statuses that are answers and no failures; default: all of success. */
  readonly takes?: readonly number[];
  /** Whether it may be sent again when nobody knows what became of it. Default: yes. */
  readonly repeats?: boolean;
  readonly signal: AbortSignal;
}

const mostRedirects = 5;
const backoff = { firstMs: 500, maxMs: 10_000 };
/** A registry that asks for more patience than this is given up. */
const longestWaitMs = 60_000;

/** Where a registry is: TLS, but on this machine itself. */
export function registryUrl(registry: string, plainHttp: boolean): string {
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
  return `${plainHttp || isHere ? 'http' : 'https'}://${registry}`;
}

/**
 * Requests to one registry: tokens, patience, redirects.
 *
 * INVARIANT: what is shown goes to the origin of `url` (and its token server) and nowhere else, whatever the registry answers.
 */
export class RegistryHttp {
  readonly url: string;
  readonly #access: RegistryAccess;
  readonly #tokens = new Map<string, { readonly authorization: string; readonly untilMs: number }>();

  constructor(access: RegistryAccess) {
    this.#access = access;
    this.url = access.url.replace(/\/+$/, '');
  }

  /** The address that a `Location` of the registry means; RefusedError where it is not the registry's own. */
  own(location: string): string {
    const url = new URL(location, this.url);
    if (url.origin === new URL(this.url).origin) return url.href;
    throw new RefusedError(
      'registry-location',
      `${this.url} redirects the upload to ${url.origin}.`,
      'Push to a registry that accepts uploads at its own address.',
    );
  }

  /** A whole exchange: what `read` makes of the answer, which has to come in time. */
  async exchange<T>(
    url: string,
    request: Omit<RegistryRequest, 'signal'> & { readonly signal?: AbortSignal | undefined },
    read: (answer: Got) => Promise<T>,
  ): Promise<T> {
    const signal = request.signal ?? this.#access.signal;
    return this.repeated(url, request.repeats !== false, signal, () =>
      within(url, this.#access.answerMs ?? 30_000, signal, async (bounded) => {
        const answer = await this.send(url, { ...request, signal: bounded });
        try {
          return await read(answer);
        } finally {
          await answer.end();
        }
      }),
    );
  }

  /** A body that is sent takes as long as it takes. */
  async stream(url: string, request: Omit<RegistryRequest, 'signal'>): Promise<Got> {
    const signal = this.#access.signal ?? new AbortController().signal;
    try {
      const answer = await this.send(url, { ...request, signal });
      await answer.end();
      return answer;
    } catch (error) {
      if (signal.aborted) throw new CancelledError(`The request to ${url}`, { cause: error });
      throw failureOf(url, error);
    }
  }

  /** As often as patience goes, while the registry is busy or can't be reached. */
  async repeated<T>(
    url: string,
    repeats: boolean,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const { patience } = this.#access;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (signal?.aborted === true) throw new CancelledError(`The request to ${url}`, { cause: error });
        if (patience === undefined || !repeats || attempt >= patience.tries) throw error;
        if (!(error instanceof MissingError)) throw error;
        const asked = error instanceof BusyError ? error.retryAfterMs : undefined;
        const waitMs = asked ?? backoffMs(backoff, attempt - 1, Math.random);
        if (waitMs > longestWaitMs) throw error;
        await sleep(patience.clock, waitMs, signal);
      }
    }
  }

  /** Once without a token where none is known, and once more with the one that the registry asks for. */
  async send(url: string, request: RegistryRequest): Promise<Got> {
    const first = await this.#followed(url, request);
    const answer = first.status === 401 ? await this.#again(url, request, first) : first;
    if (request.takes?.includes(answer.status) ?? answer.ok) return answer;
    throw await refusalOf(url, answer);
  }

  async #again(url: string, request: RegistryRequest, refused: Got): Promise<Got> {
    const { authorization } = this.#access;
    const wanted = parseChallenge(refused.header('www-authenticate'));
    if (wanted === undefined) return refused;
    await refused.end();
    this.#tokens.delete(request.scope);
    if (wanted.kind === 'basic') {
      if (authorization?.startsWith('Basic ') !== true) throw notAllowed(url, 'wants a login');
      this.#tokens.set(request.scope, { authorization, untilMs: Number.POSITIVE_INFINITY });
    } else {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const { token, seconds } = await tokenFrom(
        ...([this.url, wanted, request.scope, this.#access.tokenServer ?? 'own'] as const),
        { headers, signal: request.signal, ...this.#shown() },
      );
      // A little is left for the way.
      const untilMs = performance.now() + seconds * 900;
      this.#tokens.set(request.scope, { authorization: `Bearer ${token}`, untilMs });
    }
    return this.#followed(url, request);
  }

  /** Follows redirects, as registries send them to where their bytes lie: without token and certificate, and never from https to http. */
  async #followed(url: string, request: RegistryRequest): Promise<Got> {
    const home = new URL(this.url).origin;
    const reads = request.method === undefined || request.method === 'GET' || request.method === 'HEAD';
    let at = new URL(url);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#once(at.href, request, at.origin === home);
      const location = answer.header('location');
      const moved = answer.status >= 301 && answer.status <= 308 && location !== undefined;
      if (!moved || request.takes?.includes(answer.status) === true) return answer;
      await answer.end();
      const next = new URL(location, at);
      const weaker = at.protocol === 'https:' && next.protocol !== 'https:';
      if (redirects >= mostRedirects || !reads || weaker || !/^https?:$/.test(next.protocol))
        throw redirectRefused(url, `${next.origin}${weaker ? ', without TLS' : ''}`);
      at = next;
    }
  }

  #once(url: string, request: RegistryRequest, isHome: boolean): Promise<Got> {
    const { method = 'GET', headers, body, scope, signal } = request;
    const kept = this.#tokens.get(scope);
    const token = kept !== undefined && performance.now() < kept.untilMs ? kept.authorization : undefined;
    return send(url, {
      ...{ method, signal, body: body?.() },
      headers: { ...headers, ...(isHome && token !== undefined ? { authorization: token } : {}) },
      ...(isHome ? this.#shown() : {}),
    });
  }

  #shown(): Pick<HttpRequest, 'identity' | 'peer'> {
    return { identity: this.#access.identity?.(), peer: this.#access.peer };
  }
}
