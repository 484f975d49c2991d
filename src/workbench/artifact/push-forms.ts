import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistryClient } from '../../adapters/oci/index.ts';
import { encodeUtf8 } from '../../base/index.ts';
import {
  emptyConfig,
  imageIndexType,
  type NamedBytes,
  type Reference,
  referrersTag,
  transferArtifactType,
  transferManifest,
  withReferrer,
} from '../../model/index.ts';
import { digestOf } from '../../platform/index.ts';
import type { WorkPorts } from '../ports.ts';
import { makeForms } from '../transfer/make-forms.ts';
import { pushArtifact } from './push-artifact.ts';

/** A registry that keeps no list of what refers to an artifact: clients look under a tag. */
async function listUnderTag(
  client: RegistryClient,
  repository: string,
  subject: string,
  { descriptor }: NamedBytes,
): Promise<void> {
  const tag = referrersTag(subject);
  const known = await client.findManifest(repository, tag);
  const index = withReferrer(known?.bytes, { ...descriptor, artifactType: transferArtifactType });
  if (index !== undefined) await client.pushManifest(repository, tag, index, imageIndexType);
}

/**
 * Pushes smaller forms of a bundle's files, and the list of them, which refers to the bundle's artifact. Says how many;
 * undefined where this machine has no zstd.
 */
export async function pushForms(
  client: RegistryClient,
  reference: Reference,
  subject: NamedBytes,
  { bundle, bases }: { readonly bundle: string; readonly bases: readonly string[] },
  ports: WorkPorts,
): Promise<number | undefined> {
  const out = await mkdtemp(join(tmpdir(), 'goshawk-forms-'));
  try {
    const forms = await makeForms({ ...{ bundle, bases, out }, signal: ports.signal });
    if (forms === undefined || forms.length === 0) return forms?.length;
    const bytes = encodeUtf8(JSON.stringify(transferManifest(subject.descriptor, forms)));
    const list: NamedBytes = {
      bytes,
      descriptor: {
        mediaType: subject.descriptor.mediaType,
        digest: digestOf(bytes),
        size: bytes.byteLength,
      },
    };
    const blobs = forms.map(({ digest, size, path }) => ({ digest, size, from: { file: path } }));
    const config = { digest: emptyConfig.digest, size: emptyConfig.size, from: encodeUtf8('{}') };
    const { tag: _, ...own } = reference;
    const { listed } = await pushArtifact(client, own, list, [config, ...blobs], ports);
    if (!listed) await listUnderTag(client, own.repository, subject.descriptor.digest, list);
    return forms.length;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
