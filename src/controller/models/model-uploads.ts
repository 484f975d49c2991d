import type { ModelUpload, TakenModel } from '../../api/index.ts';
import { decodeUtf8, MissingError } from '../../base/index.ts';
import {
  type AnyManifest,
  bundleFiles,
  type DigestOf,
  imageManifestType,
  packBundle,
  parseAnyManifest,
  repositoryOf,
  tagOf,
} from '../../model/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { OciRegistry } from '../registry/oci-registry.ts';
import type { ModelRegistry } from './model-registry.ts';

export interface ModelUploadsPorts {
  readonly models: Pick<ModelRegistry, 'expectFree'>;
  readonly oci: Pick<OciRegistry, 'issueToken' | 'callerOf' | 'blob' | 'keepBytes' | 'putManifest'>;
  readonly digestOf: DigestOf;
}

/**
 * Models that a browser brings: it sends the files to the registry by the digests of manifest.json, and the artifact is made
 * here. A browser on plain HTTP has no SHA-256.
 */
export class ModelUploads {
  readonly #ports: ModelUploadsPorts;

  constructor(ports: ModelUploadsPorts) {
    this.#ports = ports;
  }

  async plan(caller: Caller, json: Uint8Array): Promise<ModelUpload> {
    const { oci } = this.#ports;
    const { manifest, digest, repository } = this.#read(json);
    const { name, version } = manifest;
    const unique = new Map(bundleFiles(manifest).map((file) => [file.digest, file]));
    const files = await Promise.all(
      [...unique.values()].map(async (file) => ({
        ...{ path: file.path, digest: file.digest, size: file.size },
        present: await this.#has(repository, file.digest),
      })),
    );
    const { token, expiresInSeconds } = oci.issueToken(oci.callerOf(caller), [
      { type: 'repository', name: repository, actions: ['pull', 'push'] },
    ]);
    return { name, version, digest, repository, token, expiresInSeconds, files };
  }

  async finish(caller: Caller, json: Uint8Array): Promise<TakenModel> {
    const { oci, digestOf } = this.#ports;
    const { manifest, digest, repository } = this.#read(json);
    const { name, version } = manifest;
    const packed = packBundle(json, manifest, digestOf);
    await oci.keepBytes(repository, [
      { bytes: json, digest },
      { ...packed.config, digest: packed.config.descriptor.digest },
    ]);
    await oci.putManifest(caller, repository, tagOf(version), async () => packed.manifest.bytes, {
      contentType: imageManifestType,
    });
    return { name, version, digest };
  }

  #read(json: Uint8Array): {
    readonly manifest: AnyManifest;
    readonly digest: string;
    readonly repository: string;
  } {
    const manifest = parseAnyManifest(decodeUtf8(json), 'manifest.json');
    const digest = this.#ports.digestOf(json);
    this.#ports.models.expectFree({ name: manifest.name, version: manifest.version, digest });
    return { manifest, digest, repository: repositoryOf(manifest.name) };
  }

  async #has(repository: string, digest: string): Promise<boolean> {
    try {
      await this.#ports.oci.blob(repository, digest, { verified: true });
      return true;
    } catch (error) {
      if (error instanceof MissingError) return false;
      throw error;
    }
  }
}
