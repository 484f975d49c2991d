import { CancelledError, defined, InputError, MissingError, RefusedError } from '../../base/index.ts';
import { type Challenge, parseChallenge, parseTokenAnswer } from '../../model/index.ts';
import { digestOf } from '../../platform/index.ts';
import { type DownloadOptions, download, type ExpectedFile } from './download.ts';
import { type DownloadIdentity, type Got, get, getFollowing } from './get.ts';
import { failureOf, refusalOf, refuseWebPage } from './refusal.ts';
import { readSmall } from './small.ts';

export interface RegistryAccess {
  /** https://host:port, with what stands in front of /v2. */
  readonly url: string;
  /** What the registry's own token server is asked with, beside the certificate. */
  readonly token?: string | undefined;
  /** Asked for every request: it may come later, and is renewed. */
  readonly identity?: (() => DownloadIdentity | undefined) | undefined;
  /** It is another device of the fleet, known by its certificate and not by its name. */
  readonly peer?: boolean;
  /** An answer that does not come within this time is given up. Default 30 s. */
  readonly answerMs?: number;
}

/** A document of a registry. */
export interface SmallDocument {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
}

type Pull = Pick<DownloadOptions, 'signal' | 'onBytes' | 'pace' | 'silenceMs' | 'leastBytesPerMinute'>;

/** A token is a few kB. */
const largestToken = 64_000;
type BearerChallenge = Extract<Challenge, { readonly kind: 'bearer' }>;

/**
 * Blobs and manifests of one OCI registry (distribution specification 1.1), read only.
 *
 * INVARIANT: token and certificate go to the origin of `url` and nowhere else, whatever the registry answers.
 */
export class DeviceRegistryClient {
  readonly url: string;
  readonly #access: RegistryAccess;
  /** By repository. */
  readonly #tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();

  constructor(access: RegistryAccess) {
    this.#access = access;
    this.url = access.url.replace(/\/+$/, '');
  }

  /** Fetches a blob into a file, going on where an earlier try stopped; see `download`. */
  async pull(repository: string, blob: ExpectedFile, target: string, options: Pull): Promise<void> {
    const url = this.#blobUrl(repository, blob.digest);
    const ask = (headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
      this.#ask(repository, url, headers, signal);
    await download(url, target, blob, { ...options, ask });
  }

  /** A small blob whose size nobody said, as bytes. */
  async blob(repository: string, digest: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
    const url = this.#blobUrl(repository, digest);
    const { bytes, digest: came } = await this.#small(repository, url, {}, most, signal);
    if (came !== digest) {
      throw new InputError(
        'download-mismatch',
        `What ${url} sent has the digest ${came}; ${digest} was ordered.`,
        'The server or something on the way changed it. Push the right one.',
      );
    }
    return bytes;
  }

  /** `reference`: a tag or a digest. Undefined where there is none. */
  async manifest(
    repository: string,
    reference: string,
    accept: string,
    most: number,
    signal: AbortSignal,
  ): Promise<SmallDocument | undefined> {
    const url = `${this.url}/v2/${repository}/manifests/${encodeURIComponent(reference)}`;
    return this.#optional(repository, url, accept, most, signal);
  }

  /** The index of what refers to a manifest; registries without that API keep it under a tag. */
  async referrers(
    repository: string,
    digest: string,
    artifactType: string,
    most: number,
    signal: AbortSignal,
  ): Promise<SmallDocument | undefined> {
    const index = 'application/vnd.oci.image.index.v1+json';
    const query = `artifactType=${encodeURIComponent(artifactType)}`;
    const url = `${this.url}/v2/${repository}/referrers/${digest}?${query}`;
    const listed = await this.#optional(repository, url, index, most, signal);
    return listed ?? this.manifest(repository, digest.replace(':', '-'), index, most, signal);
  }

  #blobUrl(repository: string, digest: string): string {
    return `${this.url}/v2/${repository}/blobs/${digest}`;
  }

