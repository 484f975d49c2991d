import { resolve } from 'node:path';
import {
  digestOf,
  envelopeName,
  filesOnDisk,
  readAnyBundle,
  StagedBundle,
} from '../../adapters/filesystem/index.ts';
import type { RegistryClient } from '../../adapters/oci/index.ts';
import { decodeUtf8, GoshawkError, InputError, LimitError, MissingError } from '../../base/index.ts';
import {
  type AnyManifest,
  type ArtifactManifest,
  type Bundle,
  bundleLayerOf,
  checkBundleArtifact,
  type Descriptor,
  envelopeLayerOf,
  type ImageManifest,
  maxBundleManifestBytes,
  parseAnyManifest,
  type Reference,
  readArtifact,
} from '../../model/index.ts';
import {
  expectEnvelopeOf,
  maxEnvelopeBytes,
  parseSealedEnvelope,
  type SealedEnvelope,
} from '../../trust/index.ts';
import type { WorkPorts } from '../ports.ts';
import { expectNothingAt } from './nothing-at.ts';
import { describeReference, type RegistryOptions, targetOf } from './target.ts';

export interface PulledModel extends Bundle<AnyManifest> {
  readonly reference: string;
}

/** Into a folder that is whole or not there. What an earlier try left is gone on with. */
export async function pullModel(
  reference: string,
  { out, ...options }: RegistryOptions & { readonly out: string },
  ports: WorkPorts,
): Promise<PulledModel> {
  await expectNothingAt(out);
  const { client, reference: named } = await targetOf(reference, undefined, options, ports);
  const found = await findBundle(client, named);
  const { repository } = named;
  const bundle = await writeStaged(out, found, ports, (file, path, onBytes) =>
    client.pull(repository, file, path, { onBytes, signal: ports.signal }),
  );
  return { ...bundle, reference: describeReference(named) };
}

/** A bundle of which the manifests are known and the files are not here yet. */
export interface FoundBundle {
  readonly artifact: Uint8Array;
  readonly artifactDigest: string;
  readonly image: ImageManifest;
  readonly json: Uint8Array;
  readonly manifest: AnyManifest;
  /** Where its networks are encrypted: for whom, and the bytes that say so. */
  readonly sealed: { readonly bytes: Uint8Array; readonly envelope: SealedEnvelope } | undefined;
}

/** MissingError `model-unknown` for a reference that the registry does not hold. */
export async function findBundle(client: RegistryClient, reference: Reference): Promise<FoundBundle> {
  const { repository, tag, digest } = reference;
  const found = await client.manifest(repository, digest ?? tag ?? 'latest').catch((error: unknown) => {
    if (!(error instanceof GoshawkError) || error.code !== 'registry-missing') throw error;
    throw new MissingError(
      'model-unknown',
      `The registry holds no ${describeReference(reference)}.`,
      'Check the name and the tag. goshawk model list shows what the controller holds.',
      { cause: error },
    );
  });
  const read = (layer: Descriptor) => client.blob(repository, layer.digest, layer.size);
  return readFoundBundle(found.bytes, found.digest, readArtifact(found.bytes, found.mediaType), read);
}

/** InputError `artifact-no-bundle` for an artifact that is something else. */
export async function readFoundBundle(
  artifact: Uint8Array,
  artifactDigest: string,
  read: ArtifactManifest,
  readBlob: (layer: Descriptor) => Promise<Uint8Array>,
): Promise<FoundBundle> {
  const layer = read.kind === 'image' ? bundleLayerOf(read.image) : undefined;
  if (read.kind !== 'image' || layer === undefined || layer.size > maxBundleManifestBytes)
    throw new InputError(
      'artifact-no-bundle',
      'The artifact is not a bundle of Goshawk.',
      'Push one with goshawk model push; a foreign network becomes one with goshawk model import.',
    );
  const json = await readBlob(layer);
  const manifest = parseAnyManifest(decodeUtf8(json), 'manifest.json');
  checkBundleArtifact(read.image, manifest);
  const sealed = await sealedBy(read.image, digestOf(json), readBlob);
  return { artifact, artifactDigest, image: read.image, json, manifest, sealed };
}

async function sealedBy(
  image: ImageManifest,
  bundle: string,
  readBlob: (layer: Descriptor) => Promise<Uint8Array>,
): Promise<FoundBundle['sealed']> {
  const layer = envelopeLayerOf(image);
  if (layer === undefined) return undefined;
  if (layer.size > maxEnvelopeBytes)
    throw new LimitError(
      'artifact-size',
      `The list of devices that may read the bundle has ${layer.size} bytes; ${maxEnvelopeBytes} are taken.`,
      'Encrypt it for fewer devices.',
    );
  const bytes = await readBlob(layer);
  const envelope = parseSealedEnvelope(parsed(bytes), envelopeName);
  expectEnvelopeOf(envelope, bundle);
  return { bytes, envelope };
}

/** Undefined for what is no JSON, which is then no envelope. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch {
    return undefined;
  }
}

/** Fetches every file beside the target, verifies all of it, and gives the folder its name. */
export async function writeStaged(
  out: string,
  { json, manifest, sealed }: FoundBundle,
  { startProgress }: WorkPorts,
  fetchFile: (
    file: { readonly digest: string; readonly size: number },
    path: string,
    onBytes: (bytes: number) => void,
  ) => Promise<void>,
): Promise<Bundle<AnyManifest>> {
  const target = resolve(out);
  const files = filesOnDisk({ manifest }, sealed?.envelope);
  const staged = new StagedBundle(
    digestOf(json),
    `${target}.pulling`,
    target,
    async () => undefined,
    readAnyBundle,
  );
  const progress = await startProgress(
    'pulling',
    files.reduce((sum, { size }) => sum + size, 0),
  );
  try {
    await staged.write('manifest.json', json);
    // An earlier try may have found it encrypted for others, or not at all.
    if (sealed === undefined) await staged.remove(envelopeName);
    else await staged.write(envelopeName, sealed.bytes);
    for (const file of files) {
      let shown = 0;
      await fetchFile(file, await staged.pathOf(file.path), (bytes) => {
        progress.advance(Math.max(0, bytes - shown), file.path);
        shown = Math.max(shown, bytes);
      });
    }
    return await staged.commit();
  } finally {
    progress.stop();
  }
}
