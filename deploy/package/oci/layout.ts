/* An OCI image layout (image-spec 1.1) written by hand: blobs by their digest, and an index that names them. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../architecture.ts';

export const mediaTypes = {
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
} as const;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: {
    readonly os: 'linux';
    readonly architecture: Architecture;
    readonly variant?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A folder that is made anew. */
export class OciLayout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  }

  blob(mediaType: string, bytes: Uint8Array): Descriptor {
    const digest = digestOf(bytes);
    writeFileSync(join(this.folder, 'blobs', 'sha256', digest.slice('sha256:'.length)), bytes);
    return { mediaType, digest, size: bytes.length };
  }

  json(mediaType: string, value: unknown): Descriptor {
    return this.blob(mediaType, Buffer.from(JSON.stringify(value)));
  }

  /**
   * The tag is one image for several processors, as a registry would have it; with the processor's name behind it, the image for
   * that one: umoci calls a tag ambiguous that leaves a choice.
   */
  finish(tag: string, manifests: readonly Descriptor[]): void {
    const index = this.json(mediaTypes.index, {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests,
    });
    const named = (descriptor: Descriptor, name: string): Descriptor => ({
      ...descriptor,
      annotations: { 'org.opencontainers.image.ref.name': name },
    });
    const single = manifests.map((one) => named(one, `${tag}-${one.platform?.architecture}`));
    const top = {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [named(index, tag), ...single],
    };
    writeFileSync(join(this.folder, 'index.json'), JSON.stringify(top));
  }
}
