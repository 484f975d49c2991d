import { mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type WrittenBlob, writeLayout } from '../../adapters/oci/index.ts';
import { type AnyManifest, type Descriptor, type NamedBytes, tagOf } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';
import { expectNothingAt } from './nothing-at.ts';
import { packFolder } from './packed-folder.ts';
import { findBundle } from './pull-model.ts';
import { describeReference, type RegistryOptions, targetOf } from './target.ts';

export interface ExportedModel {
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  readonly file: string;
  readonly sizeBytes: number;
}

/** A bundle's folder, or an artifact of a registry, as one file: an OCI image layout. */
export async function exportModel(
  source: string,
  file: string,
  options: RegistryOptions,
  ports: WorkPorts,
): Promise<ExportedModel> {
  await expectNothingAt(file);
  const isFolder = await stat(source).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return exportPulled(source, file, options, ports);
  const { bundle, packed, blobs } = await packFolder(source);
  const { descriptor, bytes } = packed.manifest;
  const own = { ...descriptor, from: bytes };
  return written(file, bundle.manifest, packed.manifest, [own, ...(blobs as readonly WrittenBlob[])]);
}

/** Fetched beside the target first, so that the tar is written of what was checked. */
async function exportPulled(
  source: string,
  file: string,
  options: RegistryOptions,
  ports: WorkPorts,
): Promise<ExportedModel> {
  const { client, reference } = await targetOf(source, undefined, options, ports);
  const found = await findBundle(client, reference);
  const folder = await mkdtemp(join(dirname(resolve(file)), '.export-'));
  const needed: readonly Descriptor[] = [found.image.config, ...found.image.layers];
  const progress = await ports.startProgress(
    `fetching ${describeReference(reference)}`,
    needed.reduce((sum, { size }) => sum + size, 0),
  );
  try {
    const blobs: WrittenBlob[] = [];
    for (const { digest, size } of needed) {
      const path = join(folder, digest.slice(7));
      await client.pull(reference.repository, { digest, size }, path, { signal: ports.signal });
      progress.advance(size);
      blobs.push({ digest, size, from: { file: path } });
    }
    const { artifact, artifactDigest: digest } = found;
    const mediaType = found.image.mediaType ?? 'application/vnd.oci.image.manifest.v1+json';
    const manifest = { bytes: artifact, descriptor: { mediaType, digest, size: artifact.byteLength } };
    const own = { digest, size: artifact.byteLength, from: artifact };
    return await written(file, found.manifest, manifest, [own, ...blobs]);
  } finally {
    progress.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function written(
  file: string,
  { name, version }: AnyManifest,
  manifest: NamedBytes,
  blobs: readonly WrittenBlob[],
): Promise<ExportedModel> {
  await writeLayout(file, { manifest: manifest.descriptor, tag: tagOf(version) }, blobs);
  const { size } = await stat(file);
  return { ...{ name, version, file, sizeBytes: size }, manifestDigest: manifest.descriptor.digest };
}
