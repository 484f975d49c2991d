import type { RegistryClient } from '../../../adapters/downloads/index.ts';
import { InputError } from '../../../base/index.ts';
import { parseTransferManifest, type TransferForm, transferArtifactType } from '../../../model/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import { type BundleSource, type FetchOptions, largestManifest, type WantedFile } from './bundle-source.ts';

const imageManifest = 'application/vnd.oci.image.manifest.v1+json';
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

  /** Whether there is a registry at all. */
  isThere(signal: AbortSignal): Promise<boolean> {
    return this.#client.isThere(signal);
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
    const repository = this.#repository(model);
    const tag = model.version.replaceAll('+', '_');
    const artifact = await this.#client.manifest(repository, tag, imageManifest, largestManifest, signal);
    if (artifact === undefined) return [];
    const listed = await this.#client.referrers(
      ...([repository, artifact.digest, transferArtifactType, largestManifest, signal] as const),
    );
    const lists = listed === undefined ? [] : digestsIn(listed.bytes).slice(0, mostLists);
    const forms: TransferForm[] = [];
    for (const digest of lists) {
      const list = await this.#client.manifest(repository, digest, imageManifest, largestManifest, signal);
      if (list === undefined || list.digest !== digest) continue;
      forms.push(...parseTransferManifest(parseJson(list.bytes), `${this.where}, ${digest}`));
    }
    return forms;
  }

  /** The name stands in an order: it may lead nowhere else in the registry. */
  #repository({ name }: DesiredModel): string {
    if (/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(name))
      return this.#prefix === '' ? name : `${this.#prefix}/${name}`;
    throw new InputError(
      'registry-name',
      `"${name}" can't be the name of a repository.`,
      'Give the model a name of small letters and digits, with single dots, underscores or hyphens between.',
    );
  }
}

/** Those of an index that list transfer forms. */
function digestsIn(bytes: Uint8Array): string[] {
  const { manifests } = (parseJson(bytes) ?? {}) as { readonly manifests?: unknown };
  if (!Array.isArray(manifests)) return [];
  return manifests.flatMap((entry: { readonly artifactType?: unknown; readonly digest?: unknown } | null) =>
    entry?.artifactType === transferArtifactType && typeof entry.digest === 'string' ? entry.digest : [],
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
