import { open, stat } from 'node:fs/promises';
import {
  CancelledError,
  type Clock,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
} from '../../base/index.ts';
import {
  type ArtifactManifest,
  dockerListType,
  dockerManifestType,
  imageIndexType,
  imageManifestType,
  maxArtifactBytes,
  readArtifact,
} from '../../model/index.ts';
import { digestFile, digestOf } from '../../platform/index.ts';
import { BlobPush, type PushedBlob, pushScope } from './blob-push.ts';
import type { Credentials } from './docker-config.ts';
import { RegistryHttp, registryUrl } from './registry-http.ts';
import type { UploadMemory } from './upload-memory.ts';

export interface RegistryClientOptions {
  /** `host:port` */
  readonly registry: string;
  readonly plainHttp?: boolean;
  readonly credentials?: Credentials | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly silenceMs?: number;
  readonly tries?: number;
  /** Where uploads that were begun are remembered over restarts; default: nowhere. */
  readonly uploads?: UploadMemory | undefined;
}

export interface FoundManifest {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly manifest: ArtifactManifest;
}

const manifestTypes = [imageManifestType, imageIndexType, dockerManifestType, dockerListType].join(', ');

/** What the workbench asks of a registry: any that speaks the OCI distribution specification 1.0 or 1.1. */
export class RegistryClient {
  readonly #http: RegistryHttp;
  readonly #signal: AbortSignal | undefined;
  readonly #silenceMs: number;
  readonly #tries: number;
  readonly #push: BlobPush;

