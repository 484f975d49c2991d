import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { digestOf } from '../../adapters/filesystem/index.ts';
import { LayoutFile } from '../../adapters/oci/index.ts';
import { InputError } from '../../base/index.ts';
import type { Descriptor } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';
import { expectNothingAt } from './nothing-at.ts';
import type { BundleBlob } from './packed-folder.ts';
import { type FoundBundle, readFoundBundle, writeStaged } from './pull-model.ts';
import { pushArtifact } from './push-artifact.ts';
import { type PushedModel, withTag } from './push-model.ts';
import { describeReference, type RegistryOptions, targetOf } from './target.ts';
import { expectVersionFree } from './version-free.ts';

export interface LoadOptions extends RegistryOptions {
  /** Write the bundle into this folder instead of pushing it. */
  readonly out?: string | undefined;
  /** Push to it instead of the controller: `host:port/name[:tag]`. */
  readonly registry?: string | undefined;
  /** Which one, where the layout has several bundles. */
  readonly tag?: string | undefined;
}

export interface LoadedModel extends Omit<PushedModel, 'reference' | 'sentBytes' | 'presentBytes' | 'forms'> {
  /** Where it is now: a reference, or a folder. */
  readonly at: string;
}

/** Brings a bundle out of an image layout to a registry, or into a folder. */
export async function loadModel(path: string, options: LoadOptions, ports: WorkPorts): Promise<LoadedModel> {
  const layout = await LayoutFile.open(path);
  const found = await chosen(layout, path, options.tag);
  const { name, version } = found.manifest;
  const loaded = { name, version, manifestDigest: found.artifactDigest };
  if (options.out !== undefined) {
    await expectNothingAt(options.out);
    const { digest } = await writeStaged(options.out, found, ports, async (file, target) => {
      const { file: from, start, size } = await layout.place(file);
      const end = start + size - 1;
      await pipeline(size === 0 ? [] : createReadStream(from, { start, end }), createWriteStream(target));
    });
    return { ...loaded, digest, at: options.out };
  }
  const { client, reference } = await targetOf(options.registry, found.manifest, options, ports);
  const whole = withTag(reference, version);
  await expectVersionFree(client, whole, { version, digest: digestOf(found.json) });
  const blobs: BundleBlob[] = [];
  for (const { digest, size } of [found.image.config, ...found.image.layers] as readonly Descriptor[])
    blobs.push({ digest, size, from: await layout.place({ digest, size }) });
  const mediaType = found.image.mediaType ?? 'application/vnd.oci.image.manifest.v1+json';
  const descriptor = { mediaType, digest: found.artifactDigest, size: found.artifact.byteLength };
  await pushArtifact(client, whole, { bytes: found.artifact, descriptor }, blobs, ports);
  return { ...loaded, digest: digestOf(found.json), at: describeReference(whole) };
}

async function chosen(layout: LayoutFile, path: string, tag: string | undefined): Promise<FoundBundle> {
  const all = await layout.entries();
  const wanted = all.filter((entry) => tag === undefined || entry.tag === tag);
  const [entry, ...more] = wanted;
  if (entry === undefined || more.length > 0)
    throw new InputError(
      'layout-choice',
      `${path} has ${wanted.length} artifacts${tag === undefined ? '' : ` with the tag ${tag}`}.`,
      `Choose one with --tag: ${all.map((one) => one.tag ?? 'without a tag').join(', ')}.`,
    );
  return readFoundBundle(entry.bytes, entry.digest, entry.manifest, (layer) => layout.bytes(layer));
}