  async #optional(
    repository: string,
    url: string,
    accept: string,
    most: number,
    signal: AbortSignal,
  ): Promise<SmallDocument | undefined> {
    return this.#small(repository, url, { accept }, most, signal).catch((error: unknown) => {
      if (error instanceof InputError && error.code === 'download-missing') return undefined;
      throw error;
    });
  }

  #small(
    repository: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    most: number,
    signal: AbortSignal,
  ): Promise<SmallDocument> {
    return this.#bounded(signal, url, async (bounded) => {
      const answer = await this.#ask(repository, url, headers, bounded);
      if (!answer.ok) throw refusalOf(url, answer);
      refuseWebPage(url, answer);
      const bytes = await readSmall(answer, most, url);
      return { bytes, digest: digestOf(bytes), mediaType: answer.header('content-type') ?? '' };
    });
  }

  /** With the token for the repository; a new one is got, once, where the registry asks for one. */
  async #ask(
    repository: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Got> {
    const first = await this.#send(url, headers, this.#kept(repository), signal);
    if (first.status !== 401) return first;
    const challenge = parseChallenge(first.header('www-authenticate'));
    if (challenge?.kind !== 'bearer') return first;
    const token = await this.#newToken(repository, challenge, signal);
    return this.#send(url, headers, token, signal);
  }

  #send(
    url: string,
    headers: Readonly<Record<string, string>>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<Got> {
    const shown = token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
    return getFollowing(url, { headers: shown, signal, ...this.#identity() });
  }

  #kept(repository: string): string | undefined {
    const kept = this.#tokens.get(repository);
    return kept !== undefined && performance.now() < kept.untilMs ? kept.token : undefined;
  }

  async #newToken(repository: string, challenge: BearerChallenge, signal: AbortSignal): Promise<string> {
    this.#tokens.delete(repository);
    const named = new URL(challenge.realm, this.url);
    // A controller may know itself by another name; whatever it says, it is the registry of the settings that is asked.
    const realm = new URL(`${named.pathname}${named.search}`, this.url);
    if (challenge.service !== undefined) realm.searchParams.set('service', challenge.service);
    realm.searchParams.set('scope', `repository:${repository}:pull`);
    const { token } = this.#access;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await get(realm.href, { headers, signal, ...this.#identity() });
    if (answer.status === 404 && named.origin !== realm.origin) {
      throw new RefusedError(
        'registry-realm',
        `${this.url} sends to ${named.origin} for a token; this device shows itself to the registry of its settings alone.`,
        'Name the registry that gives its own tokens (artifacts.registry).',
      );
    }
    if (!answer.ok) throw refusalOf(`${realm.origin}${realm.pathname}`, answer);
    const text = new TextDecoder().decode(await readSmall(answer, largestToken, realm.href));
    const got = parseTokenAnswer(text);
    if (got === undefined) {
      throw new MissingError(
        'registry-token',
        `${realm.origin}${realm.pathname} gave no token.`,
        'Look at the registry; it is tried again.',
      );
    }
    // A little is left for the way.
    this.#tokens.set(repository, { token: got.token, untilMs: performance.now() + got.seconds * 900 });
    return got.token;
  }

  #identity(): { readonly identity?: DownloadIdentity; readonly peer: boolean } {
    const identity = this.#access.identity?.();
    return { peer: this.#access.peer ?? false, ...defined({ identity }) };
  }

  /** Documents are small: the whole answer has to come in time. */
  async #bounded<T>(signal: AbortSignal, url: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const end = () => stop.abort();
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
    const timer = setTimeout(end, this.#access.answerMs ?? 30_000);
    try {
      return await work(stop.signal);
    } catch (error) {
      if (signal.aborted) throw new CancelledError(`The download of ${url}`, { cause: error });
      if (stop.signal.aborted)
        throw new MissingError(
          'download-silent',
          `${url} gave no whole answer in time.`,
          'It is tried again.',
        );
      throw failureOf(url, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }
}
