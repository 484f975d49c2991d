import { type Reference, tagOf } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';
import { packFolder } from './packed-folder.ts';
import { pushArtifact } from './push-artifact.ts';
import { pushForms } from './push-forms.ts';
import { describeReference, type RegistryOptions, targetOf } from './target.ts';
import { expectVersionFree } from './version-free.ts';

export interface PushedModel {
  readonly name: string;
  readonly version: string;
  /** The bundle's. */
  readonly digest: string;
  /** The artifact's. */
  readonly manifestDigest: string;
  readonly reference: string;
  /** Bytes that were sent, and that the registry had already. */
  readonly sentBytes: number;
  readonly presentBytes: number;
  /** Smaller forms of its files that were pushed beside it; undefined where this machine can make none. */
  readonly forms: number | undefined;
}

/** Pushes a bundle as an artifact. What the registry has already is not sent; the manifest is sent last. */
export async function pushModel(
  folder: string,
  reference: string | undefined,
  options: RegistryOptions & { readonly bases?: readonly string[] },
  ports: WorkPorts,
): Promise<PushedModel> {
  const { bundle, packed, blobs } = await packFolder(folder);
  const { name, version } = bundle.manifest;
  const target = await targetOf(reference, bundle.manifest, options, ports);
  const whole = withTag(target.reference, version);
  await expectVersionFree(target.client, whole, { version, digest: bundle.digest });
  const { listed: _, ...sent } = await pushArtifact(target.client, whole, packed.manifest, blobs, ports);
  const forms = await pushForms(
    target.client,
    whole,
    packed.manifest,
    { bundle: folder, bases: options.bases ?? [] },
    ports,
  );
  return {
    forms,
    ...{ name, version, digest: bundle.digest, manifestDigest: packed.manifest.descriptor.digest },
    reference: describeReference(whole),
    ...sent,
  };
}

/** Without a tag the version is one. */
export function withTag(reference: Reference, version: string): Reference {
  return reference.tag === undefined ? { ...reference, tag: tagOf(version) } : reference;
}
