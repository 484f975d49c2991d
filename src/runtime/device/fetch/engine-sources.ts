import { type DownloadIdentity, RegistryClient } from '../../../adapters/oci/index.ts';
import {
  type Bundle,
  type Descriptor,
  type EngineOffer,
  engineArtifactType,
  engineKeyAnnotation,
  largestOffer,
  offerIn,
  parseOffer,
  repositoryOf,
  tagOf,
} from '../../../model/index.ts';
import { small } from './registry-source.ts';

/** A plan that somebody offers. Nothing of it is checked but its form. */
export interface FoundEngine {
  readonly offer: EngineOffer;
  /** Its bytes into a file, held to the digest of the offer. */
  pull(target: string, signal: AbortSignal): Promise<void>;
}

/** A place with plans of this fleet. */
export interface EngineSource {
  readonly where: string;
  find(key: string, bundle: Bundle, signal: AbortSignal): Promise<readonly FoundEngine[]>;
}

const peerRepository = 'engines';

/** Another device. */
export class PeerEngineSource implements EngineSource {
  readonly where: string;
  readonly #client: RegistryClient;

  constructor(client: RegistryClient) {
    this.#client = client;
    this.where = client.url;
  }

  async find(key: string, _bundle: Bundle, signal: AbortSignal): Promise<readonly FoundEngine[]> {
    const found = await this.#client.findManifest(peerRepository, key, {
      ...{ accept: 'application/json', most: largestOffer, signal },
    });
    if (found === undefined) return [];
    return [foundEngine(this.#client, peerRepository, parseOffer(jsonOf(found.bytes), key))];
  }
}

/** A registry: plans refer to the artifact of their bundle. */
export class RegistryEngineSource implements EngineSource {
  readonly where: string;
  readonly #client: RegistryClient;
  readonly #prefix: string;

  constructor(client: RegistryClient, prefix = '') {
    this.#client = client;
    this.#prefix = prefix;
    this.where = client.url;
  }

  async find(key: string, { manifest }: Bundle, signal: AbortSignal): Promise<readonly FoundEngine[]> {
    const repository = repositoryOf(manifest.name, this.#prefix);
    const read = (reference: string) => this.#client.findManifest(repository, reference, small(signal));
    const subject = await read(tagOf(manifest.version));
    if (subject === undefined) return [];
    const listed = await this.#client.referrers(
      ...([repository, subject.digest, engineArtifactType, small(signal)] as const),
    );
    const found: FoundEngine[] = [];
    for (const { digest } of ofKey(listed && jsonOf(listed.bytes), key).slice(0, mostOffers)) {
      const artifact = await read(digest);
      const config = artifact === undefined ? undefined : offerIn(jsonOf(artifact.bytes));
      if (config === undefined) continue;
      const bytes = await this.#client.blob(repository, config.digest, largestOffer, signal);
      const offer = offerOf(bytes, key);
      if (offer !== undefined) found.push(foundEngine(this.#client, repository, offer));
    }
    return found;
  }
}

/** The registry of a device that may be enrolled later. */
export class LateRegistryEngines implements EngineSource {
  readonly #url: () => string | undefined;
  readonly #identity: () => DownloadIdentity | undefined;
  readonly #prefix: string;

  constructor(url: () => string | undefined, identity: () => DownloadIdentity | undefined, prefix: string) {
    this.#url = url;
    this.#identity = identity;
    this.#prefix = prefix;
  }

  get where(): string {
    return this.#url() ?? 'the registry';
  }

  async find(key: string, bundle: Bundle, signal: AbortSignal): Promise<readonly FoundEngine[]> {
    const url = this.#url();
    if (url === undefined) return [];
    const client = new RegistryClient({ url, identity: this.#identity });
    return new RegistryEngineSource(client, this.#prefix).find(key, bundle, signal);
  }
}

/** As many as the controller keeps of one kind. */
const mostOffers = 3;

function foundEngine(client: RegistryClient, repository: string, offer: EngineOffer): FoundEngine {
  const blob = { digest: `sha256:${offer.plan.sha256}`, size: offer.plan.size };
  return { offer, pull: (target, signal) => client.pull(repository, blob, target, { signal }) };
}

/** Undefined for what is none: the next may be one. */
function offerOf(bytes: Uint8Array, key: string): EngineOffer | undefined {
  try {
    return parseOffer(jsonOf(bytes), key);
  } catch {
    return undefined;
  }
}

function ofKey(index: unknown, key: string): readonly Pick<Descriptor, 'digest'>[] {
  const { manifests } = (index ?? {}) as { readonly manifests?: unknown };
  if (!Array.isArray(manifests)) return [];
  return manifests.filter(
    (entry: Partial<Descriptor> | null) =>
      entry?.artifactType === engineArtifactType &&
      entry.annotations?.[engineKeyAnnotation] === key &&
      typeof entry.digest === 'string',
  );
}

function jsonOf(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
