import { type RegistryAccess, RegistryClient } from '../../../adapters/oci/index.ts';
import {
  envelopeType,
  imageManifestType,
  parseTransferManifest,
  repositoryOf,
  type TransferForm,
  tagOf,
  transferArtifactType,
} from '../../../model/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import { maxEnvelopeBytes, parseSealedEnvelope, type SealedEnvelope } from '../../../trust/index.ts';
import { type BundleSource, type FetchOptions, largestManifest, type WantedFile } from './bundle-source.ts';

/** Lists of forms that are looked at for one bundle. */
const mostLists = 4;

/** An OCI registry: a bundle is a repository of its name, its manifest.json and every file a blob of its own digest. */
export class RegistrySource implements BundleSource {
  readonly where: string;
  readonly #client: RegistryClient;
  readonly #prefix: string;

  /** `prefix`: what stands in front of the names of models, without the `/` between. */
  constructor(client: RegistryClient, prefix = '') {
    this.#client = client;
    this.#prefix = prefix;
    this.where = client.url;
  }

  async manifest(model: DesiredModel, signal: AbortSignal): Promise<Uint8Array> {
    return this.#client.blob(this.#repository(model), model.digest, largestManifest, signal);
  }

  async fetch(
    model: DesiredModel,
    { digest, size }: WantedFile,
    target: string,
    options: FetchOptions,
  ): Promise<void> {
    await this.#client.pull(this.#repository(model), { digest, size }, target, options);
  }

  async forms(model: DesiredModel, signal: AbortSignal): Promise<readonly TransferForm[]> {
    const lists = await this.#referrers(model, transferArtifactType, signal);
    return lists.flatMap(({ digest, json }) => parseTransferManifest(json, `${this.where}, ${digest}`));
  }

  async envelope(model: DesiredModel, signal: AbortSignal): Promise<SealedEnvelope | undefined> {
    const artifact = await this.#artifact(model, signal);
    const digest = artifact === undefined ? undefined : envelopeIn(artifact.bytes);
    if (digest === undefined) return undefined;
    const bytes = await this.#client.blob(this.#repository(model), digest, maxEnvelopeBytes, signal);
    return parseSealedEnvelope(parseJson(bytes), `${this.where}, ${digest}`);
  }

  /** The bundle's own artifact, as its version names it. */
  #artifact(model: DesiredModel, signal: AbortSignal) {
    return this.#client.findManifest(this.#repository(model), tagOf(model.version), small(signal));
  }

  /** What refers to the bundle's artifact and is of this type. */
  async #referrers(
    model: DesiredModel,
    type: string,
    signal: AbortSignal,
  ): Promise<{ readonly digest: string; readonly json: unknown }[]> {
    const repository = this.#repository(model);
    const artifact = await this.#artifact(model, signal);
    if (artifact === undefined) return [];
    const listed = await this.#client.referrers(repository, artifact.digest, type, small(signal));
    const found: { digest: string; json: unknown }[] = [];
    for (const digest of listed === undefined ? [] : digestsIn(listed.bytes, type).slice(-mostLists)) {
      const list = await this.#client.findManifest(repository, digest, small(signal));
      if (list !== undefined) found.push({ digest, json: parseJson(list.bytes) });
    }
    return found;
  }

  /** The name stands in an order: whatever it is, it leads nowhere else in the registry. */
  #repository({ name }: DesiredModel): string {
    return repositoryOf(name, this.#prefix);
  }
}

/**
 * The registry of the device's own settings, else the controller that let it in; undefined while neither is known. No order says
 * where a model is: who can write orders must not learn the device's token, nor make it fetch from anywhere.
 */
export function latestRegistry(
  url: () => string | undefined,
  {
    prefix,
    token,
    ...access
  }: Omit<RegistryAccess, 'url' | 'authorization'> & {
    readonly prefix?: string;
    readonly token?: string | undefined;
  },
): () => BundleSource | undefined {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  let known: { readonly url: string; readonly source: RegistrySource } | undefined;
  return () => {
    const at = url();
    if (at !== undefined && known?.url !== at)
      known = {
        url: at,
        source: new RegistrySource(new RegistryClient({ ...access, authorization, url: at }), prefix),
      };
    return at === undefined ? undefined : known?.source;
  };
}

/** Of a manifest or an index, and no more than one may have. */
export function small(signal: AbortSignal) {
  return { accept: imageManifestType, most: largestManifest, signal };
}

/** The envelope among the layers of a bundle's artifact. */
function envelopeIn(bytes: Uint8Array): string | undefined {
  const { layers } = (parseJson(bytes) ?? {}) as { readonly layers?: unknown };
  if (!Array.isArray(layers)) return undefined;
  const found = layers.find(
    (layer: { readonly mediaType?: unknown } | null) => layer?.mediaType === envelopeType,
  );
  return typeof found?.digest === 'string' ? found.digest : undefined;
}

/** Those of an index that are of this type. */
function digestsIn(bytes: Uint8Array, type: string): string[] {
  const { manifests } = (parseJson(bytes) ?? {}) as { readonly manifests?: unknown };
  if (!Array.isArray(manifests)) return [];
  return manifests.flatMap((entry: { readonly artifactType?: unknown; readonly digest?: unknown } | null) =>
    entry?.artifactType === type && typeof entry.digest === 'string' ? entry.digest : [],
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
