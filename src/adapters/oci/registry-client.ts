import { GoshawkError } from '../../base/index.ts';
import {
  dockerListType,
  dockerManifestType,
  imageIndexType,
  imageManifestType,
  maxArtifactBytes,
} from '../../model/index.ts';
import { digestOf } from '../../platform/index.ts';
import { BlobPush, type PushedBlob, pushScope } from './blob-push.ts';
import { type DownloadOptions, download, type ExpectedFile } from './download.ts';
import { readSmall, refuseWebPage, wrongBytes } from './failures.ts';
import { type RegistryAccess, RegistryHttp } from './registry-http.ts';
import type { UploadMemory } from './upload-memory.ts';

export interface RegistryClientOptions extends RegistryAccess {
  /** Where uploads that were begun are remembered over restarts; default: nowhere. */
  readonly uploads?: UploadMemory | undefined;
}

/** A document of a registry. */
export interface SmallDocument {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
}

interface Small {
  readonly accept?: string;
  readonly most?: number;
  readonly signal?: AbortSignal | undefined;
}

const manifestTypes = [imageManifestType, imageIndexType, dockerManifestType, dockerListType].join(', ');
const pullScope = (repository: string) => `repository:${repository}:pull`;

/**
 * One registry that speaks the OCI distribution specification 1.0 or 1.1: a controller, another registry, or another device of the
 * fleet, which gives blobs alone. Digests and sizes that the caller knows bound everything that comes.
 */
export class RegistryClient {
  readonly url: string;
  readonly #http: RegistryHttp;
  readonly #push: BlobPush;

  constructor({ uploads, ...access }: RegistryClientOptions) {
    this.#http = new RegistryHttp(access);
    this.url = this.#http.url;
    this.#push = new BlobPush(this.#http, { tries: access.patience?.tries ?? 1, uploads });
  }

  hasBlob(repository: string, digest: string): Promise<boolean> {
    return this.#http.exchange(
      this.#url(repository, `blobs/${digest}`),
      { method: 'HEAD', takes: [200, 404], scope: pushScope(repository) },
      async ({ status }) => status === 200,
    );
  }

  /** Goes on where a broken connection, or a command that was ended, left it. */
  pushBlob(repository: string, blob: PushedBlob, onBytes: (bytes: number) => void = () => {}): Promise<void> {
    return this.#push.push(repository, blob, onBytes);
  }

  /** The subject that the registry lists it for; undefined: it names none, or the registry keeps no such lists. */
  pushManifest(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    type: string,
  ): Promise<string | undefined> {
    return this.#http.exchange(
      this.#url(repository, `manifests/${reference}`),
      {
        ...{ method: 'PUT', takes: [201], scope: pushScope(repository), body: () => bytes },
        headers: { 'content-type': type },
      },
      async (answer) => answer.header('oci-subject'),
    );
  }

  /** Into a file, going on where an earlier try stopped; checked to the end: see `download`. */
  pull(repository: string, blob: ExpectedFile, target: string, options: DownloadOptions = {}): Promise<void> {
    const url = this.#url(repository, `blobs/${blob.digest}`);
    const ask = (headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
      this.#http.send(url, { headers, signal, scope: pullScope(repository) });
    return this.#http.repeated(url, true, options.signal, () => download(url, target, blob, ask, options));
  }

  /** A small blob, checked, of no more than so many bytes. */
  async blob(repository: string, digest: string, most: number, signal?: AbortSignal): Promise<Uint8Array> {
    const url = this.#url(repository, `blobs/${digest}`);
    const { bytes, digest: came } = await this.#small(repository, url, { most, signal });
    if (came !== digest) throw wrongBytes(url, came, digest);
    return bytes;
  }

  /** Checked against its digest where the reference is one. InputError `registry-missing`. */
  async manifest(
    repository: string,
    reference: string,
    { accept = manifestTypes, most = maxArtifactBytes, signal }: Small = {},
  ): Promise<SmallDocument> {
    const url = this.#url(repository, `manifests/${encodeURIComponent(reference)}`);
    const found = await this.#small(repository, url, { accept, most, signal });
    if (reference.startsWith('sha256:') && found.digest !== reference)
      throw wrongBytes(url, found.digest, reference);
    return found;
  }

  /** The same; undefined where there is none. */
  findManifest(repository: string, reference: string, small?: Small): Promise<SmallDocument | undefined> {
    return this.manifest(repository, reference, small).catch(absent);
  }

  /** The index of what refers to a manifest; registries without that API keep it under a tag. */
  async referrers(
    repository: string,
    digest: string,
    artifactType: string,
    small: Omit<Small, 'accept'>,
  ): Promise<SmallDocument | undefined> {
    const query = `artifactType=${encodeURIComponent(artifactType)}`;
    const url = this.#url(repository, `referrers/${digest}?${query}`);
    const index = { ...small, accept: imageIndexType };
    const listed = await this.#small(repository, url, index).catch(absent);
    return listed ?? this.findManifest(repository, digest.replace(':', '-'), index);
  }

  #small(repository: string, url: string, { accept, most = 0, signal }: Small): Promise<SmallDocument> {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    return this.#http.exchange(url, { headers, scope: pullScope(repository), signal }, async (answer) => {
      refuseWebPage(url, answer);
      const bytes = await readSmall(answer, most, url);
      return { bytes, digest: digestOf(bytes), mediaType: answer.header('content-type') ?? '' };
    });
  }

  #url(repository: string, rest: string): string {
    return `${this.url}/v2/${repository}/${rest}`;
  }
}

/** A registry that does not know what it is asked has not what is asked for. */
function absent(error: unknown): undefined {
  const isAbsent =
    error instanceof GoshawkError && (error.code === 'registry-missing' || error.code === 'registry-answer');
  if (!isAbsent) throw error;
}