  constructor({
    registry,
    plainHttp = false,
    silenceMs = 60_000,
    tries = 5,
    uploads,
    ...options
  }: RegistryClientOptions) {
    this.#http = new RegistryHttp({ ...options, silenceMs, tries, base: registryUrl(registry, plainHttp) });
    this.#signal = options.signal;
    this.#silenceMs = silenceMs;
    this.#tries = tries;
    this.#push = new BlobPush(this.#http, { tries, uploads });
  }

  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const { status } = await this.#http.send(this.#url(repository, `blobs/${digest}`), {
      ...{ method: 'HEAD', takes: [200, 404], scope: pushScope(repository) },
    });
    return status === 200;
  }

  /** Goes on where a broken connection, or a command that was ended, left it. */
  pushBlob(repository: string, blob: PushedBlob, onBytes: (bytes: number) => void = () => {}): Promise<void> {
    return this.#push.push(repository, blob, onBytes);
  }

  /** The subject that the registry lists it for; undefined: it names none, or the registry keeps no such lists. */
  async pushManifest(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    type: string,
  ): Promise<string | undefined> {
    const answer = await this.#http.send(this.#url(repository, `manifests/${reference}`), {
      ...{ method: 'PUT', takes: [201], scope: pushScope(repository), body: () => bytes },
      headers: { 'content-type': type },
    });
    await answer.body?.cancel();
    return answer.headers.get('oci-subject') ?? undefined;
  }

  /** Checked against its digest where the reference is one, or the registry says one. */
  async manifest(repository: string, reference: string): Promise<FoundManifest> {
    const url = this.#url(repository, `manifests/${reference}`);
    const answer = await this.#http.send(url, {
      ...{ takes: [200], scope: pullScope(repository), headers: { accept: manifestTypes } },
    });
    const bytes = await this.#whole(answer, url, maxArtifactBytes);
    const digest = digestOf(bytes);
    const said = reference.includes(':') ? reference : answer.headers.get('docker-content-digest');
    if (said?.startsWith('sha256:') && said !== digest) throw wrongBytes(url, digest, said);
    const type = answer.headers.get('content-type') ?? undefined;
    // A page that says that one has to log in is no manifest either.
    if (type?.startsWith('text/')) throw notARegistry(url, type);
    return { digest, bytes, manifest: readArtifact(bytes, type) };
  }

  /** A small blob, checked. */
  async blob(repository: string, digest: string, size: number): Promise<Uint8Array> {
    const url = this.#url(repository, `blobs/${digest}`);
    const answer = await this.#http.send(url, { takes: [200], scope: pullScope(repository) });
    const bytes = await this.#whole(answer, url, size);
    if (digestOf(bytes) !== digest) throw wrongBytes(url, digestOf(bytes), digest);
    return bytes;
  }

  /** Into a file, going on where an earlier try stopped; checked to the end. */
  async pullBlob(
    repository: string,
    { digest, size }: { readonly digest: string; readonly size: number },
    file: string,
    onBytes: (bytes: number) => void = () => {},
  ): Promise<void> {
    const url = this.#url(repository, `blobs/${digest}`);
    for (let attempt = 1; (await sizeOf(file)) !== size; attempt += 1) {
      try {
        await this.#pullRest(repository, url, file, size, onBytes);
      } catch (error) {
        // What a registry says for good is not asked again.
        if (error instanceof GoshawkError && !(error instanceof MissingError)) throw error;
        if (attempt >= this.#tries) throw error;
      }
    }
    onBytes(size);
    const found = await digestFile(file);
    if (found.digest === digest) return;
    await (await open(file, 'w')).close();
    throw wrongBytes(url, found.digest, digest);
  }

  async #pullRest(
    repository: string,
    url: string,
    file: string,
    size: number,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const there = await sizeOf(file);
    const have = there > size ? 0 : there;
    const answer = await this.#http.send(url, {
      ...{ takes: [200, 206], scope: pullScope(repository) },
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
    });
    const goesOn = answer.status === 206;
    let at = goesOn ? have : 0;
    const target = await open(file, goesOn ? 'a' : 'w');
    try {
      for await (const chunk of this.#heard(answer, url)) {
        at += chunk.byteLength;
        if (at > size) throw tooLong(url, size);
        await target.writeFile(chunk);
        onBytes(at);
      }
      await target.sync();
    } finally {
      await target.close();
    }
    if (at < size)
      throw new MissingError(
        'registry-broken',
        `${url} ended after ${at} of ${size} bytes.`,
        'It goes on there.',
      );
  }

  async #whole(answer: Response, url: string, most: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#heard(answer, url)) {
      size += chunk.byteLength;
      if (size > most) throw tooLong(url, most);
      chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
  }

  /** The bytes of a body; MissingError where nothing came for too long. */
  async *#heard(answer: Response, url: string): AsyncGenerator<Uint8Array> {
    const reader = answer.body?.getReader();
    if (reader === undefined) return;
    const end = () => void reader.cancel().catch(() => undefined);
    this.#signal?.addEventListener('abort', end);
    try {
      for (;;) {
        let timer: NodeJS.Timeout | undefined;
        const silence = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(silent(url, this.#silenceMs)), this.#silenceMs);
        });
        const { done, value } = await Promise.race([reader.read(), silence]).finally(() =>
          clearTimeout(timer),
        );
        if (this.#signal?.aborted === true) throw new CancelledError(`The request to ${url}`);
        if (done) return;
        yield value;
      }
    } catch (error) {
      if (error instanceof GoshawkError) throw error;
      throw new MissingError(
        'registry-broken',
        `The connection to ${url} broke.`,
        'It goes on where it was.',
        {
          cause: error,
        },
      );
    } finally {
      this.#signal?.removeEventListener('abort', end);
      await reader.cancel().catch(() => undefined);
    }
  }

  #url(repository: string, rest: string): string {
    return `${this.#http.base}/v2/${repository}/${rest}`;
  }
}

const pullScope = (repository: string) => `repository:${repository}:pull`;

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => -1,
  );
}

function tooLong(url: string, size: number): LimitError {
  return new LimitError(
    'registry-too-long',
    `${url} sends more than ${size} bytes.`,
    'The registry holds something else there.',
  );
}

function silent(url: string, silenceMs: number): MissingError {
  return new MissingError('registry-silent', `${url} sent nothing for ${silenceMs / 1000} s.`, 'Try again.');
}

function wrongBytes(url: string, found: string, wanted: string): InputError {
  return new InputError(
    'registry-digest',
    `What ${url} sent has the digest ${found}; ${wanted} was asked for.`,
    'The registry, or something on the way, changed it. Nothing of it was kept.',
  );
}

function notARegistry(url: string, type: string): InputError {
  return new InputError(
    'registry-answer',
    `${url} answered with ${type.slice(0, 60)}.`,
    'Is it the address of a registry?',
  );
}
